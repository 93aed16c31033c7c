import test from 'ava';
import { FaultCounters } from '#shared/mpegts/faults.ts';
import { type Pcr27m, TIMESTAMP_MODULO, wrapPcr, wrapPts } from '#shared/mpegts/types.ts';
import { AudioMargin } from '#transcoder/remux/audio-margin.ts';

function parts() {
  const holds: number[] = [];
  const programme = {
    lastPcr: null as Pcr27m | null,
    holdTicks: 0,
    setHold(ticks: number) {
      holds.push(ticks / 27_000);
      this.holdTicks = ticks;
    },
  };
  const faults = new FaultCounters();
  const margin = new AudioMargin(programme, faults);
  /** An access unit whose PTS lies so long after the clock. */
  const note = (milliseconds: number, pcr = 27_000_000): void => {
    programme.lastPcr = wrapPcr(pcr);
    margin.note(wrapPts(Math.floor(pcr / 300) + milliseconds * 90));
  };
  return { programme, faults, margin, note, holds };
}

test('nothing is known before the first PCR', (t) => {
  const { margin, holds } = parts();
  margin.note(wrapPts(90_000));
  t.is(margin.minTicks, null);
  t.deepEqual(holds, []);
});

test('sound that comes early enough holds nothing back, and the least margin is kept', (t) => {
  const { margin, note, holds } = parts();
  for (const milliseconds of [300, 80, 500]) note(milliseconds);
  t.deepEqual(holds, []);
  t.is(margin.minTicks, 80 * 90);
});

test('where the margin is too small, the rest is held back by the deficit in steps of 20 ms', (t) => {
  const { note, holds } = parts();
  note(75);
  t.deepEqual(holds, [20]);
  note(75);
  t.deepEqual(holds, [20], 'the hold counts for the margin');
  note(30);
  t.deepEqual(holds, [20, 60]);
  note(-100);
  t.deepEqual(holds, [20, 60, 180]);
});

test('the hold is never taken back, so that no packet has to overtake another', (t) => {
  const { note, holds } = parts();
  note(0);
  note(1000);
  t.deepEqual(holds, [80]);
});

test('no more than 400 ms are held; what is late then is counted', (t) => {
  const { note, holds, faults } = parts();
  note(-5000);
  t.deepEqual(holds, [400]);
  t.is(faults.get('late-audio'), 0);
  note(-300);
  t.is(faults.get('late-audio'), 0, '100 ms early thanks to the hold');
  note(-401);
  note(-5000);
  t.is(faults.get('late-audio'), 2);
  t.deepEqual(holds, [400]);
});

test('across the wrap of the clock the margin is what it is', (t) => {
  const { margin, note, holds } = parts();
  note(100, (TIMESTAMP_MODULO - 45) * 300);
  t.is(margin.minTicks, 9000);
  t.deepEqual(holds, []);
});
