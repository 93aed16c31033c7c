import type { Pmt } from '#shared/mpegts/pmt.ts';
import { type AudioCodec, streamKind, type VideoCodec } from '#shared/mpegts/stream-type.ts';
import type { VideoFormat } from './video-format.ts';

/** What a channel carried when it was last seen. */
export interface ChannelTracks {
  readonly video: readonly VideoCodec[];
  readonly audio: readonly AudioCodec[];
  /** Of its pictures; null while that is not known. */
  readonly format: VideoFormat | null;
  readonly seenMs: number;
}

/** More than a lineup has. The one that was seen longest ago goes first. */
const MAX_CHANNELS = 20_000;

/** Remembers what channels carry, so that nobody has to look before a stream begins. */
export class ChannelMemory {
  readonly #known: Map<string, ChannelTracks>;
  readonly #onChange: () => void;

  /** `known`: from before, the one seen longest ago first. `onChange`: something is different from what was known. */
  constructor(known: Iterable<readonly [string, ChannelTracks]> = [], onChange: () => void = () => undefined) {
    this.#known = new Map(known);
    this.#onChange = onChange;
    this.#bound();
  }

  see(channel: string, pmt: Pick<Pmt, 'streams'>): void {
    const kinds = pmt.streams.map(streamKind);
    const video = kinds.flatMap((kind) => (kind.kind === 'video' ? [kind.codec] : []));
    const audio = kinds.flatMap((kind) => (kind.kind === 'audio' ? [kind.codec] : []));
    const before = this.#known.get(channel);
    const isSame = before?.video.join() === video.join() && before.audio.join() === audio.join();
    const format = before !== undefined && before.video[0] === video[0] ? before.format : null;
    this.#known.delete(channel);
    this.#known.set(channel, { video, audio, format, seenMs: Date.now() });
    this.#bound();
    if (!isSame) this.#onChange();
  }

  /** What its pictures look like, read from the stream itself. */
  seeFormat(channel: string, format: VideoFormat): void {
    const tracks = this.#known.get(channel);
    if (tracks === undefined || JSON.stringify(tracks.format) === JSON.stringify(format)) return;
    this.#known.set(channel, { ...tracks, format });
    this.#onChange();
  }

  /** Null for a channel that was never seen. */
  get(channel: string): ChannelTracks | null {
    return this.#known.get(channel) ?? null;
  }

  /** All of them, the one seen longest ago first. */
  entries(): IterableIterator<[string, ChannelTracks]> {
    return this.#known.entries();
  }

  #bound(): void {
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_CHANNELS) return;
      this.#known.delete(oldest);
    }
  }
}
