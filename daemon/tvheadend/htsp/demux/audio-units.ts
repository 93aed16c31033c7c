import { type Ac3Header, parseAc3Header } from '#shared/codec/ac3.ts';
import { AAC_FRAME_SAMPLES, ADTS_HEADER, parseAdtsHeader, writeAdtsHeader } from '#shared/codec/adts.ts';
import type { AudioFrameHeader, AudioHeaderParser } from '#shared/codec/audio-frame.ts';
import { Eac3Units } from '#shared/codec/eac3-units.ts';
import { FrameSplitter, type SplitFrame } from '#shared/codec/frame-splitter.ts';
import { copyFromBit, LatmReader } from '#shared/codec/latm.ts';
import { parseLoasHeader } from '#shared/codec/loas.ts';
import { parseMpegAudioHeader } from '#shared/codec/mpeg-audio.ts';
import type { AudioCodec } from '#shared/mpegts/stream-type.ts';
import type { AccessUnit } from './access-unit.ts';

export interface Sound {
  readonly channels: number;
  readonly sampleRate: number;
}

/** Those whose frames are taken apart. */
export type FramedCodec = Exclude<AudioCodec, 'dts'>;

const PARSERS: Readonly<Record<FramedCodec, AudioHeaderParser>> = {
  'mpeg-audio': parseMpegAudioHeader,
  ac3: parseAc3Header,
  eac3: parseAc3Header,
  'aac-adts': parseAdtsHeader,
  'aac-latm': parseLoasHeader,
};

/** The longest frame that ADTS can wrap. */
const MAX_ADTS_UNIT = 8191 - ADTS_HEADER;

/**
 * Audio frames out of the PES of one track, each with its own PTS: that of its PES for the first one that begins there,
 * the end of the one before for the others. E-AC-3 frames of one instant come together; LATM is wrapped anew as ADTS,
 * which clients have, where the syntax allows it.
 */
export class AudioUnits {
  readonly #track: number;
  readonly #onUnit: (unit: AccessUnit) => void;
  readonly #splitter: FrameSplitter;
  readonly #eac3: Eac3Units | null;
  readonly #latm: LatmReader | null;
  /** PTS of the first frame that begins at `position` or behind it. */
  #mark: { readonly position: number; readonly pts: number } | null = null;
  #nextPts: number | null = null;
  #sound: Sound | null = null;
  #isLatmKept = false;

  constructor(track: number, codec: FramedCodec, onUnit: (unit: AccessUnit) => void) {
    this.#track = track;
    this.#onUnit = onUnit;
    this.#splitter = new FrameSplitter(
      PARSERS[codec],
      (frame) => this.#onFrame(frame),
      () => undefined,
    );
    this.#eac3 =
      codec === 'eac3'
        ? new Eac3Units(({ bytes, header, position }) => this.#emit(Buffer.from(bytes), header, position)) // copy
        : null;
    this.#latm = codec === 'aac-latm' ? new LatmReader() : null;
  }

  /** Null until the first frame. */
  get sound(): Sound | null {
    return this.#sound;
  }

  /** LATM that cannot be wrapped anew is sent as it is. */
  get isLatmKept(): boolean {
    return this.#isLatmKept;
  }

  /** A PES begins. */
  begin(pts: number | null): void {
    if (pts === null) return;
    this.#mark = { position: this.#splitter.writePosition, pts };
  }

  data(bytes: Uint8Array, from: number, to: number): void {
    this.#splitter.push(bytes, from, to);
  }

  /** Packets are missing: what is held of a frame is of no use. */
  lose(): void {
    this.#splitter.loseBytes(0);
    this.#nextPts = null;
  }

  #onFrame(frame: SplitFrame): void {
    if (this.#eac3 !== null) this.#eac3.push(frame.bytes, frame.header as Ac3Header, frame.position);
    else if (this.#latm !== null) this.#rewrap(frame);
    else this.#emit(Buffer.from(frame.bytes), frame.header, frame.position); // copy
  }

  #emit(bytes: Buffer, header: Pick<AudioFrameHeader, 'channels' | 'sampleRate' | 'samples'>, position: number): void {
    this.#sound ??= { channels: header.channels || 2, sampleRate: header.sampleRate };
    const ticks = (header.samples * 90_000) / header.sampleRate;
    this.#send(bytes, this.#ptsAt(position), ticks);
  }

  #rewrap(frame: SplitFrame): void {
    const read = this.#latm?.read(frame.bytes) ?? null;
    if (read === null) return;
    if (read === 'unsupported') {
      this.#isLatmKept = true;
      this.#emit(Buffer.from(frame.bytes), { channels: 2, sampleRate: 48_000, samples: 1024 }, frame.position); // copy
      return;
    }
    const { rateIndex, channelConfiguration, sampleRate } = read.config;
    const header = { channels: CHANNELS[channelConfiguration] ?? 2, sampleRate, samples: AAC_FRAME_SAMPLES };
    for (const { bitOffset, length } of read.units) {
      if (length === 0 || length > MAX_ADTS_UNIT) continue;
      const unit = Buffer.alloc(ADTS_HEADER + length);
      writeAdtsHeader(unit, 0, rateIndex, channelConfiguration, length);
      copyFromBit(frame.bytes, bitOffset, length, unit.subarray(ADTS_HEADER));
      this.#emit(unit, header, frame.position);
    }
  }

  #ptsAt(position: number): number | null {
    if (this.#mark === null || position < this.#mark.position) return this.#nextPts;
    const { pts } = this.#mark;
    this.#mark = null;
    return pts;
  }

  #send(bytes: Buffer, pts: number | null, ticks: number): void {
    if (pts === null) return; // before the first stamp: nobody knows when it is to be heard
    this.#nextPts = pts + ticks;
    const stamp = Math.round(pts);
    const isEntry = true;
    this.#onUnit({
      track: this.#track,
      picture: null,
      isEntry,
      pts: stamp,
      dts: stamp,
      ticks: Math.round(ticks),
      bytes,
    });
  }
}

/** Channels by channelConfiguration (ISO/IEC 14496-3, table 1.19). */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8];
