import { DESCRIPTOR_ISO_639_LANGUAGE, DESCRIPTOR_STREAM_IDENTIFIER } from '#shared/mpegts/descriptors.ts';
import type { PmtStream } from '#shared/mpegts/pmt.ts';
import { type AudioCodec, STREAM_PRIVATE_PES } from '#shared/mpegts/stream-type.ts';
import { pcrDifference } from '#shared/mpegts/timestamp.ts';
import type { Pcr27m, Pid } from '#shared/mpegts/types.ts';
import { CodecTap } from './codec-tap.ts';

/** The user private stream_types (ISO/IEC 13818-1, table 2-34). */
const FIRST_USER_PRIVATE = 0x80;
/** Descriptors that say nothing of what a stream is. All others do. */
const MUTE_DESCRIPTORS = new Set([DESCRIPTOR_ISO_639_LANGUAGE, DESCRIPTOR_STREAM_IDENTIFIER]);
/** A stream without audio in so long on the programme's clock is none, in 27 MHz ticks: 2 s. */
const MAX_LOOK = 2 * 27_000_000;

/** Private data without a descriptor that says what. */
export function isUnexplained({ streamType, descriptors }: PmtStream): boolean {
  if (streamType !== STREAM_PRIVATE_PES && streamType < FIRST_USER_PRIVATE) return false;
  return descriptors.every(({ tag }) => MUTE_DESCRIPTORS.has(tag));
}

/** Streams that no table explains, while they are looked into. Each is looked into once. */
export class UnexplainedStreams {
  /** Null: it is no audio. */
  readonly #onVerdict: (pid: Pid, codec: AudioCodec | null) => void;
  readonly #open = new Map<Pid, CodecTap>();
  readonly #seen = new Set<Pid>();
  #since: Pcr27m | null = null;

  constructor(onVerdict: (pid: Pid, codec: AudioCodec | null) => void) {
    this.#onVerdict = onVerdict;
  }

  /** Taps for those of the streams that are not known yet. */
  tapsFor(streams: readonly PmtStream[]): Map<Pid, CodecTap> {
    const taps = new Map<Pid, CodecTap>();
    for (const stream of streams) {
      if (!isUnexplained(stream)) continue;
      const { pid } = stream;
      if (!this.#seen.has(pid)) this.#look(pid);
      const tap = this.#open.get(pid);
      if (tap !== undefined) taps.set(pid, tap);
    }
    return taps;
  }

  /** The programme's clock has come to `pcr`: what has been looked into for long is no audio. */
  giveUpAfter(pcr: Pcr27m | null): void {
    if (this.#open.size === 0 || pcr === null) return;
    this.#since ??= pcr;
    const elapsed = pcrDifference(this.#since, pcr);
    if (elapsed >= 0 && elapsed < MAX_LOOK) return;
    for (const tap of [...this.#open.values()]) tap.settle('other');
  }

  #look(pid: Pid): void {
    this.#seen.add(pid);
    this.#since = null;
    const tap = new CodecTap((verdict) => {
      this.#open.delete(pid);
      this.#onVerdict(pid, verdict === 'other' ? null : verdict);
    });
    this.#open.set(pid, tap);
  }
}
