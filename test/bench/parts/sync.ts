import { audioOffset, decodeAudio } from '#test/helpers/audio-offset.ts';
import { runFfmpeg } from '#test/helpers/ffmpeg-program.ts';
import { remux } from '#test/transcoder/support/remux.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { AAC_ENCODERS } from '#transcoder/remux/aac-encoder.ts';
import { atMost, type BenchContext, type Figure, type PartResult } from '../part.ts';

interface SyncSource {
  readonly name: string;
  readonly codec: readonly string[];
  readonly rate: number;
}

const SOURCES: readonly SyncSource[] = [
  { name: 'MP2 stereo', codec: ['mp2', '-b:a', '256k', '-ac', '2'], rate: 48_000 },
  { name: 'MP2 mono', codec: ['mp2', '-b:a', '128k', '-ac', '1'], rate: 48_000 },
  { name: 'MP2 44.1 kHz', codec: ['mp2', '-b:a', '256k', '-ar', '44100', '-ac', '2'], rate: 44_100 },
  { name: 'MP2 32 kHz', codec: ['mp2', '-b:a', '192k', '-ar', '32000', '-ac', '2'], rate: 32_000 },
  { name: 'AC-3 stereo', codec: ['ac3', '-b:a', '256k', '-ac', '2'], rate: 48_000 },
  { name: 'AC-3 5.1', codec: ['ac3', '-b:a', '448k', '-ac', '6'], rate: 48_000 },
  { name: 'E-AC-3', codec: ['eac3', '-b:a', '256k', '-ac', '2'], rate: 48_000 },
];
const AT_SECONDS = [0.5, 2, 3.5] as const;

/** Pink noise: every instant is different from every other, so the correlation has one peak. */
async function noise({ codec }: SyncSource): Promise<Buffer> {
  const { stdout } = await runFfmpeg({
    command: 'ffmpeg',
    args: [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'anoisesrc=color=pink:seed=7:amplitude=0.4:sample_rate=48000'],
      ...['-f', 'lavfi', '-i', 'testsrc=size=160x120:rate=25', '-t', '5', '-map', '1:v', '-map', '0:a'],
      ...['-c:v', 'mpeg2video', '-b:v', '500k', '-c:a', ...codec, '-f', 'mpegts', 'pipe:1'],
    ],
  });
  return stdout;
}

/** Where the sound lies against the source's, at equal PTS. The tests say more (wrap, losses, an hour). */
export async function syncPart({ say }: BenchContext): Promise<PartResult> {
  silenceFfmpegLog();
  say('sync by correlation …');
  const offsets: Record<string, number> = {};
  for (const source of SOURCES) {
    const input = await noise(source);
    const before = await decodeAudio(input, 0, source.rate);
    for (const encoder of AAC_ENCODERS) {
      const after = await decodeAudio(remux(input, { encoder }).output, 0, source.rate);
      const found = AT_SECONDS.map((fromSeconds) => audioOffset(before, after, { fromSeconds, seconds: 0.5 }).offsetMs);
      offsets[`${source.name}, ${encoder}`] = found.reduce((most, one) =>
        Math.abs(one) > Math.abs(most) ? one : most,
      );
    }
  }
  const figures: Figure[] = Object.entries(offsets).map(([name, offset]) => {
    return atMost(`offset, ${name}`, Math.abs(offset), 1, 'ms', 3);
  });
  return { data: { offsetsMs: offsets }, figures };
}
