import { type PesListener, PesReader } from '#shared/mpegts/pes-reader.ts';
import type { AccessUnit } from './access-unit.ts';
import { AudioUnits, type FramedCodec } from './audio-units.ts';
import type { Timeline } from './timeline.ts';
import type { AudioTrack, Track, VideoTrack } from './track.ts';
import { VideoUnits } from './video-units.ts';

/** More than a picture of the highest level has; a PES that grows beyond it is junk. */
const MAX_PES_BYTES = 4 * 1024 * 1024;

/** The packets of one PID: its PES, and what is in them. */
export class ElementaryStream {
  readonly #reader: PesReader;
  readonly #payload: Payload;

  constructor(tracks: readonly Track[], timeline: Timeline, onUnit: (unit: AccessUnit) => void) {
    this.#payload = createPayload(tracks, timeline, onUnit);
    this.#reader = new PesReader(this.#payload);
  }

  /** With what the stream has said of itself by now. */
  get tracks(): readonly Track[] {
    return this.#payload.tracks;
  }

  push(packets: Buffer, at: number): void {
    this.#reader.pushPacket(packets, at);
  }

  /** Packets are missing. */
  lose(): void {
    this.#reader.lose();
    this.#payload.lose();
  }
}

interface Payload extends PesListener {
  readonly tracks: readonly Track[];
  lose(): void;
}

function createPayload(tracks: readonly Track[], timeline: Timeline, onUnit: (unit: AccessUnit) => void): Payload {
  const [first] = tracks;
  if (first?.kind === 'video') return new VideoPayload(first, timeline, onUnit);
  if (first?.kind === 'audio' && first.codec !== 'dts') return new AudioPayload(first, first.codec, timeline, onUnit);
  return new WholePayload(tracks, timeline, onUnit);
}

type StartHeader = Parameters<PesListener['onStart']>[0];

const FIRST_PES_BYTES = 16 * 1024;

/** Collects whole PES, in memory of its own: that of the stream is used again after some seconds. */
class PesCollector {
  #memory = Buffer.allocUnsafeSlow(FIRST_PES_BYTES);
  #length = 0;
  #awaited: number | null = null;

  begin(dataLength: number | null): void {
    this.#length = 0;
    this.#awaited = dataLength;
  }

  /** True once all that the header promised is there. */
  add(bytes: Uint8Array, from: number, to: number): boolean {
    const length = this.#length + to - from;
    if (length > MAX_PES_BYTES) {
      this.begin(null);
      return false;
    }
    if (length > this.#memory.length) this.#grow(length);
    this.#memory.set(bytes.subarray(from, to), this.#length);
    this.#length = length;
    return this.#awaited !== null && length >= this.#awaited;
  }

  take(): Buffer | null {
    const bytes = this.#length === 0 ? null : Buffer.from(this.#memory.subarray(0, this.#length)); // copy
    this.begin(null);
    return bytes;
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#memory.length * 2));
    this.#memory.copy(larger, 0, 0, this.#length);
    this.#memory = larger;
  }
}

class VideoPayload implements Payload {
  readonly #track: VideoTrack;
  readonly #timeline: Timeline;
  readonly #units: VideoUnits;
  readonly #pes = new PesCollector();
  #stamps: { readonly pts: number | null; readonly dts: number | null } = { pts: null, dts: null };
  /** A picture with a hole in it is not shown; what leans on it players get along with. */
  #isBroken = true;

  constructor(track: VideoTrack, timeline: Timeline, onUnit: (unit: AccessUnit) => void) {
    this.#track = track;
    this.#timeline = timeline;
    this.#units = new VideoUnits(track.index, track.codec, onUnit);
  }

