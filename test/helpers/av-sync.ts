import { findBeeps, LevelMeter } from './beep-finder.ts';
import { runFfmpeg, withMediaFile } from './ffmpeg-program.ts';
import { type Media, probeStreams } from './ffprobe.ts';

/** One second of the demo pictures: the white frame's PTS, and how much later (+) or earlier (-) the beep starts. */
export interface SyncSample {
  readonly flashSeconds: number;
  readonly offsetMs: number;
}

export interface TrackSync {
  /** Index among the audio streams. */
  readonly track: number;
  readonly codec: string;
  readonly each: readonly SyncSample[];
  readonly medianMs: number;
  /** Largest distance from 0, with its sign. */
  readonly maxMs: number;
  /** Largest distance between two seconds' offsets: what drifts or jumps. */
  readonly spreadMs: number;
  /** Flashes without a beep and beeps without a flash, at the ends of the recording or in it. */
  readonly unmatchedFlashes: number;
  readonly unmatchedBeeps: number;
}

export interface AvSyncOptions {
  /** Only these audio streams. Default: all. */
  readonly tracks?: readonly number[];
  readonly signal?: AbortSignal;
  /** For each run of the decoder. Default 120,000. */
  readonly timeoutMs?: number;
}

/** 2^33 ticks of 90 kHz: where stamps start again. */
const WRAP_SECONDS = 2 ** 33 / 90_000;
/** The picture is scaled down to this before it is judged. */
const TINY = 16;
/** A beep farther than this from a flash belongs to another second. */
const MATCH_SECONDS = 0.5;

/**
 * Measures sync in a transport stream that shows a white frame once a second and starts a beep at the same instant: for
 * every audio stream, the distance of each beep from its flash as a player would present them (PTS of the frame, PTS of
 * the sample). Decoding is ffmpeg's.
 *
 * @throws Error when there is no flash or no beep, or nothing can be decoded.
 */
export async function measureAvSync(media: Media, options: AvSyncOptions = {}): Promise<TrackSync[]> {
  return withMediaFile(media, async (path) => {
    const audio = await probeStreams(path, 'audio');
    const flashes = await findFlashes(path, options);
    const results: TrackSync[] = [];
    for (const [track, stream] of audio.entries()) {
      if (options.tracks !== undefined && !options.tracks.includes(track)) continue;
      const beeps = await decodeBeeps(path, track, options);
      results.push(compare(track, stream.codec_name ?? 'unknown', flashes, beeps));
    }
    return results;
  });
}

function decodeArgs(path: string): string[] {
  return ['-hide_banner', '-nostdin', '-nostats', '-v', 'info', '-copyts', '-i', path];
}

