import { createDecipheriv } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage, XgError } from '#shared/errors.ts';
import { type HlsKey, type HlsPlaylist, type HlsSegment, parseHlsPlaylist } from './hls-playlist.ts';
import { SegmentPacer } from './segment-pacer.ts';
import type { WebSource } from './web-source.ts';

export interface HlsFollowerListener {
  onBytes(bytes: Buffer): void;
  onBreak(reason: string): void;
  /** Called once: with an error, or null when the stream has an end and has come to it. */
  onEnd(error: XgError | null): void;
}

type MediaPlaylist = Extract<HlsPlaylist, { kind: 'media' }>;

export const MAX_PLAYLIST_BYTES = 1024 * 1024;
const MAX_SEGMENT_BYTES = 64 * 1024 * 1024;
const KEY_BYTES = 16;
/** Segments from the live edge at which it starts. Spec: RFC 8216, 6.3.3 (three target durations). */
const START_BEHIND = 3;
/** Playlists or segments in a row that could not be had. */
const MAX_FAILURES = 4;
const RETRY_MS = 500;
/** A playlist that shows nothing new for so many target durations is dead. */
const MAX_STALE = 6;

/**
 * Follows a live HLS stream of MPEG-TS segments: the variant of the highest bandwidth, from three segments behind the live
 * edge, one segment after the other, handed on at the pace at which they play. Spec: RFC 8216, 6.3 Client.
 */
export class HlsFollower {
  readonly #web: WebSource;
  readonly #listener: HlsFollowerListener;
  readonly #abort = new AbortController();
  readonly #pacer: SegmentPacer;
  #room = Promise.withResolvers<void>();
  #next: number | null = null;
  #key: { readonly uri: string; readonly bytes: Buffer } | null = null;

