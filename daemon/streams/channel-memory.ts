import type { Pmt } from '#shared/mpegts/pmt.ts';
import { type AudioCodec, streamKind, type VideoCodec } from '#shared/mpegts/stream-type.ts';

/** What a channel carried when it was last seen. */
export interface ChannelTracks {
  readonly video: readonly VideoCodec[];
  readonly audio: readonly AudioCodec[];
  readonly seenMs: number;
}

/** More than a lineup has. The one that was seen longest ago goes first. */
const MAX_CHANNELS = 20_000;

/** Remembers what channels carry, so that nobody has to look before a stream begins. */
export class ChannelMemory {
  readonly #known = new Map<string, ChannelTracks>();

  see(channel: string, pmt: Pick<Pmt, 'streams'>): void {
    const kinds = pmt.streams.map(streamKind);
    this.#known.delete(channel);
    this.#known.set(channel, {
      video: kinds.flatMap((kind) => (kind.kind === 'video' ? [kind.codec] : [])),
      audio: kinds.flatMap((kind) => (kind.kind === 'audio' ? [kind.codec] : [])),
      seenMs: Date.now(),
    });
    const oldest = this.#known.size > MAX_CHANNELS ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  /** Null for a channel that was not seen since the start. */
  get(channel: string): ChannelTracks | null {
    return this.#known.get(channel) ?? null;
  }
}
