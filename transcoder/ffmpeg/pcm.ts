/** Decoded audio as it leaves a decoder. Planes are views into FFmpeg's memory: valid during the call only. */
export interface PcmFrame {
  /** One per channel, each of `samples` floats, nominally −1…1. */
  readonly planes: readonly Float32Array[];
  readonly samples: number;
  readonly sampleRate: number;
  /** What each plane is, in the same order. */
  readonly roles: readonly ChannelRole[];
}

/** Speaker positions by AVChannel number (libavutil/channel_layout.h), as far as broadcasts use them. */
export type ChannelRole = 'FL' | 'FR' | 'FC' | 'LFE' | 'BL' | 'BR' | 'BC' | 'SL' | 'SR' | 'other';

const ROLE_BY_BIT: Readonly<Record<number, ChannelRole>> = {
  0: 'FL',
  1: 'FR',
  2: 'FC',
  3: 'LFE',
  4: 'BL',
  5: 'BR',
  8: 'BC',
  9: 'SL',
  10: 'SR',
};

/** Roles of a layout's channels in FFmpeg's order (ascending bits of the mask). */
export function rolesOfMask(mask: bigint, channels: number): ChannelRole[] {
  const roles: ChannelRole[] = [];
  for (let bit = 0; bit < 64 && roles.length < channels; bit++) {
    if ((mask >> BigInt(bit)) & 1n) roles.push(ROLE_BY_BIT[bit] ?? 'other');
  }
  if (roles.length === 0 && channels === 1) return ['FC'];
  if (roles.length === 0 && channels === 2) return ['FL', 'FR'];
  while (roles.length < channels) roles.push('other');
  return roles;
}