async function run(args: string[], onStdout: (chunk: Buffer) => void, options: AvSyncOptions): Promise<string> {
  const { code, stderr } = await runFfmpeg({
    command: 'ffmpeg',
    args,
    onStdout,
    timeoutMs: options.timeoutMs ?? 120_000,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (code === 0) return stderr;
  const last = stderr.trimEnd().split('\n').slice(-3).join(' | ');
  throw new Error(`ffmpeg ended with code ${code}: ${last}`);
}

/** PTS in seconds of the first frame of each flash. */
async function findFlashes(path: string, options: AvSyncOptions): Promise<number[]> {
  const lumas: number[] = [];
  let sum = 0;
  let count = 0;
  const onStdout = (chunk: Buffer): void => {
    for (const value of chunk) {
      sum += value;
      if (++count < TINY * TINY) continue;
      lumas.push(sum / count);
      sum = 0;
      count = 0;
    }
  };
  const filter = `scale=${TINY}:${TINY}:flags=area,format=gray,showinfo=checksum=0`;
  const output = ['-map', '0:v:0', '-vf', filter, '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'];
  const stderr = await run([...decodeArgs(path), ...output], onStdout, options);
  // pts_time is printed with six digits only, which is not enough after a day.
  const base = /config in time_base: (\d+)\/(\d+)/.exec(stderr);
  const stamps = [...stderr.matchAll(/\] n: *\d+ pts: *(-?\d+|NOPTS) /g)].map((match) => match[1] ?? '');
  if (base === null || stamps.length !== lumas.length) {
    throw new Error(`ffmpeg gave ${lumas.length} pictures and ${stamps.length} time stamps`);
  }
  const sorted = lumas.toSorted((a, b) => a - b);
  const usual = sorted[sorted.length >> 1] ?? 0;
  const brightest = sorted.at(-1) ?? 0;
  if (brightest - usual < 40) throw new Error(`no flash in ${lumas.length} pictures (luma ${usual} to ${brightest})`);
  const threshold = (usual + brightest) / 2;
  const flashes: number[] = [];
  for (const [index, luma] of lumas.entries()) {
    const isStart = luma > threshold && (lumas[index - 1] ?? 0) <= threshold;
    // The first picture may be the middle of a flash: nobody knows when it began.
    if (!isStart || index === 0 || stamps[index] === 'NOPTS') continue;
    flashes.push((Number(stamps[index]) * Number(base[1])) / Number(base[2]));
  }
  return flashes;
}

/** Presentation time in seconds of the first sample of each beep. */
async function decodeBeeps(path: string, track: number, options: AvSyncOptions): Promise<number[]> {
  const meter = new LevelMeter();
  const filter = 'aformat=sample_fmts=s16:channel_layouts=mono,ashowinfo';
  const output = ['-map', `0:a:${track}`, '-af', filter, '-f', 's16le', 'pipe:1'];
  const stderr = await run([...decodeArgs(path), ...output], (chunk) => meter.push(chunk), options);
  // One line per block of samples. Its PTS counts samples: the filter's time base is 1/rate.
  const blocks: { first: number; pts: number; rate: number }[] = [];
  let first = 0;
  for (const match of stderr.matchAll(/\] n:\d+ pts:(-?\d+|NOPTS) .*? rate:(\d+) nb_samples:(\d+)/g)) {
    if (match[1] !== 'NOPTS') blocks.push({ first, pts: Number(match[1]), rate: Number(match[2]) });
    first += Number(match[3]);
  }
  if (first !== meter.samples || blocks.length === 0) {
    throw new Error(`audio stream ${track}: ffmpeg gave ${meter.samples} samples and time stamps for ${first}`);
  }
  const timeOf = (sample: number): number => {
    let low = 0;
    for (let high = blocks.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if ((blocks[middle]?.first ?? 0) <= sample) low = middle;
      else high = middle - 1;
    }
    const block = blocks[low] ?? { first: 0, pts: 0, rate: 1 };
    return (block.pts + sample - block.first) / block.rate;
  };
  const beeps = findBeeps(meter, blocks[0]?.rate ?? 48_000);
  if (beeps.length === 0) throw new Error(`no beep in audio stream ${track} (${meter.samples} samples)`);
  return beeps.map(timeOf);
}

function compare(track: number, codec: string, flashes: readonly number[], beeps: readonly number[]): TrackSync {
  const each: SyncSample[] = [];
  const matched = new Set<number>();
  for (const flashSeconds of flashes) {
    let best: { index: number; distance: number } | null = null;
    for (const [index, beep] of beeps.entries()) {
      const turns = Math.round((beep - flashSeconds) / WRAP_SECONDS);
      const distance = beep - flashSeconds - turns * WRAP_SECONDS;
      if (best === null || Math.abs(distance) < Math.abs(best.distance)) best = { index, distance };
    }
    if (best === null || Math.abs(best.distance) >= MATCH_SECONDS || matched.has(best.index)) continue;
    matched.add(best.index);
    each.push({ flashSeconds, offsetMs: best.distance * 1000 });
  }
  if (each.length === 0) throw new Error(`audio stream ${track}: none of ${beeps.length} beeps is near a flash`);
  const offsets = each.map((sample) => sample.offsetMs).sort((a, b) => a - b);
  const least = offsets[0] ?? 0;
  const most = offsets.at(-1) ?? 0;
  return {
    track,
    codec,
    each,
    medianMs: offsets[offsets.length >> 1] ?? 0,
    maxMs: Math.abs(least) > Math.abs(most) ? least : most,
    spreadMs: most - least,
    unmatchedFlashes: flashes.length - each.length,
    unmatchedBeeps: beeps.length - matched.size,
  };
}
