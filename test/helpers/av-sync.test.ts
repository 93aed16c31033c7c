import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { measureAvSync } from './av-sync.ts';
import { findBeeps, LevelMeter } from './beep-finder.ts';
import { runFfmpeg } from './ffmpeg-program.ts';
import { decodeErrors, probePackets, probeStreams } from './ffprobe.ts';

interface Track {
  readonly codec: string;
  /** When in each second the beep starts. */
  readonly delaySeconds: number;
  /** A steady hum under the beep, 0 … 1. */
  readonly hum?: number;
}

/** Six seconds of a moving picture, white for one frame each second, with beeps of 80 ms. */
async function clip(t: ExecutionContext, tracks: readonly Track[], output: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-sync-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'clip.ts');
  const flash = "drawbox=color=white:t=fill:enable='eq(mod(n,25),0)'";
  const inputs = ['-f', 'lavfi', '-i', `testsrc=size=320x240:rate=25:duration=6,${flash}`];
  const maps = ['-map', '0:v'];
  for (const [index, { codec, delaySeconds, hum = 0 }] of tracks.entries()) {
    const gate = `between(mod(t,1),${delaySeconds},${delaySeconds + 0.08})`;
    const sound = `0.5*sin(2*PI*1000*t)*${gate}+${hum}*sin(2*PI*200*t)`;
    inputs.push('-f', 'lavfi', '-i', `aevalsrc='${sound}':s=48000:d=6`);
    maps.push('-map', `${index + 1}:a`, `-c:a:${index}`, codec);
  }
  const args = ['-v', 'error', ...inputs, ...maps, '-c:v', 'mpeg2video', ...output, '-f', 'mpegts', path];
  const { code, stderr } = await runFfmpeg({ command: 'ffmpeg', args });
  if (code !== 0) throw new Error(stderr);
  return path;
}

test('the distance of flash and beep is measured for each track, to a tenth of a millisecond', async (t) => {
  const path = await clip(t, [
    { codec: 'mp2', delaySeconds: 0 },
    { codec: 'ac3', delaySeconds: 0.12 },
    { codec: 'mp2', delaySeconds: 0.0305, hum: 0.05 },
  ]);
  const found = await measureAvSync(path);
  t.deepEqual(
    found.map(({ track, codec }) => [track, codec]),
    [
      [0, 'mp2'],
      [1, 'ac3'],
      [2, 'mp2'],
    ],
  );
  for (const [index, expectedMs] of [0, 120, 30.5].entries()) {
    const track = found[index];
    t.true(Math.abs((track?.medianMs ?? 99) - expectedMs) < 0.2, `track ${index}: ${track?.medianMs}`);
    t.true((track?.spreadMs ?? 99) < 0.2);
    t.true(Math.abs((track?.maxMs ?? 99) - expectedMs) < 0.2);
    t.is(track?.each.length, 5, 'all seconds but the first, which begins in the middle of a flash');
    t.is(track?.unmatchedFlashes, 0);
  }
  t.deepEqual(
    (await measureAvSync(await readFile(path), { tracks: [1] })).map(({ track }) => track),
    [1],
  );
});

test('an early beep has a negative distance', async (t) => {
  const path = await clip(t, [{ codec: 'mp2', delaySeconds: 0.88 }]);
  const [track] = await measureAvSync(path);
  t.true(Math.abs((track?.medianMs ?? 0) + 120) < 0.2);
});

test('the wrap of the stamps in the middle does not matter', async (t) => {
  // 2^33 ticks are 95,443.718 s.
  const path = await clip(t, [{ codec: 'mp2', delaySeconds: 0.05 }], ['-output_ts_offset', '95439']);
  const stamps = (await probePackets(await readFile(path), 'a:0')).map(({ pts = 0 }) => (pts + 2 ** 33) % 2 ** 33);
  t.true(Math.max(...stamps) > 2 ** 32 && Math.min(...stamps) < 2 ** 31, 'the clip does wrap');
  const [track] = await measureAvSync(path);
  t.is(track?.each.length, 5);
  t.true(Math.abs((track?.medianMs ?? 0) - 50) < 0.2);
  t.true((track?.spreadMs ?? 99) < 0.2);
});

