import { z } from 'zod';
import { runFfmpeg, withMediaFile } from './ffmpeg-program.ts';

/** One audio track as a player would hear it. */
export interface DecodedAudio {
  /** PTS of the first sample, in ticks of 90 kHz. */
  readonly startTicks: number;
  readonly sampleRate: number;
  /** Mono. */
  readonly samples: Float32Array;
}

const FramesAnswer = z.object({ frames: z.array(z.object({ pts: z.number().optional(), nb_samples: z.number() })) });

/**
 * Decodes audio track `track` with the ffmpeg program. Frames that come after a gap are put where their PTS says, so the
 * sample at index i is the one that sounds at `startTicks + i · 90000 / sampleRate`.
 */
export async function decodeAudio(media: string | Uint8Array, track = 0, sampleRate = 48_000): Promise<DecodedAudio> {
  return await withMediaFile(media, async (path) => {
    const probe = await runFfmpeg({
      command: 'ffprobe',
      args: [
        '-v',
        'quiet',
        '-select_streams',
        `a:${track}`,
        '-show_entries',
        'frame=pts,nb_samples',
        '-of',
        'json',
        path,
      ],
    });
    const { frames } = FramesAnswer.parse(JSON.parse(probe.stdout.toString('utf8')));
    const pcm = await runFfmpeg({
      command: 'ffmpeg',
      args: [
        '-v',
        'quiet',
        '-i',
        path,
        '-map',
        `0:a:${track}`,
        '-ac',
        '1',
        '-f',
        'f32le',
        '-fps_mode',
        'passthrough',
        'pipe:1',
      ],
    });
    const decoded = new Float32Array(pcm.stdout.buffer, pcm.stdout.byteOffset, pcm.stdout.length >> 2);
    const startTicks = frames.find((frame) => frame.pts !== undefined)?.pts ?? 0;
    const last = frames.findLast((frame) => frame.pts !== undefined);
    const total = Math.round((((last?.pts ?? 0) - startTicks) * sampleRate) / 90_000) + (last?.nb_samples ?? 0);
    const samples = new Float32Array(Math.max(total, 0));
    let from = 0;
    for (const frame of frames) {
      const at = frame.pts === undefined ? -1 : Math.round(((frame.pts - startTicks) * sampleRate) / 90_000);
      const part = decoded.subarray(from, from + frame.nb_samples);
      if (at >= 0 && at + part.length <= samples.length) samples.set(part, at);
      from += frame.nb_samples;
    }
    return { startTicks, sampleRate, samples };
  });
}

/**
 * By how many milliseconds `output` sounds later than `source` at equal PTS: the shift with the highest normalised
 * cross-correlation within ±`searchMs`, refined between samples. `fromSeconds`, `seconds`: the window, on the source.
 */
export function audioOffset(
  source: DecodedAudio,
  output: DecodedAudio,
  window: { fromSeconds: number; seconds: number; searchMs?: number },
): { offsetMs: number; correlation: number } {
  const rate = source.sampleRate;
  const from = Math.round(window.fromSeconds * rate);
  const length = Math.round(window.seconds * rate);
  const search = Math.round(((window.searchMs ?? 30) * rate) / 1000);
  const shift = Math.round(((source.startTicks - output.startTicks) * rate) / 90_000);
  let best = { lag: 0, value: Number.NEGATIVE_INFINITY };
  const values = new Map<number, number>();
  const correlate = (lag: number): number => {
    const known = values.get(lag);
    if (known !== undefined) return known;
    let product = 0;
    let sourcePower = 0;
    let outputPower = 0;
    for (let i = from; i < from + length; i++) {
      const a = source.samples[i] ?? 0;
      const b = output.samples[i + shift + lag] ?? 0;
      product += a * b;
      sourcePower += a * a;
      outputPower += b * b;
    }
    const value = product / Math.sqrt(sourcePower * outputPower || 1);
    values.set(lag, value);
    return value;
  };
  for (let lag = -search; lag <= search; lag++) {
    const value = correlate(lag);
    if (value > best.value) best = { lag, value };
  }
  const before = correlate(best.lag - 1);
  const after = correlate(best.lag + 1);
  const bend = before - 2 * best.value + after;
  const fraction = bend === 0 ? 0 : (before - after) / (2 * bend);
  return { offsetMs: ((best.lag + fraction) * 1000) / rate, correlation: best.value };
}
