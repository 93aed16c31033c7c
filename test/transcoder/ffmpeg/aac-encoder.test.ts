import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { writeAdtsHeader } from '#shared/codec/adts.ts';
import { XgError } from '#shared/errors.ts';
import {
  AAC_FRAME,
  bestAacEncoder,
  FFMPEG_AAC_ENCODERS,
  FfmpegAacEncoder,
  type FfmpegAacEncoderName,
} from '#transcoder/ffmpeg/aac-encoder.ts';
import { AudioDecoder } from '#transcoder/ffmpeg/audio-decoder.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';

silenceFfmpegLog();

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const FRAMES = 12;

/** Encodes planes of `FRAMES` frames and decodes each access unit: the sound by channel. */
function roundTrip(name: FfmpegAacEncoderName, channels: number, planes: readonly Float32Array[]) {
  const encoder = new FfmpegAacEncoder({ name, sampleRate: 48_000, channels, bitrate: 96_000 * channels });
  const decoder = new AudioDecoder('aac');
  const heard: Float32Array[][] = [];
  for (let frame = 0; frame < FRAMES; frame++) {
    encoder.encode(planes, frame * AAC_FRAME, (unit) => {
      const adts = Buffer.alloc(7 + unit.length);
      writeAdtsHeader(adts, 0, 3, channels, unit.length);
      unit.copy(adts, 7);
      decoder.decode(adts, null, (pcm) => heard.push(pcm.planes.map((plane) => plane.slice())));
    });
  }
  const { priming } = encoder;
  encoder.close();
  encoder.close();
  decoder.close();
  return { priming, heard };
}

for (const name of FFMPEG_AAC_ENCODERS) {
  test(`${name}: its priming is the delay that an impulse has`, (t) => {
    const at = 5000;
    const planes = [0, 1].map(() => {
      const plane = new Float32Array(FRAMES * AAC_FRAME);
      plane.fill(0.9, at - 4, at + 4);
      return plane;
    });
    const { priming, heard } = roundTrip(name, 2, planes);
    const line = Float32Array.from(heard.flatMap(([left]) => [...(left ?? [])]));
    const loudest = line.reduce((most, level, i) => (Math.abs(level) > Math.abs(line[most] ?? 0) ? i : most), 0);
    t.true(Math.abs(loudest - at - priming) <= 5, `${loudest - at} samples, told are ${priming}`);
  });

  test(`${name}: one to six channels come out in the order they went in`, (t) => {
    // Levels of a tone; 5.1 has its bass channel fourth.
    for (let channels = 1; channels <= 6; channels++) {
      for (let only = 0; only < channels; only++) {
        const planes = Array.from({ length: channels }, (_, channel) =>
          Float32Array.from({ length: FRAMES * AAC_FRAME }, (__, i) =>
            channel === only ? 0.5 * Math.sin((2 * Math.PI * 60 * i) / 48_000) : 0,
          ),
        );
        const { heard } = roundTrip(name, channels, planes);
        const power = (heard.at(-1) ?? []).map((plane) => Math.hypot(...plane));
        t.is(power.length, channels);
        t.is(
          power.indexOf(Math.max(...power)),
          only,
          `channel ${only} of ${channels}: ${power.map((p) => p.toFixed(2))}`,
        );
      }
    }
  });
}

test('what no encoder does is refused with the reason', (t) => {
  const name = bestAacEncoder();
  for (const channels of [0, 7]) {
    const error = t.throws(() => new FfmpegAacEncoder({ name, sampleRate: 48_000, channels, bitrate: 96_000 }), {
      instanceOf: XgError,
    });
    t.is(error?.message, `AAC of ${channels} channels is not supported`);
  }
  const error = t.throws(() => new FfmpegAacEncoder({ name, sampleRate: 12_345, channels: 2, bitrate: 96_000 }), {
    instanceOf: XgError,
  });
  t.true(error?.message.startsWith(`opening encoder ${name} failed`));
});

test('hundreds of encoders come and go in one process, and it lives', async (t) => {
  const script = `
    const { FfmpegAacEncoder, AAC_FRAME } = await import('#transcoder/ffmpeg/aac-encoder.ts');
    const plane = new Float32Array(AAC_FRAME);
    let units = 0;
    for (let i = 0; i < 300; i++) {
      const encoder = new FfmpegAacEncoder({ name: 'libfdk_aac', sampleRate: 48000, channels: 2, bitrate: i % 2 ? 192000 : 96000 });
      for (let k = 0; k < 4; k++) encoder.encode([plane, plane], 0, () => units++);
      encoder.close();
      if (i % 50 === 0) gc();
    }
    gc();
    await new Promise(setImmediate);
    gc();
    console.log(units);`;
  const flags = ['--expose-gc', '--input-type=module-typescript', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: ROOT });
  t.true(Number(stdout) >= 300, stdout);
});
