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
  readonly #known = new Map<string, ChannelTracks>();

  see(channel: string, pmt: Pick<Pmt, 'streams'>): void {
    const kinds = pmt.streams.map(streamKind);
    const format = this.#known.get(channel)?.format ?? null;
    this.#known.delete(channel);
    this.#known.set(channel, {
      video: kinds.flatMap((kind) => (kind.kind === 'video' ? [kind.codec] : [])),
      audio: kinds.flatMap((kind) => (kind.kind === 'audio' ? [kind.codec] : [])),
      format,
      seenMs: Date.now(),
    });
    const oldest = this.#known.size > MAX_CHANNELS ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  /** What its pictures look like, read from the stream itself. */
  seeFormat(channel: string, format: VideoFormat): void {
    const tracks = this.#known.get(channel);
    if (tracks !== undefined) this.#known.set(channel, { ...tracks, format });
  }

  /** Null for a channel that was not seen since the start. */
  get(channel: string): ChannelTracks | null {
    return this.#known.get(channel) ?? null;
  }
}
