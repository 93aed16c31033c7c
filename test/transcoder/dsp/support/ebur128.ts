/** Debian's ffmpeg as a second opinion. */
import { runFfmpeg } from '#test/helpers/ffmpeg-program.ts';

export interface Reading {
  readonly momentary: number;
  readonly shortTerm: number;
  readonly integrated: number;
}

export interface SecondOpinion {
  /** One every 100 ms. */
  readonly readings: readonly Reading[];
  readonly truePeakDb: number;
}

/** Planes as one stream of 32-bit floats, channel by channel. */
export function interleaved(planes: readonly Float32Array[]): Uint8Array {
  const length = (planes[0] as Float32Array).length;
  const samples = new Float32Array(length * planes.length);
  for (const [channel, plane] of planes.entries()) {
    for (let i = 0; i < length; i++) samples[i * planes.length + channel] = plane[i] as number;
  }
  return new Uint8Array(samples.buffer);
}

/** What ffmpeg's ebur128 filter shows for 1, 2 or 6 channels. */
export async function ebur128(planes: readonly Float32Array[], sampleRate: number): Promise<SecondOpinion> {
  const layout = { 1: 'mono', 2: 'stereo', 6: '5.1(side)' }[planes.length] ?? '';
  const { code, stdout, stderr } = await runFfmpeg({
    command: 'ffmpeg',
    args: [
      ...['-v', 'info', '-nostats', '-f', 'f32le', '-ar', `${sampleRate}`, '-ac', `${planes.length}`],
      ...['-channel_layout', layout, '-i', 'pipe:0'],
      ...['-af', 'ebur128=metadata=1:peak=true:framelog=verbose,ametadata=print:file=-', '-f', 'null', '-'],
    ],
    input: interleaved(planes),
  });
  if (code !== 0) throw new Error(`ffmpeg: ${stderr}`);
  const text = stdout.toString();
  const column = (name: string): number[] =>
    [...text.matchAll(new RegExp(`lavfi\\.r128\\.${name}=(\\S+)`, 'g'))].map((match) => Number(match[1]));
  const [momentary, shortTerm, integrated] = [column('M'), column('S'), column('I')];
  const readings = momentary.map((m, i) => ({
    momentary: m,
    shortTerm: shortTerm[i] as number,
    integrated: integrated[i] as number,
  }));
  return { readings, truePeakDb: Number(/Peak:\s+(-?[\d.]+) dBFS/.exec(stderr)?.[1]) };
}
