/** Spec: RFC 8216, 4 Playlists. What a live MPEG-TS stream needs of them. */
import { XgError } from '#shared/errors.ts';
import type { ByteRange } from './web-source.ts';

export interface HlsKey {
  readonly uri: URL;
  /** 16 bytes; null takes the segment's media sequence number (5.2). */
  readonly iv: Buffer | null;
}

export interface HlsSegment {
  /** Media sequence number. */
  readonly sequence: number;
  readonly uri: URL;
  readonly seconds: number;
  /** EXT-X-DISCONTINUITY stands before it. */
  readonly discontinuity: boolean;
  /** AES-128; null for a clear one. */
  readonly key: HlsKey | null;
  readonly range: ByteRange | null;
}

export type HlsPlaylist =
  | { readonly kind: 'master'; readonly variants: readonly { readonly uri: URL; readonly bandwidth: number }[] }
  | {
      readonly kind: 'media';
      readonly targetSeconds: number;
      readonly ended: boolean;
      readonly segments: readonly HlsSegment[];
    };

const MAX_LINES = 50_000;

export function isPlaylist(text: string): boolean {
  return text.replace(/^\ufeff/, '').startsWith('#EXTM3U');
}

/** @throws XgError `UPSTREAM_BAD_ANSWER` for what is no playlist, or one of a form that cannot be played here. */
export function parseHlsPlaylist(text: string, base: URL): HlsPlaylist {
  if (!isPlaylist(text)) throw unplayable(base, 'what should be a playlist does not begin with #EXTM3U');
  const reader = new PlaylistReader(base);
  for (const line of text.split(/\r?\n/, MAX_LINES)) reader.read(line.trim());
  return reader.result();
}

class PlaylistReader {
  readonly #base: URL;
  readonly #variants: { uri: URL; bandwidth: number }[] = [];
  readonly #segments: HlsSegment[] = [];
  #targetSeconds: number | null = null;
  #sequence = 0;
  #ended = false;
  #bandwidth: number | null = null;
  #seconds: number | null = null;
  #discontinuity = false;
  #key: HlsKey | null = null;
  #range: { length: number; from: number | null } | null = null;
  #rangeEnd = 0;

  constructor(base: URL) {
    this.#base = base;
  }

  read(line: string): void {
    if (line === '') return;
    if (!line.startsWith('#')) {
      this.#readUri(line);
      return;
    }
    const [tag = '', value = ''] = line.split(/:(.*)/s);
    switch (tag) {
      case '#EXT-X-STREAM-INF':
        this.#bandwidth = Number(attribute(value, 'BANDWIDTH') ?? 0) || 0;
        return;
      case '#EXT-X-TARGETDURATION':
        this.#targetSeconds = Number.parseFloat(value) || null;
        return;
      case '#EXT-X-MEDIA-SEQUENCE':
        this.#sequence = Number.parseInt(value, 10) || 0;
        return;
      case '#EXTINF':
        this.#seconds = Number.parseFloat(value) || 0;
        return;
      case '#EXT-X-DISCONTINUITY':
        this.#discontinuity = true;
        return;
      case '#EXT-X-BYTERANGE': {
        const [length = '', from] = value.split('@');
        this.#range = { length: Number(length), from: from === undefined ? null : Number(from) };
        return;
      }
      case '#EXT-X-KEY':
        this.#key = this.#readKey(value);
        return;
      case '#EXT-X-MAP':
        throw unplayable(this.#base, 'its segments are fragmented MP4; MPEG-TS segments are needed');
      case '#EXT-X-ENDLIST':
        this.#ended = true;
    }
  }

  result(): HlsPlaylist {
    if (this.#variants.length > 0) return { kind: 'master', variants: this.#variants };
    if (this.#targetSeconds === null) throw unplayable(this.#base, 'its playlist has neither variants nor segments');
    return { kind: 'media', targetSeconds: this.#targetSeconds, ended: this.#ended, segments: this.#segments };
  }

  #readUri(line: string): void {
    const uri = this.#resolve(line);
    if (this.#bandwidth !== null) {
      this.#variants.push({ uri, bandwidth: this.#bandwidth });
      this.#bandwidth = null;
      return;
    }
    if (this.#seconds === null) return; // a plain list of URLs is no HLS
    this.#segments.push({
      sequence: this.#sequence++,
      uri,
      seconds: this.#seconds,
      discontinuity: this.#discontinuity,
      key: this.#key,
      range: this.#takeRange(),
    });
    this.#seconds = null;
    this.#discontinuity = false;
  }

  #takeRange(): ByteRange | null {
    if (this.#range === null) return null;
    const from = this.#range.from ?? this.#rangeEnd;
    const range = { from, length: this.#range.length };
    this.#rangeEnd = from + range.length;
    this.#range = null;
    return range;
  }

  #readKey(value: string): HlsKey | null {
    const method = attribute(value, 'METHOD');
    if (method === 'NONE') return null;
    const uri = attribute(value, 'URI');
    if (method !== 'AES-128' || uri === null) {
      throw unplayable(this.#base, `its segments are encrypted by ${String(method).slice(0, 20)}`);
    }
    const iv = /^0x([0-9a-f]{1,32})$/i.exec(attribute(value, 'IV') ?? '')?.[1];
    return { uri: this.#resolve(uri), iv: iv === undefined ? null : Buffer.from(iv.padStart(32, '0'), 'hex') };
  }

  #resolve(text: string): URL {
    const uri = URL.parse(text, this.#base.href);
    if (uri === null || !/^https?:$/.test(uri.protocol))
      throw unplayable(this.#base, 'its playlist names a bad address');
    // A login in the playlist's own address holds for what lies beside it.
    if (uri.host === this.#base.host && uri.username === '') {
      uri.username = this.#base.username;
      uri.password = this.#base.password;
    }
    return uri;
  }
}

/** An attribute of a tag's list (4.2); quotes taken off. */
function attribute(list: string, name: string): string | null {
  for (const [, key, quoted, plain] of list.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^,]*))/g)) {
    if (key === name) return quoted ?? plain ?? '';
  }
  return null;
}

function unplayable({ host }: URL, why: string): XgError {
  return new XgError('UPSTREAM_BAD_ANSWER', `${host}: this HLS stream cannot be played: ${why}`);
}
