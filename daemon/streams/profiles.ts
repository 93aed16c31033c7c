import { XgError } from '#shared/errors.ts';
import type { AudioProfile } from '#shared/ipc/control.ts';

/** What a profile does to the sound; everything else of a programme goes through as it is broadcast. */
export type ProfileSettings = AudioProfile;

/** One stream that viewers share: all that ask for the same settings of a channel. */
export interface StreamVariant {
  /** The profile's name, for metrics and logs. */
  readonly profile: string;
  /** Equal for equal settings; holds no slash. */
  readonly key: string;
  /** Null: the programme as it is broadcast, without the transcoder. */
  readonly audio: AudioProfile | null;
}

/** What a request may change of its profile. */
export interface VariantWishes {
  readonly profile?: string | undefined;
  /** `deu`, or `deu-ad` for the audio description; `all` for every track. */
  readonly audio?: string | undefined;
  readonly channels?: string | undefined;
  readonly loudness?: string | undefined;
  readonly night?: string | undefined;
}

export const WISH_NAMES = ['profile', 'audio', 'channels', 'loudness', 'night'] as const;

const PLAIN: Omit<AudioProfile, 'bitrate'> = {
  mode: 'aac',
  channels: 'stereo',
  language: null,
  loudness: false,
  night: false,
};

/**
 * The profiles there always are.
 * - `aac`: every audio track as AAC in stereo
 * - `pass`: the programme as it is broadcast
 * - `aac-first`: AAC in front, AC-3 and E-AC-3 behind for those who can play them
 * - `surround`: AAC with up to six channels
 * - `night`: at −23 LUFS, quiet up and loud down
 */
const BUILT_IN: Readonly<Record<string, Omit<AudioProfile, 'bitrate'>>> = {
  aac: PLAIN,
  pass: { ...PLAIN, mode: 'pass' },
  'aac-first': { ...PLAIN, mode: 'aac-first' },
  surround: { ...PLAIN, channels: 'source' },
  night: { ...PLAIN, loudness: true, night: true },
};

export const BUILT_IN_PROFILES = Object.keys(BUILT_IN);

/** What it leaves out, or leaves undefined, is that of the built-in profile of its name, or of `aac`. */
export type CustomProfile = { readonly [Key in keyof AudioProfile]?: AudioProfile[Key] | undefined };

export interface ProfileBookOptions {
  /** Bits per second of stereo AAC, where a profile says nothing else. */
  readonly bitrate: number;
  /** Of the configuration: new profiles, or changes to those there are. */
  readonly custom: Readonly<Record<string, CustomProfile>>;
  /** For requests that name none. */
  readonly defaultProfile: string;
}

/** All profiles, and what a request gets. */
export class ProfileBook {
  #profiles: ReadonlyMap<string, AudioProfile> = new Map();
  #default = '';

  /** @throws XgError `PROFILE_UNKNOWN` when the default is none of them. */
  constructor(options: ProfileBookOptions) {
    this.replace(options);
  }

  /** For requests from now on; streams that run stay as they are. @throws XgError as the constructor. */
  replace({ bitrate, custom, defaultProfile }: ProfileBookOptions): void {
    const profiles = new Map<string, AudioProfile>();
    for (const [name, settings] of Object.entries(BUILT_IN)) profiles.set(name, { ...settings, bitrate });
    for (const [name, settings] of Object.entries(custom)) {
      const base = profiles.get(name) ?? { ...PLAIN, bitrate };
      profiles.set(name, {
        mode: settings.mode ?? base.mode,
        channels: settings.channels ?? base.channels,
        bitrate: settings.bitrate ?? base.bitrate,
        language: settings.language ?? base.language,
        loudness: settings.loudness ?? base.loudness,
        night: settings.night ?? base.night,
      });
    }
    findProfile(profiles, defaultProfile);
    this.#profiles = profiles;
    this.#default = defaultProfile;
  }

  get names(): string[] {
    return [...this.#profiles.keys()];
  }

  /** @throws XgError `PROFILE_UNKNOWN`, `PROFILE_OPTION` with what is allowed. */
  resolve(wishes: VariantWishes): StreamVariant {
    const profile = wishes.profile || this.#default;
    const settings = findProfile(this.#profiles, profile);
    const audio: AudioProfile = {
      ...settings,
      channels: wishes.channels ? oneOf('channels', wishes.channels, ['stereo', 'source']) : settings.channels,
      language: wishes.audio ? languageOf(wishes.audio) : settings.language,
      loudness: wishes.loudness ? isOn('loudness', wishes.loudness) : settings.loudness,
      night: wishes.night ? isOn('night', wishes.night) : settings.night,
    };
    const untouched = audio.mode === 'pass' && audio.language === null;
    return { profile, key: untouched ? 'pass' : keyOf(audio), audio: untouched ? null : audio };
  }
}

function findProfile(profiles: ReadonlyMap<string, AudioProfile>, name: string): AudioProfile {
  const settings = profiles.get(name);
  if (settings !== undefined) return settings;
  throw new XgError(
    'PROFILE_UNKNOWN',
    `There is no profile "${name.slice(0, 40)}"; there are: ${[...profiles.keys()].join(', ')}`,
  );
}

function keyOf({ mode, channels, bitrate, language, loudness, night }: AudioProfile): string {
  const parts = [mode, channels, bitrate, language ?? 'all', loudness ? 'loudness' : '', night ? 'night' : ''];
  return parts.filter((part) => part !== '').join('+');
}

function languageOf(text: string): string | null {
  const code = text.toLowerCase();
  if (code === 'all') return null;
  if (/^[a-z]{3}(-ad)?$/.test(code)) return code;
  throw badOption('audio', text, 'a language of three letters such as deu, deu-ad for its audio description, or all');
}

function isOn(name: string, text: string): boolean {
  return oneOf(name, text, ['on', 'off']) === 'on';
}

function oneOf<Value extends string>(name: string, text: string, allowed: readonly Value[]): Value {
  const found = allowed.find((value) => value === text.toLowerCase());
  if (found === undefined) throw badOption(name, text, allowed.join(' or '));
  return found;
}

function badOption(name: string, text: string, allowed: string): XgError {
  return new XgError('PROFILE_OPTION', `${name}="${text.slice(0, 40)}" is not understood; allowed is ${allowed}`);
}
