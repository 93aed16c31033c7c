/** Test sounds by name, and a way through encoder and FFmpeg's decoder. */
import { LcEncoder, type LcEncoderOptions } from '#transcoder/aac/lc-encoder.ts';
import { AudioDecoder } from '#transcoder/ffmpeg/audio-decoder.ts';
import { asAdts } from './one-frame.ts';

/** −1…1, the same for the same seed. */
export function noiseSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x8000_0000 - 1;
  };
}

export function plane(samples: number, sample: (i: number) => number): Float32Array {
  return Float32Array.from({ length: samples }, (_, i) => sample(i));
}

export interface Passed {
  /** What was heard; the sample i is at i + 1024. */
  readonly heard: readonly Float32Array[];
  readonly units: readonly Buffer[];
  readonly refused: number;
}

/** Through our encoder and FFmpeg's decoder, whole frames only. */
export function passThrough(options: LcEncoderOptions, planes: readonly Float32Array[]): Passed {
  const encoder = new LcEncoder(options);
  const decoder = new AudioDecoder('aac');
  const heard: number[][] = planes.map(() => []);
  const units: Buffer[] = [];
  let refused = 0;
  for (let at = 0; at + 1024 <= (planes[0] as Float32Array).length; at += 1024) {
    encoder.encode(planes, at, (unit) => {
      units.push(Buffer.from(unit)); // copy
      const taken = decoder.decode(asAdts(unit, options.sampleRate, options.channels), null, (pcm) => {
        for (const [channel, samples] of pcm.planes.entries()) for (const x of samples) heard[channel]?.push(x);
      });
      if (!taken) refused++;
    });
  }
  encoder.close();
  decoder.close();
  return { heard: heard.map((samples) => Float32Array.from(samples)), units, refused };
}

/** Signal to noise in dB of `heard` against what went in, from frame `from` on. */
export function snr(signal: Float32Array, heard: Float32Array, from = 2): number {
  let power = 0;
  let noise = 0;
  for (let i = from * 1024; i + 1024 < heard.length; i++) {
    power += (signal[i] as number) ** 2;
    noise += ((signal[i] as number) - (heard[i + 1024] as number)) ** 2;
  }
  return 10 * Math.log10(power / noise);
}
