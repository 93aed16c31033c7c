import { parseAc3Header } from '#shared/codec/ac3.ts';
import { parseAdtsHeader } from '#shared/codec/adts.ts';
import type { AudioFrameHeader, AudioHeaderParser } from '#shared/codec/audio-frame.ts';
import { parseLoasHeader } from '#shared/codec/loas.ts';
import { parseMpegAudioHeader } from '#shared/codec/mpeg-audio.ts';
import type { AudioCodec } from '#shared/mpegts/stream-type.ts';

/** Frames in a row that make a codec sure: one header alone is found in any noise. */
const SURE_FRAMES = 3;
/** Three frames of the longest syntax begin within this. */
const CAPACITY = 32 * 1024;
/** A look at all of it for every so many bytes, not for every packet. */
const LOOK_BYTES = 1024;

/** The order matters where two syntaxes share a sync word: ADTS is MPEG audio of the reserved layer 0. */
const CANDIDATES: readonly (readonly [AudioHeaderParser, (header: AudioFrameHeader) => AudioCodec])[] = [
  [parseAc3Header, (header) => ('enhanced' in header && header.enhanced === true ? 'eac3' : 'ac3')],
  [parseAdtsHeader, () => 'aac-adts'],
  [parseMpegAudioHeader, () => 'mpeg-audio'],
  [parseLoasHeader, () => 'aac-latm'],
];

/** Tells the codec of an elementary stream by its frames, where the tables do not. Holds at most 32 KiB. */
export class CodecProbe {
  readonly #buffer = Buffer.allocUnsafe(CAPACITY);
  #filled = 0;
  #nextLook = LOOK_BYTES;

  /** True when so much was looked at that nothing will be found any more. */
  get exhausted(): boolean {
    return this.#filled >= CAPACITY;
  }

  /** The codec, once it is sure. */
  push(bytes: Uint8Array, from: number, to: number): AudioCodec | null {
    const take = Math.min(to - from, CAPACITY - this.#filled);
    this.#buffer.set(bytes.subarray(from, from + take), this.#filled);
    this.#filled += take;
    if (this.#filled < this.#nextLook && !this.exhausted) return null;
    this.#nextLook = this.#filled + LOOK_BYTES;
    for (const [parse, name] of CANDIDATES) {
      const header = this.#find(parse);
      if (header !== null) return name(header);
    }
    return null;
  }

  #find(parse: AudioHeaderParser): AudioFrameHeader | null {
    for (let at = 0; at + 4 <= this.#filled; at++) {
      const header = parse(this.#buffer, at, this.#filled);
      if (header === null || header === 'short') continue;
      if (this.#isFollowed(parse, at + header.length, header)) return header;
    }
    return null;
  }

  #isFollowed(parse: AudioHeaderParser, from: number, first: AudioFrameHeader): boolean {
    let at = from;
    for (let frame = 1; frame < SURE_FRAMES; frame++) {
      const header = parse(this.#buffer, at, this.#filled);
      if (header === null || header === 'short' || header.sampleRate !== first.sampleRate) return false;
      at += header.length;
    }
    return true;
  }
}
