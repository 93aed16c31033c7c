import type { AudioProfile } from '#shared/ipc/control.ts';
import { type AudioRole, audioRoleOf } from '#shared/mpegts/audio-role.ts';
import { languagesOf } from '#shared/mpegts/descriptors.ts';
import { isSameLanguage } from '#shared/mpegts/language.ts';
import type { PmtStream } from '#shared/mpegts/pmt.ts';
import { type AudioCodec, type StreamKind, streamKind } from '#shared/mpegts/stream-type.ts';
import type { Pid } from '#shared/mpegts/types.ts';

/** Which channel of a dual mono track is wanted; null plays both as they are. */
export type DualMonoChoice = 'first' | 'second' | null;

/**
 * What becomes of a stream:
 * - `pass`: goes through
 * - `aac`: becomes AAC on its own PID
 * - `add`: becomes AAC on a new PID, and goes through behind that
 * - `drop`
 */
export interface TrackPlan {
  readonly stream: PmtStream;
  readonly kind: StreamKind;
  readonly action: 'pass' | 'aac' | 'add' | 'drop';
  /** Of audio tracks. */
  readonly role: AudioRole | null;
  readonly language: string | null;
  readonly dualMono: DualMonoChoice;
}

/** Codecs that turn into AAC. DTS and AC-4 are left: nothing here decodes them. */
const DECODED: ReadonlySet<AudioCodec> = new Set(['mpeg-audio', 'ac3', 'eac3', 'aac-latm']);
/** Codecs that carry more than two channels: worth keeping beside AAC for those who can play them. */
const SURROUND: ReadonlySet<AudioCodec> = new Set(['ac3', 'eac3']);

/**
 * Decides for each stream of a PMT. `codecs`: what was found by looking, which counts for more than what the PMT says.
 *
 * AAC in ADTS passes: whoever plays AAC plays it, whatever its channels. Only a profile that works on the samples
 * (loudness, night) decodes it.
 */
export function planTracks(
  streams: readonly PmtStream[],
  profile: AudioProfile,
  codecs: ReadonlyMap<Pid, AudioCodec>,
): TrackPlan[] {
  const wanted = profile.language === null ? null : pickLanguage(streams, profile.language, codecs);
  return streams.map((stream) => {
    const kind = kindOf(stream, codecs);
    if (kind.kind !== 'audio') return { stream, kind, action: 'pass', role: null, language: null, dualMono: null };
    const languages = languagesOf(stream.descriptors);
    const isWanted = wanted === null || wanted.pid === stream.pid;
    const second = wanted !== null && wanted.pid === stream.pid && wanted.entry === 1;
    return {
      stream,
      kind,
      action: isWanted ? actionFor(kind.codec, profile) : 'drop',
      role: audioRoleOf(stream.descriptors),
      language: languages[second ? 1 : 0]?.code ?? null,
      dualMono: second ? 'second' : isBilingual(stream) || SURROUND.has(kind.codec) ? 'first' : null,
    };
  });
}

export function kindOf(stream: PmtStream, codecs: ReadonlyMap<Pid, AudioCodec>): StreamKind {
  const found = codecs.get(stream.pid);
  return found === undefined ? streamKind(stream) : { kind: 'audio', codec: found };
}

function actionFor(codec: AudioCodec, profile: AudioProfile): TrackPlan['action'] {
  if (profile.mode === 'pass') return 'pass';
  const touchesSamples = profile.loudness || profile.night;
  if (codec === 'aac-adts') return touchesSamples ? 'aac' : 'pass';
  if (!DECODED.has(codec)) return 'pass';
  return profile.mode === 'aac-first' && SURROUND.has(codec) ? 'add' : 'aac';
}

/** MPEG audio is flagged dual_channel by mistake often enough: only two languages make it so. */
function isBilingual(stream: PmtStream): boolean {
  const [first, second] = languagesOf(stream.descriptors);
  return first !== undefined && second !== undefined && !isSameLanguage(first.code, second.code);
}

/**
 * The one track for `deu`, or for `deu-ad` the audio description. Tracks for everybody go before those for some, the
 * order of the PMT decides among equals. Null when no track has the language: then all stay.
 */
function pickLanguage(
  streams: readonly PmtStream[],
  wish: string,
  codecs: ReadonlyMap<Pid, AudioCodec>,
): { readonly pid: Pid; readonly entry: number } | null {
  const [code = '', suffix] = wish.split('-');
  const wantedRole: AudioRole = suffix === 'ad' ? 'audio-description' : 'main';
  let best: { pid: Pid; entry: number; score: number } | null = null;
  for (const stream of streams) {
    if (kindOf(stream, codecs).kind !== 'audio') continue;
    const entry = languagesOf(stream.descriptors).findIndex((language) => isSameLanguage(language.code, code));
    if (entry < 0) continue;
    const score = audioRoleOf(stream.descriptors) === wantedRole ? 2 : 1;
    if (best === null || score > best.score) best = { pid: stream.pid, entry, score };
  }
  return best;
}