  constructor(web: WebSource, listener: HlsFollowerListener) {
    this.#web = web;
    this.#listener = listener;
    this.#pacer = new SegmentPacer({
      onBytes: (bytes) => listener.onBytes(bytes),
      onDiscontinuity: () => listener.onBreak('the HLS stream marks a discontinuity'),
      onRoom: () => this.#room.resolve(),
    });
  }

  /** @param text the playlist at `url`, which was read already */
  start(url: URL, text: string): void {
    this.#run(url, text).then(
      () => this.#end(null),
      (error: unknown) =>
        this.#end(error instanceof XgError ? error : new XgError('INTERNAL', errorMessage(error), { cause: error })),
    );
  }

  close(): void {
    this.#abort.abort(new XgError('STREAM_CLOSED', 'nobody wants this stream any more'));
    this.#pacer.close();
  }

  #end(error: XgError | null): void {
    if (this.#abort.signal.aborted) return;
    this.close();
    this.#listener.onEnd(error);
  }

  async #run(url: URL, text: string): Promise<void> {
    let media: { url: URL; playlist: MediaPlaylist } = await this.#media(url, text);
    let stale = 0;
    for (;;) {
      const startedAt = performance.now();
      const news = await this.#play(media.playlist);
      if (media.playlist.ended) break;
      stale = news ? 0 : stale + 1;
      if (stale > 2 * MAX_STALE) {
        throw new XgError('UPSTREAM_STALLED', `${url.host}: the HLS playlist shows nothing new any more`);
      }
      // 6.3.4: the target duration after a change, half of it where nothing has changed.
      const waitMs = media.playlist.targetSeconds * (news ? 1000 : 500);
      await delay(Math.max(50, waitMs - (performance.now() - startedAt)), null, { signal: this.#abort.signal });
      const { url: final, bytes } = await this.#try(() =>
        this.#web.read(media.url, { signal: this.#abort.signal, maxBytes: MAX_PLAYLIST_BYTES }),
      );
      media = await this.#media(final, bytes.toString('utf8'));
    }
    while (!this.#pacer.isEmpty) await delay(RETRY_MS, null, { signal: this.#abort.signal });
  }

  /** The media playlist itself, or that of the best variant. */
  async #media(url: URL, text: string): Promise<{ url: URL; playlist: MediaPlaylist }> {
    const playlist = parseHlsPlaylist(text, url);
    if (playlist.kind === 'media') return { url, playlist };
    const best = playlist.variants.reduce((one, other) => (other.bandwidth > one.bandwidth ? other : one));
    const answer = await this.#try(() =>
      this.#web.read(best.uri, { signal: this.#abort.signal, maxBytes: MAX_PLAYLIST_BYTES }),
    );
    const media = parseHlsPlaylist(answer.bytes.toString('utf8'), answer.url);
    if (media.kind === 'media') return { url: answer.url, playlist: media };
    throw new XgError('UPSTREAM_BAD_ANSWER', `${url.host}: a variant of the HLS stream is a list of variants again`);
  }

  /** Plays what is new in a playlist; false when nothing is. */
  async #play({ segments, ended }: MediaPlaylist): Promise<boolean> {
    const oldest = segments[0];
    if (oldest === undefined) return false;
    if (this.#next === null) {
      const behind = ended ? segments.length : START_BEHIND;
      this.#next = segments[Math.max(0, segments.length - behind)]?.sequence ?? oldest.sequence;
    }
    const newest = segments.at(-1)?.sequence ?? 0;
    // The numbers began anew, or we have fallen out of the window.
    const lost = newest < this.#next - segments.length - 1 || oldest.sequence > this.#next;
    if (lost) this.#next = segments[Math.max(0, segments.length - START_BEHIND)]?.sequence ?? oldest.sequence;
    const fresh = segments.filter(({ sequence }) => sequence >= (this.#next ?? 0));
    for (const [index, segment] of fresh.entries()) {
      await this.#untilRoom();
      const bytes = await this.#load(segment);
      const discontinuity = segment.discontinuity || (lost && index === 0) || this.#skipped;
      this.#next = segment.sequence + 1;
      this.#skipped = bytes === null;
      if (bytes !== null) this.#pacer.push({ bytes, seconds: segment.seconds, discontinuity });
    }
    return fresh.length > 0;
  }

  /** The last segment could not be had. */
  #skipped = false;

  async #untilRoom(): Promise<void> {
    while (!this.#pacer.hasRoom) {
      this.#room = Promise.withResolvers();
      await Promise.race([this.#room.promise, aborted(this.#abort.signal)]);
    }
    this.#abort.signal.throwIfAborted();
  }

  /** Null for one that is gone: the next one may be there. */
  async #load(segment: HlsSegment): Promise<Buffer | null> {
    const { signal } = this.#abort;
    try {
      const { bytes } = await this.#web.read(segment.uri, {
        signal,
        maxBytes: MAX_SEGMENT_BYTES,
        range: segment.range,
      });
      this.#failures = 0;
      return segment.key === null ? bytes : await this.#decrypt(bytes, segment.key, segment.sequence);
    } catch (error) {
      if (signal.aborted || ++this.#failures >= MAX_FAILURES) throw error;
      return null;
    }
  }

  #failures = 0;

  async #decrypt(bytes: Buffer, key: HlsKey, sequence: number): Promise<Buffer> {
    if (this.#key?.uri !== key.uri.href) {
      const answer = await this.#web.read(key.uri, { signal: this.#abort.signal, maxBytes: KEY_BYTES });
      this.#key = { uri: key.uri.href, bytes: answer.bytes };
    }
    const iv = key.iv ?? Buffer.alloc(KEY_BYTES);
    if (key.iv === null) iv.writeUInt32BE(sequence >>> 0, 12);
    const decipher = createDecipheriv('aes-128-cbc', this.#key.bytes, iv);
    return Buffer.concat([decipher.update(bytes), decipher.final()]);
  }

  /** Once more after a moment, a few times. */
  async #try<T>(attempt: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return await attempt();
      } catch (error) {
        if (this.#abort.signal.aborted || failures >= MAX_FAILURES) throw error;
      }
      await delay(RETRY_MS, null, { signal: this.#abort.signal });
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
