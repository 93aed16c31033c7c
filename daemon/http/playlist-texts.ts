import { createHash } from 'node:crypto';

export interface PlaylistText {
  readonly text: Buffer;
  readonly etag: string;
}

/** Lists of an ordinary house are far below: 500 channels are 150 kB. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Playlists as they were last written, for players that ask again and again: those of the newest channels, 4 MiB at the
 * most, the oldest first out.
 */
export class PlaylistTexts {
  readonly #texts = new Map<string, PlaylistText>();
  #channels: object | null = null;
  #bytes = 0;

  /** `key` says everything that the text depends on besides the channels, which are known by their identity. */
  get(channels: object, key: string, write: () => Iterable<string>): PlaylistText {
    if (this.#channels !== channels) {
      this.#texts.clear();
      this.#bytes = 0;
      this.#channels = channels;
    }
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    const text = Buffer.from([...write()].join(''));
    // Of the text itself, so that it is the same after a restart.
    const made = { text, etag: `W/"${createHash('sha1').update(text).digest('base64url')}"` };
    this.#texts.set(key, made);
    this.#bytes += text.length;
    for (const [oldest, { text: old }] of this.#texts) {
      if (this.#bytes <= MAX_BYTES) break;
      this.#texts.delete(oldest);
      this.#bytes -= old.length;
    }
    return made;
  }
}
