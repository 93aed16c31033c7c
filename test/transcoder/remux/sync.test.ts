import test from 'ava';
import { PacketSync } from '#shared/mpegts/packet-sync.ts';
import { audioOffset, decodeAudio } from '#test/helpers/audio-offset.ts';
import { runFfmpeg } from '#test/helpers/ffmpeg-program.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { AAC_ENCODERS } from '#transcoder/remux/aac-encoder.ts';
import { RemuxEngine } from '#transcoder/remux/engine.ts';

silenceFfmpegLog();

/** Pink noise: every instant is different from every other, so the correlation has one peak. */
async function source(codec: string, options: readonly string[]): Promise<Buffer> {
  const { stdout } = await runFfmpeg({
    command: 'ffmpeg',
    args: [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'anoisesrc=color=pink:seed=7:amplitude=0.4:sample_rate=48000'],
      ...['-f', 'lavfi', '-i', 'testsrc=size=160x120:rate=25', '-t', '5', '-map', '1:v', '-map', '0:a'],
      ...['-c:v', 'mpeg2video', '-b:v', '500k', '-c:a', codec, ...options, '-f', 'mpegts', 'pipe:1'],
    ],
  });
  return stdout;
}

function remux(input: Buffer, encoder: (typeof AAC_ENCODERS)[number]): Buffer {
  const parts: Buffer[] = [];
  const engine = new RemuxEngine({
    program: null,
    audio: { mode: 'aac', bitrate: 256_000, channels: 'stereo', language: null, loudness: false, night: false },
    encoder,
    onPackets: (packets) => parts.push(packets),
    onInfo: () => undefined,
  });
  const sync = new PacketSync({ onPackets: (bytes, from, to) => engine.push(bytes, from, to) });
  for (let at = 0; at < input.length; at += 10_000) sync.push(input.subarray(at, Math.min(input.length, at + 10_000)));
  sync.finish();
  engine.finish();
  engine.close();
  return Buffer.concat(parts);
}

const SOURCES: readonly (readonly [string, string, readonly string[], number])[] = [
  ['MP2 stereo', 'mp2', ['-b:a', '256k', '-ac', '2'], 48_000],
  ['MP2 mono', 'mp2', ['-b:a', '128k', '-ac', '1'], 48_000],
  ['MP2 at 44.1 kHz', 'mp2', ['-b:a', '256k', '-ar', '44100', '-ac', '2'], 44_100],
  ['MP2 at 32 kHz', 'mp2', ['-b:a', '192k', '-ar', '32000', '-ac', '2'], 32_000],
  ['AC-3 stereo', 'ac3', ['-b:a', '256k', '-ac', '2'], 48_000],
  ['AC-3 5.1', 'ac3', ['-b:a', '448k', '-ac', '6'], 48_000],
  ['E-AC-3', 'eac3', ['-b:a', '256k', '-ac', '2'], 48_000],
];

for (const encoder of AAC_ENCODERS) {
  for (const [name, codec, options, rate] of SOURCES) {
    test.serial(`${name} through ${encoder}: the sound lies within 1 ms of the source, at equal PTS`, async (t) => {
      const input = await source(codec, options);
      const output = remux(input, encoder);
      const [before, after] = await Promise.all([decodeAudio(input, 0, rate), decodeAudio(output, 0, rate)]);
      for (const fromSeconds of [0.5, 2, 3.5]) {
        const { offsetMs, correlation } = audioOffset(before, after, { fromSeconds, seconds: 0.5 });
        t.true(correlation > 0.8, `correlation ${correlation.toFixed(3)} at ${fromSeconds} s`);
        t.true(Math.abs(offsetMs) <= 1, `offset ${offsetMs.toFixed(3)} ms at ${fromSeconds} s`);
      }
      t.log(`${audioOffset(before, after, { fromSeconds: 2, seconds: 1 }).offsetMs.toFixed(4)} ms`);
    });
  }
}
