/**
 * Mixing of source channels to output channels.
 *
 * Spec: ITU-R BS.775-3, Annex 4 (table 2): centre and surrounds at −3 dB into left and right; LFE is left out (ETSI TS
 * 102 366, 7.8: its reproduction is optional and most small speakers can't).
 */
import type { ChannelRole } from '../ffmpeg/pcm.ts';
import type { DualMonoChoice } from './track-plan.ts';

const MINUS_3_DB = Math.SQRT1_2;

/** gains[output][input] */
export type MixMatrix = readonly (readonly number[])[];

/** Channels of the output: two, or six in the order FL, FR, FC, LFE, BL, BR. */
export type OutputChannels = 2 | 6;

const STEREO_GAINS: Readonly<Record<ChannelRole, readonly [number, number]>> = {
  FL: [1, 0],
  FR: [0, 1],
  FC: [MINUS_3_DB, MINUS_3_DB],
  LFE: [0, 0],
  BL: [MINUS_3_DB, 0],
  BR: [0, MINUS_3_DB],
  BC: [0.5, 0.5],
  SL: [MINUS_3_DB, 0],
  SR: [0, MINUS_3_DB],
  other: [0, 0],
};

/** What the output's planes are. */
export const STEREO_ORDER: readonly ChannelRole[] = ['FL', 'FR'];
export const SURROUND_ORDER: readonly ChannelRole[] = ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR'];

export function mixMatrix(
  roles: readonly ChannelRole[],
  channels: OutputChannels,
  dualMono: DualMonoChoice,
): MixMatrix {
  if (dualMono !== null && roles.length === 2) {
    const pick = dualMono === 'first' ? [1, 0] : [0, 1];
    const none = [0, 0];
    return channels === 2 ? [pick, pick] : [none, none, pick, none, none, none];
  }
  return channels === 2 ? stereoMatrix(roles) : surroundMatrix(roles);
}

/**
 * The matrix to stereo. A mono source goes to both sides at full level. Sources with more than two channels are scaled
 * so that full scale on every channel can't exceed full scale by more than 3 dB; peaks beyond that are rare enough that
 * the encoder's clamp is inaudible, while full normalisation would make films whisper beside plain stereo.
 */
export function stereoMatrix(roles: readonly ChannelRole[]): MixMatrix {
  if (roles.length === 1) return [[1], [1]];
  const left = roles.map((role) => STEREO_GAINS[role][0]);
  const right = roles.map((role) => STEREO_GAINS[role][1]);
  const sum = Math.max(total(left), total(right));
  const scale = sum > Math.SQRT2 ? Math.SQRT2 / sum : 1;
  return [left.map((gain) => gain * scale), right.map((gain) => gain * scale)];
}

/** The matrix to 5.1: every channel to its own; the side and back pairs of 7.1 share one, at −3 dB each. */
function surroundMatrix(roles: readonly ChannelRole[]): MixMatrix {
  const bothPairs = roles.includes('SL') && roles.includes('BL');
  const pair = bothPairs ? MINUS_3_DB : 1;
  const gain = (role: ChannelRole, output: ChannelRole): number => {
    if (output === 'BL') return role === 'BL' || role === 'SL' ? pair : role === 'BC' ? MINUS_3_DB : 0;
    if (output === 'BR') return role === 'BR' || role === 'SR' ? pair : role === 'BC' ? MINUS_3_DB : 0;
    return role === output ? 1 : 0;
  };
  return SURROUND_ORDER.map((output) => roles.map((role) => gain(role, output)));
}

function total(gains: readonly number[]): number {
  return gains.reduce((sum, gain) => sum + gain, 0);
}

/** Mixes `samples` of `source` from `from` on into `target` at `offset`. */
export function mix(
  matrix: MixMatrix,
  source: readonly Float32Array[],
  from: number,
  samples: number,
  target: readonly Float32Array[],
  offset: number,
): void {
  for (const [output, gains] of matrix.entries()) {
    const to = target[output] as Float32Array;
    let first = true;
    for (const [input, gain] of gains.entries()) {
      if (gain === 0) continue;
      const plane = source[input] as Float32Array;
      if (first && gain === 1) to.set(plane.subarray(from, from + samples), offset);
      else if (first) for (let i = 0; i < samples; i++) to[offset + i] = (plane[from + i] as number) * gain;
      else
        for (let i = 0; i < samples; i++)
          to[offset + i] = (to[offset + i] as number) + (plane[from + i] as number) * gain;
      first = false;
    }
    if (first) to.fill(0, offset, offset + samples);
  }
}
