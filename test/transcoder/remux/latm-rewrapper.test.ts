import test from 'ava';
import { ADTS_HEADER, writeAdtsHeader } from '#shared/codec/adts.ts';
import { FrameSplitter } from '#shared/codec/frame-splitter.ts';
import { parseLoasHeader } from '#shared/codec/loas.ts';
import { runFfmpeg } from '#test/helpers/ffmpeg-program.ts';
import { decodeErrors, probeStreams } from '#test/helpers/ffprobe.ts';
import { realDataPath } from '#test/helpers/real-data.ts';
import { LatmRewrapper } from '#transcoder/remux/latm-rewrapper.ts';
import { decodedPcm } from '../support/encoded.ts';
import { latmFrame } from '../support/latm-builder.ts';

const UNIT = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 37 + 11) & 0xff));

function rewrapper() {
  const units: { readonly bytes: Buffer; readonly pts: number; readonly rate: number; readonly channels: number }[] =
    [];
  const latm = new LatmRewrapper(({ bytes, pts, rateIndex, channelConfiguration }) => {
    units.push({ bytes: Buffer.from(bytes), pts, rate: rateIndex, channels: channelConfiguration });
  });
  return { latm, units };
}

test('access units come out bit for bit with the PTS of their frame, and counted on where it has none', (t) => {
  const { latm, units } = rewrapper();
  t.is(latm.push(latmFrame({}, [UNIT]), 90_000), 'done');
  t.is(latm.push(latmFrame(null, [UNIT.subarray(5)]), null), 'done');
  t.is(latm.push(latmFrame(null, [UNIT.subarray(9)]), 180_000), 'done');
  t.deepEqual(units, [
    { bytes: UNIT, pts: 90_000, rate: 3, channels: 2 },
    { bytes: UNIT.subarray(5), pts: 91_920, rate: 3, channels: 2 },
    { bytes: UNIT.subarray(9), pts: 180_000, rate: 3, channels: 2 },
  ]);
  t.is(latm.nextPts, 181_920);
});

test('sub-frames follow each other in time, an empty one leaves its time', (t) => {
  const { latm, units } = rewrapper();
  const config = { numSubFrames: 2, config: { rate: { index: 6 }, channelConfiguration: 1 } };
  t.is(latm.push(latmFrame(config, [UNIT, Buffer.alloc(0), UNIT]), 0), 'done');
  t.deepEqual(
    units.map(({ pts, rate, channels }) => [pts, rate, channels]),
    [
      [0, 6, 1],
      [7680, 6, 1],
    ],
  );
});

test('rates that do not divide 90 kHz do not drift, and the PTS wrap', (t) => {
  const { latm, units } = rewrapper();
  const config = { config: { rate: { index: 4 } } };
  for (let frame = 0; frame < 100; frame++) latm.push(latmFrame(config, [UNIT]), frame === 0 ? 2 ** 33 - 1000 : null);
  t.is(units[99]?.pts, Math.round((99 * 1024 * 90_000) / 44_100) - 1000);
});

test('before the first PTS nothing has a place in time; a broken frame and one out of nothing are told', (t) => {
  const { latm, units } = rewrapper();
  t.is(latm.push(latmFrame(null, [UNIT]), 5), 'broken');
  t.is(latm.push(latmFrame({}, [UNIT]).subarray(0, 100), 5), 'broken');
  const fresh = rewrapper();
  t.is(fresh.latm.push(latmFrame({}, [UNIT]), null), 'done');
  t.deepEqual([...units, ...fresh.units], []);
});

test('what ADTS cannot carry is told, with the time at which it comes', (t) => {
  const { latm } = rewrapper();
  latm.push(latmFrame({}, [UNIT]), 90_000);
  t.is(latm.push(latmFrame({ config: { shortFrames: true } }, [UNIT]), null), 'unsupported');
  t.is(latm.nextPts, 91_920);
});

test('after a reset nothing of before counts', (t) => {
  const { latm, units } = rewrapper();
  latm.push(latmFrame({}, [UNIT]), 90_000);
  latm.reset();
  t.is(latm.nextPts, null);
  t.is(latm.push(latmFrame(null, [UNIT]), 95_000), 'broken');
  t.is(units.length, 1);
});

test('a broadcast in LATM sounds the same as ADTS', async (t) => {
  const path = realDataPath(t, 'ts/tsduck+tsduck-test__reference_test-202_test-202.ts');
  if (path === null) return;
  const streams = await probeStreams(path, 'audio');
  const index = streams.findIndex((stream) => stream.codec_name === 'aac_latm');
  t.true(index >= 0);
  const copied = await runFfmpeg({
    command: 'ffmpeg',
    args: ['-v', 'error', '-i', path, '-map', `0:a:${index}`, '-c', 'copy', '-f', 'data', 'pipe:1'],
  });
  const loas: Buffer[] = [];
  const adts: Buffer[] = [];
  const latm = new LatmRewrapper(({ bytes, rateIndex, channelConfiguration }) => {
    const header = Buffer.alloc(ADTS_HEADER);
    writeAdtsHeader(header, 0, rateIndex, channelConfiguration, bytes.length);
    adts.push(header, Buffer.from(bytes));
  });
  const splitter = new FrameSplitter(
    parseLoasHeader,
    ({ bytes }) => {
      if (latm.push(bytes, loas.length === 0 ? 0 : null) === 'done') loas.push(Buffer.from(bytes));
    },
    () => undefined,
  );
  splitter.push(copied.stdout, 0, copied.stdout.length);
  splitter.finish();
  t.true(loas.length > 20, `${loas.length} frames`);
  const before = await decodedPcm(Buffer.concat(loas), 'loas');
  const after = await decodedPcm(Buffer.concat(adts), 'aac');
  t.true(before.length > 100_000);
  t.true(before.equals(after));
  t.deepEqual(await decodeErrors(Buffer.concat(adts)), []);
});
