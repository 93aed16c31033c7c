import type { ChannelMemory } from './channel-memory.ts';
import { clientKind } from './client-kind.ts';
import type { ProfileBook, StreamVariant, VariantWishes } from './profiles.ts';

/** Name in the configuration for "decide for each client". It is no profile. */
export const AUTO_PROFILE = 'auto';

export interface Decision {
  readonly variant: StreamVariant;
  /** In words. */
  readonly why: string;
}

export interface DeciderOptions {
  readonly profiles: Pick<ProfileBook, 'resolve'>;
  /** What requests get that name no profile: its name, or `auto`. */
  readonly defaultProfile: string;
  readonly memory: Pick<ChannelMemory, 'get'>;
}

/** Decides in which profile a client gets a channel. Never waits: it knows what it knows. */
export class Decider {
  readonly #options: DeciderOptions;

  constructor(options: DeciderOptions) {
    this.#options = options;
  }

  /** @throws XgError `PROFILE_UNKNOWN`, `PROFILE_OPTION`. */
  decide(wishes: VariantWishes, userAgent: string | null, channel: string): Decision {
    const { profiles, defaultProfile } = this.#options;
    if (wishes.profile && wishes.profile !== AUTO_PROFILE) {
      return { variant: profiles.resolve(wishes), why: `the address asks for profile ${wishes.profile}` };
    }
    if (defaultProfile !== AUTO_PROFILE && !wishes.profile) {
      const why = `the address names no profile, and streams.profile is ${defaultProfile}`;
      return { variant: profiles.resolve({ ...wishes, profile: defaultProfile }), why };
    }
    const { profile, why } = this.#choose(wishes, userAgent, channel);
    return { variant: profiles.resolve({ ...wishes, profile }), why };
  }

  #choose(wishes: VariantWishes, userAgent: string | null, channel: string): { profile: string; why: string } {
    const asked = (['audio', 'channels', 'loudness', 'night'] as const).filter((name) => wishes[name]);
    if (asked.length > 0)
      return { profile: 'aac', why: `the address asks for ${asked.join(', ')}, which the transcoder does` };
    const kind = clientKind(userAgent);
    if (kind?.sound === 'all') return { profile: 'pass', why: `the client is ${kind.name}: ${kind.why}` };
    const tracks = this.#options.memory.get(channel);
    if (tracks !== null && tracks.audio.length > 0 && tracks.audio.every((codec) => codec === 'aac-adts')) {
      return { profile: 'pass', why: 'all sound of this channel was AAC when it was last seen' };
    }
    if (kind !== null) return { profile: 'aac', why: `the client is ${kind.name}: ${kind.why}` };
    return { profile: 'aac', why: 'the client is not known, and AAC is what every player has' };
  }
}
