/** Speaker positions as far as broadcasts use them. */
export type SpeakerRole = 'FL' | 'FR' | 'FC' | 'LFE' | 'BL' | 'BR' | 'BC' | 'SL' | 'SR' | 'other';

/** +1.5 dB. */
const SURROUND_WEIGHT = 1.41;

/**
 * Weights G of the channels in the loudness sum: LFE is left out, speakers at the listener's sides (60°…120°) count
 * +1.5 dB. The back pair is the side pair's stand-in in 5.1 layouts that name it so (at 110°); beside a side pair, in
 * 7.1, it stands at 135° and counts like the front.
 *
 * Spec: ITU-R BS.1770-5, Annex 1, table 3 and Annex 3, table 4.
 */
export function loudnessWeights(roles: readonly SpeakerRole[]): number[] {
  const hasSides = roles.includes('SL') || roles.includes('SR');
  return roles.map((role) => loudnessWeight(role, hasSides));
}

function loudnessWeight(role: SpeakerRole, hasSides: boolean): number {
  switch (role) {
    case 'LFE':
      return 0;
    case 'SL':
    case 'SR':
      return SURROUND_WEIGHT;
    case 'BL':
    case 'BR':
      return hasSides ? 1 : SURROUND_WEIGHT;
    case 'FL':
    case 'FR':
    case 'FC':
    case 'BC':
    case 'other':
      return 1;
  }
}