test('a recording that starts anywhere is measured from its first whole second on', async (t) => {
  const bytes = await readFile(await clip(t, [{ codec: 'mp2', delaySeconds: 0.01 }]));
  const [track] = await measureAvSync(bytes.subarray(Math.floor(bytes.length / 3 / 188) * 188));
  t.true((track?.each.length ?? 0) >= 2);
  t.true(Math.abs((track?.medianMs ?? 0) - 10) < 0.2);
});

test('silence and a picture without flash are errors that say so', async (t) => {
  const silent = await clip(t, [{ codec: 'mp2', delaySeconds: 2 }]);
  await t.throwsAsync(measureAvSync(silent), { message: /no beep in audio stream 0/ });
  const path = await clip(t, [{ codec: 'mp2', delaySeconds: 0 }]);
  const dark = path.replace('clip.ts', 'dark.ts');
  const args = ['-v', 'error', '-i', path, '-vf', 'drawbox=color=black:t=fill', '-c:a', 'copy', dark];
  await runFfmpeg({ command: 'ffmpeg', args });
  await t.throwsAsync(measureAvSync(dark), { message: /no flash/ });
  await t.throwsAsync(measureAvSync(Buffer.alloc(188 * 100, 0x47)));
});

function meterOf(seconds: number, sampleAt: (index: number) => number, chunk = 10_000): LevelMeter {
  const bytes = Buffer.alloc(Math.round(seconds * 48_000) * 2);
  for (let index = 0; index < bytes.length / 2; index++) bytes.writeInt16LE(Math.round(sampleAt(index)), index * 2);
  const meter = new LevelMeter();
  for (let at = 0; at < bytes.length; at += chunk) meter.push(bytes.subarray(at, at + chunk));
  return meter;
}
const tone = (index: number) => 10_000 * Math.sin((2 * Math.PI * 1_000 * index) / 48_000);

test('a beep is found at its sample, wherever the chunks are cut', (t) => {
  for (const start of [48_000, 48_005, 50_011]) {
    for (const chunk of [1, 333, 10_000]) {
      const meter = meterOf(2, (index) => (index >= start && index < start + 3_840 ? tone(index) : 0), chunk);
      t.is(meter.samples, 96_000);
      const [found = 0, ...more] = findBeeps(meter, 48_000);
      t.deepEqual(more, []);
      t.true(Math.abs(found - start) <= 5, `${start}: ${found}`);
    }
  }
});

test('silence, steady sound and clicks are no beeps', (t) => {
  t.deepEqual(
    findBeeps(
      meterOf(2, () => 0),
      48_000,
    ),
    [],
  );
  t.deepEqual(findBeeps(meterOf(2, tone), 48_000), []);
  t.deepEqual(
    findBeeps(
      meterOf(2, (index) => (index % 24_000 < 100 ? 30_000 : 0)),
      48_000,
    ),
    [],
  );
  t.deepEqual(findBeeps(new LevelMeter(), 48_000), []);
});

test('streams, packets and decoding errors are seen through ffprobe', async (t) => {
  const path = await clip(t, [{ codec: 'mp2', delaySeconds: 0 }]);
  t.like(await probeStreams(path, 'video'), [{ codec_name: 'mpeg2video', width: 320, height: 240 }]);
  t.like(await probeStreams(path, 'audio'), [{ codec_name: 'mp2', sample_rate: 48_000 }]);
  t.is((await probePackets(path, 'v:0')).length, 150);
  t.deepEqual(await decodeErrors(path), []);
  const spoilt = await readFile(path);
  for (let at = 300_000; at < 303_000; at++) spoilt[at - (at % 188) === at ? at + 20 : at] = 0x55;
  t.true((await decodeErrors(spoilt)).length > 0);
  await t.throwsAsync(probeStreams(Buffer.from('no media'), 'audio'), { message: /ffprobe ended with code/ });
  await t.throwsAsync(probeStreams('/nonexistent.ts', 'audio'), { message: /No such file/ });
});
