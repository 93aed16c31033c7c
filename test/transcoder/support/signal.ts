/** A sound that is different at every instant and defined between samples, so that a shift of it can be measured. */
import type { ChannelRole, PcmFrame } from '#transcoder/ffmpeg/pcm.ts';

const TONES = 8;

/** Level at `seconds`; each `channel` has a sound of its own. Frequencies of 150 to 5000 Hz, peaks below 0.7. */
export type Signal = (seconds: number, channel: number) => number;

function tonesOf(channel: number): { hertz: number; phase: number }[] {
  let state = 12_345 + channel * 7919;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: TONES }, () => ({ hertz: 150 + 4850 * random(), phase: 2 * Math.PI * random() }));
}

const CHANNELS = Array.from({ length: 8 }, (_, channel) => tonesOf(channel));

export const signal: Signal = (seconds, channel) => {
  let sum = 0;
  for (const { hertz, phase } of CHANNELS[channel] ?? []) sum += Math.sin(2 * Math.PI * hertz * seconds + phase);
  return sum * 0.08;
};

export const STEREO: readonly ChannelRole[] = ['FL', 'FR'];
export const SURROUND: readonly ChannelRole[] = ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR'];

/** `samples` of the signal from `seconds` on. */
export function pcmFrame(
  seconds: number,
  samples: number,
  sampleRate: number,
  roles: readonly ChannelRole[] = STEREO,
  sound: Signal = signal,
): PcmFrame {
  const planes = roles.map((_, channel) =>
    Float32Array.from({ length: samples }, (__, index) => sound(seconds + index / sampleRate, channel)),
  );
  return { planes, samples, sampleRate, roles };
}

/**
 * By how many samples `heard` comes later than it should when its first sample belongs at `seconds`: the peak of the
 * normalised correlation within ±`search` samples, refined between samples.
 */
export function shiftOf(
  heard: Float32Array,
  seconds: number,
  sampleRate: number,
  sound: (seconds: number) => number = (at) => signal(at, 0),
  search = 12,
): { readonly samples: number; readonly correlation: number } {
  const expected = Float64Array.from({ length: heard.length + 2 * search }, (_, index) =>
    sound(seconds + (index - search) / sampleRate),
  );
  const correlations = Array.from({ length: 2 * search + 1 }, (_, lag) => {
    let [product, power, expectedPower] = [0, 0, 0];
    for (const [index, level] of heard.entries()) {
      const reference = expected[index + lag] as number;
      product += level * reference;
      power += level * level;
      expectedPower += reference * reference;
    }
    return product / Math.sqrt(power * expectedPower || 1);
  });
  const best = correlations.indexOf(Math.max(...correlations));
  const [before = 0, peak = 0, after = 0] = correlations.slice(Math.max(0, best - 1), best + 2);
  const bend = before - 2 * peak + after;
  const fraction = bend === 0 ? 0 : (before - after) / (2 * bend);
  return { samples: search - best - fraction, correlation: correlations[best] ?? 0 };
}