  get tracks(): readonly Track[] {
    return [{ ...this.#track, format: this.#units.format }];
  }

  onStart({ pts, dts, dataLength }: StartHeader): void {
    this.#finish();
    this.#stamps = {
      pts: pts === null ? null : this.#timeline.place(pts),
      dts: dts === null ? null : this.#timeline.place(dts),
    };
    this.#pes.begin(dataLength);
    this.#isBroken = false;
  }

  onData(bytes: Uint8Array, from: number, to: number): void {
    if (!this.#isBroken && this.#pes.add(bytes, from, to)) this.#finish();
  }

  onBadHeader(): void {
    this.lose();
  }

  lose(): void {
    this.#isBroken = true;
    this.#pes.begin(null);
    this.#units.reset();
  }

  #finish(): void {
    const bytes = this.#pes.take();
    if (bytes !== null && !this.#isBroken) this.#units.push({ bytes, ...this.#stamps });
  }
}

class AudioPayload implements Payload {
  readonly #track: AudioTrack;
  readonly #timeline: Timeline;
  readonly #units: AudioUnits;

  constructor(track: AudioTrack, codec: FramedCodec, timeline: Timeline, onUnit: (unit: AccessUnit) => void) {
    this.#track = track;
    this.#timeline = timeline;
    this.#units = new AudioUnits(track.index, codec, onUnit);
  }

  get tracks(): readonly Track[] {
    const type = this.#units.isLatmKept ? 'AACLATM' : this.#track.type;
    return [{ ...this.#track, type, sound: this.#units.sound }];
  }

  onStart({ pts }: StartHeader): void {
    this.#units.begin(pts === null ? null : this.#timeline.place(pts));
  }

  onData(bytes: Uint8Array, from: number, to: number): void {
    this.#units.data(bytes, from, to);
  }

  onBadHeader(): void {
    this.#units.lose();
  }

  lose(): void {
    this.#units.lose();
  }
}

/** Teletext, subtitles, DTS: whole PES. */
class WholePayload implements Payload {
  readonly tracks: readonly Track[];
  readonly #timeline: Timeline;
  readonly #onUnit: (unit: AccessUnit) => void;
  readonly #pes = new PesCollector();
  #pts: number | null = null;

  constructor(tracks: readonly Track[], timeline: Timeline, onUnit: (unit: AccessUnit) => void) {
    // Of DTS the frame headers are not read.
    this.tracks = tracks.map((track) =>
      track.kind === 'audio' ? { ...track, sound: { channels: 2, sampleRate: 48_000 } } : track,
    );
    this.#timeline = timeline;
    this.#onUnit = onUnit;
  }

  onStart({ pts, dataLength }: StartHeader): void {
    this.#finish();
    this.#pts = pts === null ? this.#timeline.now : this.#timeline.place(pts);
    this.#pes.begin(dataLength);
  }

  onData(bytes: Uint8Array, from: number, to: number): void {
    if (this.#pes.add(bytes, from, to)) this.#finish();
  }

  onBadHeader(): void {
    this.lose();
  }

  lose(): void {
    this.#pes.begin(null);
  }

  #finish(): void {
    const data = this.#pes.take();
    const pts = this.#pts;
    if (data === null || pts === null) return;
    const isSubtitle = this.tracks[0]?.kind === 'subtitles';
    const bytes = isSubtitle ? subtitleSegments(data) : data;
    if (bytes === null) return;
    for (const { index } of this.tracks) {
      this.#onUnit({ track: index, picture: null, isEntry: true, pts, dts: pts, ticks: 0, bytes });
    }
  }
}

/**
 * The segments alone, as decoders take them.
 *
 * Spec: ETSI EN 300 743 V1.6.1, 7.1: data_identifier 0x20, subtitle_stream_id 0, segments,
 * end_of_PES_data_field_marker 0xff.
 */
function subtitleSegments(data: Buffer): Buffer | null {
  if (data.length < 3 || data[0] !== 0x20 || data[1] !== 0x00) return null;
  const end = data[data.length - 1] === 0xff ? data.length - 1 : data.length;
  return data.subarray(2, end);
}
