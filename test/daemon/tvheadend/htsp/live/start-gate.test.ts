import test from 'ava';
import type { AccessUnit } from '#daemon/tvheadend/htsp/demux/access-unit.ts';
import type { Track } from '#daemon/tvheadend/htsp/demux/track.ts';
import { StartGate } from '#daemon/tvheadend/htsp/live/start-gate.ts';
import type { Pid } from '#shared/mpegts/types.ts';

const VIDEO: Track = {
  kind: 'video',
  index: 1,
  pid: 256 as Pid,
  codec: 'h264',
  type: 'H264',
  language: null,
  format: null,
};
const AUDIO: Track = {
  kind: 'audio',
  index: 2,
  pid: 257 as Pid,
  codec: 'mpeg-audio',
  type: 'MPEG2AUDIO',
  language: null,
  audioType: 0,
  sound: null,
};

function unit(track: number, picture: AccessUnit['picture'], dts: number, pts: number | null = dts): AccessUnit {
  return {
    track,
    picture,
    isEntry: picture === null || picture === 'I',
    pts,
    dts,
    ticks: 3_600,
    bytes: Buffer.alloc(1),
  };
}

test('it begins with a picture that stands alone; nothing that is shown or heard before it goes', (t) => {
  const gate = new StartGate([VIDEO, AUDIO]);
  const passes = (units: readonly AccessUnit[]): boolean[] => units.map((one) => gate.passes(one));
  t.deepEqual(passes([unit(2, null, 0), unit(1, 'P', 0), unit(1, 'B', 3_600)]), [false, false, false]);
  t.true(gate.passes(unit(1, 'I', 7_200, 18_000)));
  t.is(gate.firstDts, 7_200);
  t.false(gate.passes(unit(1, 'B', 10_800, 10_800)), 'it leans on a picture that is not there');
  t.false(gate.passes(unit(1, 'B', 14_400, 14_400)));
  t.deepEqual(passes([unit(2, null, 17_000), unit(2, null, 18_000)]), [false, true]);
  t.deepEqual(passes([unit(1, 'P', 18_000, 28_800), unit(1, 'B', 21_600, 21_600)]), [true, true]);
});

test('radio begins with its first sound', (t) => {
  const gate = new StartGate([AUDIO]);
  t.true(gate.passes(unit(2, null, 500)));
  t.is(gate.firstDts, 500);
});

test('a stream without any picture to begin with is let through at last', (t) => {
  const gate = new StartGate([VIDEO]);
  let passed = 0;
  for (let at = 0; at < 4_000; at++) if (gate.passes(unit(1, 'P', at * 3_600))) passed++;
  t.true(passed > 900 && passed < 1_100, `${passed}`);
});
