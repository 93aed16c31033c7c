import { audioOffset, decodeAudio } from '#test/helpers/audio-offset.ts';
import { AUDIO_PID, audioProgramme } from '#test/transcoder/support/audio-programme.ts';
import { decodeSource, encodeNoise, type SourceFormat } from '#test/transcoder/support/audio-source.ts';
import { remux } from '#test/transcoder/support/remux.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { atMost, type BenchContext, type Figure, type PartResult, plain } from '../part.ts';

const MINUTES = 60;
const TICKS_PER_MINUTE = 60 * 90_000;
/** The clock wraps in the middle of the hour. */
const START = 2 ** 33 - 30 * TICKS_PER_MINUTE;
const DRIFT_PPM = 50;

const FORMATS: readonly SourceFormat[] = [
  { codec: 'mp2', bitrate: '192k' },
  { codec: 'ac3', bitrate: '192k' },
];

/** An hour of sound whose clock drifts, across the wrap of PTS and PCR, with one packet in a hundred lost. */
export async function hourPart({ say }: BenchContext): Promise<PartResult> {
  silenceFfmpegLog();
  const figures: Figure[] = [];
  const offsetsMs: Record<string, number[]> = {};
  for (const format of FORMATS) {
    say(`an hour of ${format.codec} …`);
    const source = await encodeNoise(format, 0, 60);
    const samples = await decodeSource(source);
    const stretchTicks = (source.frames.length * source.samplesPerFrame * 90_000) / source.sampleRate;
    const stretches = Array.from({ length: MINUTES }, () => ({ source }));
    let seed = 1;
    const isLost = (): boolean => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31 < 0.01;
    };
    const input = audioProgramme(stretches, {
      startTicks: START,
      driftPpm: DRIFT_PPM,
      edit: (packet, pid) => (pid === AUDIO_PID && isLost() ? null : packet),
    });
    const { output, stats } = remux(input, { chunk: 65_536 });
    const found: number[] = [];
    for (const minute of [0, 15, 29, 31, 45, 59]) {
      // A piece of the output around the middle of that minute, which holds its own tables.
      const from = Math.floor(((minute + 0.4) / MINUTES) * (output.length / 188)) * 188;
      const after = await decodeAudio(
        output.subarray(from, from + Math.floor(output.length / MINUTES / 2 / 188) * 188),
      );
      const start = START + minute * stretchTicks * (1 + DRIFT_PPM / 1e6);
      const atSeconds = 32;
      const startTicks = start + atSeconds * 90_000 * (DRIFT_PPM / 1e6);
      const near = startTicks + Math.round((after.startTicks - startTicks) / 2 ** 33) * 2 ** 33;
      const before = { startTicks: near, sampleRate: 48_000, samples };
      const { offsetMs, correlation } = audioOffset(before, after, { fromSeconds: atSeconds, seconds: 0.3 });
      if (correlation < 0.6) throw new Error(`minute ${minute}: nothing to compare (correlation ${correlation})`);
      found.push(offsetMs);
    }
    offsetsMs[format.codec] = found;
    const worst = Math.max(...found.map(Math.abs));
    figures.push(atMost(`offset over ${MINUTES} minutes of ${format.codec}, worst`, worst, 1, 'ms', 3));
    figures.push(plain(`losses on the way, ${format.codec}`, String(stats.errors['continuity'] ?? 0)));
  }
  return { data: { offsetsMs }, figures };
}
