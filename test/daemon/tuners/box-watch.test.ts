import test from 'ava';
import type { About, BoxTimer, StatusInfo } from '#daemon/receiver/model.ts';
import type { BoxPicture } from '#daemon/tuners/box-picture.ts';
import { BoxWatch } from '#daemon/tuners/box-watch.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { ManualClock } from '#test/helpers/manual-clock.ts';

const ABOUT: About = {
  brand: null,
  model: 'Duo²',
  boxType: null,
  imageDistro: null,
  imageVersion: null,
  enigmaVersion: null,
  webifVersion: null,
  tuners: [{ name: 'Tuner A', type: 'DVB-S2', live: '', recording: '', stream: '' }],
  streams: [],
  macs: [],
};
const AWAKE: StatusInfo = {
  standby: false,
  recording: false,
  streaming: false,
  currentService: { ref: '1:0:19:283D:3FB:1:C00000:0:0:0:', name: 'Das Erste' },
};

function watched() {
  const clock = new ManualClock();
  const asked = { about: 0, status: 0, timers: 0 };
  const box = { about: ABOUT, status: AWAKE, timers: [] as BoxTimer[], failure: null as Error | null };
  const answer = <Value>(name: keyof typeof asked, value: () => Value): Promise<Value> => {
    asked[name]++;
    return box.failure === null ? Promise.resolve(value()) : Promise.reject(box.failure);
  };
  const pictures: BoxPicture[] = [];
  const losses: string[] = [];
  const watch = new BoxWatch({
    box: {
      about: () => answer('about', () => box.about),
      statusInfo: () => answer('status', () => box.status),
      timers: () => answer('timers', () => box.timers),
    },
    name: 'box',
    clock,
    logger: createSilentLogger(),
    onPicture: (picture) => pictures.push(picture),
    onLost: (why) => losses.push(why),
  });
  return { watch, clock, asked, box, pictures, losses };
}

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((all, one) => all + one, 0);

test('an idle hour costs a box fewer than forty requests', async (t) => {
  const { watch, clock, asked } = watched();
  watch.start();
  await clock.advance(3_600_000);
  t.log(asked);
  t.true(sum(asked) < 40, `${sum(asked)} requests`);
  t.true(asked.status >= 12);
  watch.stop();
  t.is(clock.pending, 0);
});

test('an hour of watching costs less than one request in six seconds, and about the fewest', async (t) => {
  const { watch, clock, asked } = watched();
  watch.start();
  await clock.advance(1_000);
  watch.setPace('active');
  await clock.advance(3_600_000);
  t.log(asked);
  t.true(sum(asked) < 600, `${sum(asked)} requests`);
  t.true(asked.about <= 31);
});

test('a hundred who wait for a decision cause one look, and zapping does not cause a storm', async (t) => {
  const { watch, clock, asked } = watched();
  watch.start();
  await clock.advance(1_000);
  await clock.advance(5_000);
  await Promise.all(Array.from({ length: 100 }, () => watch.refresh({ maxAgeMs: 1_000 })));
  t.deepEqual(asked, { about: 2, status: 2, timers: 2 });
  for (let zap = 0; zap < 100; zap++) {
    watch.setPace('active');
    await clock.advance(50);
    watch.setPace('idle');
    await clock.advance(50);
  }
  t.true(asked.status <= 4, `${asked.status} in ten seconds of zapping`);
});

test('news in the status is followed up at once: what the tuners do, and the timers', async (t) => {
  const { watch, clock, asked, box, pictures } = watched();
  watch.start();
  watch.setPace('active');
  await clock.advance(14_000);
  t.is(asked.about, 1);
  box.status = { ...AWAKE, standby: true, currentService: null };
  await clock.advance(2_000);
  t.is(asked.about, 2);
  t.true(pictures.at(-1)?.standby);
});

test('a box that is gone is told of once for each attempt, and asked ever less', async (t) => {
  const { watch, clock, asked, box, losses, pictures } = watched();
  box.failure = new Error('no route');
  watch.start();
  await clock.advance(3_600_000);
  t.true(asked.status < 30, `${asked.status} attempts in an hour`);
  t.is(losses[0], 'no route');
  box.failure = null;
  await clock.advance(300_000);
  t.is(pictures.length, 1);
  watch.stop();
  t.is(clock.pending, 0);
});
