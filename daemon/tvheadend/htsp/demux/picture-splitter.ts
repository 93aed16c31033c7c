import {
  H264_ENTRY_TYPES,
  type H264Sps,
  h264NalType,
  NAL_AUD,
  NAL_IDR,
  NAL_PPS,
  NAL_SEI,
  NAL_SLICE,
  NAL_SPS,
  parseH264Slice,
  parseH264Sps,
} from '#shared/codec/h264.ts';
import {
  HEVC_AUD,
  HEVC_PPS,
  HEVC_PREFIX_SEI,
  HEVC_SPS,
  HEVC_VPS,
  type HevcPps,
  hevcNalType,
  hevcSliceType,
  isFirstHevcSlice,
  isHevcAccessPoint,
  isHevcSlice,
  parseHevcPps,
  parseHevcSps,
  parseHevcVpsTicks,
} from '#shared/codec/hevc.ts';
import {
  EXTENSION_START,
  GROUP_START,
  isFieldPicture,
  PICTURE_START,
  parseSequenceHeader,
  pictureType,
  SEQUENCE_HEADER,
} from '#shared/codec/mpeg2-video.ts';
import type { PictureType, VideoFormat } from '#shared/codec/picture.ts';
import { startCodes } from '#shared/codec/start-code.ts';
import type { VideoCodec } from '#shared/mpegts/stream-type.ts';

/** A picture within the data of a PES: a frame, or the fields of one. */
export interface FoundPicture {
  start: number;
  end: number;
  type: PictureType;
  /** A decoder can begin here. */
  isEntry: boolean;
}

/** Finds the pictures of a video stream and keeps what its headers say. One for each stream. */
export interface PictureSplitter {
  /** Null until a header has come. */
  readonly format: VideoFormat | null;
  /** The pictures that begin in `bytes`, in order; what lies before the first one belongs to a picture before it. */
  split(bytes: Buffer): FoundPicture[];
}

export function createPictureSplitter(codec: VideoCodec): PictureSplitter {
  if (codec === 'h264') return new H264Splitter();
  return codec === 'hevc' ? new HevcSplitter() : new Mpeg2Splitter();
}

/** Collects pictures: headers in front of a picture are its own, a second field joins the first. */
class Pictures {
  readonly list: FoundPicture[] = [];
  #headersAt = -1;
  #isFirstField = false;
  #seenHeaderEntry = false;

  /** Something that only stands in front of pictures. */
  header(at: number, isEntry = false): void {
    if (this.#headersAt < 0) this.#headersAt = at;
    this.#seenHeaderEntry ||= isEntry;
  }

  /** A picture's first slice or its header. */
  picture(at: number, type: PictureType, isEntry: boolean, isField: boolean): void {
    const start = this.#headersAt < 0 ? at : this.#headersAt;
    const last = this.list.at(-1);
    if (isField && this.#isFirstField && last !== undefined) this.#isFirstField = false;
    else {
      if (last !== undefined) last.end = start;
      this.list.push({ start, end: 0, type, isEntry: isEntry || this.#seenHeaderEntry });
      this.#isFirstField = isField;
    }
    this.#headersAt = -1;
    this.#seenHeaderEntry = false;
  }

  /** A further slice of the picture in work. */
  slice(type: PictureType): void {
    const last = this.list.at(-1);
    if (last !== undefined && RANK[type] > RANK[last.type]) last.type = type;
  }

  finish(end: number): FoundPicture[] {
    const last = this.list.at(-1);
    if (last !== undefined) last.end = end;
    return this.list;
  }
}

const RANK: Readonly<Record<PictureType, number>> = { I: 0, P: 1, B: 2 };

class Mpeg2Splitter implements PictureSplitter {
  format: VideoFormat | null = null;

  split(bytes: Buffer): FoundPicture[] {
    const pictures = new Pictures();
    const codes = startCodes(bytes);
    for (const [index, at] of codes.entries()) {
      const code = bytes[at + 3] as number;
      if (code === SEQUENCE_HEADER) {
        this.format = parseSequenceHeader(bytes, at) ?? this.format;
        pictures.header(at, true);
      } else if (code === GROUP_START) pictures.header(at);
      else if (code === PICTURE_START) {
        const type = pictureType(bytes, at) ?? 'P';
        const next = codes[index + 1];
        const isExtended = next !== undefined && bytes[next + 3] === EXTENSION_START;
        const isField = isExtended && isFieldPicture(bytes, next) === true;
        pictures.picture(at, type, false, isField);
      }
    }
    return pictures.finish(bytes.length);
  }
}

class H264Splitter implements PictureSplitter {
  #sps: H264Sps | null = null;

  get format(): VideoFormat | null {
    return this.#sps;
  }

  split(bytes: Buffer): FoundPicture[] {
    const pictures = new Pictures();
    const codes = startCodes(bytes);
    for (const [index, code] of codes.entries()) {
      const at = code > 0 && bytes[code - 1] === 0 ? code - 1 : code; // zero_byte
      const nal = code + 3;
      const end = codes[index + 1] ?? bytes.length;
      switch (h264NalType(bytes, nal)) {
        case NAL_SPS:
          this.#sps = parseH264Sps(bytes, nal, end) ?? this.#sps;
          pictures.header(at, true);
          break;
        case NAL_AUD:
        case NAL_PPS:
        case NAL_SEI:
          pictures.header(at);
          break;
        case NAL_SLICE:
        case NAL_IDR: {
          const slice = parseH264Slice(bytes, nal, end, this.#sps);
          if (slice === null) break;
          const isIdr = h264NalType(bytes, nal) === NAL_IDR;
          if (slice.firstMb === 0) pictures.picture(at, slice.type, isIdr, slice.isField);
          else pictures.slice(slice.type);
          break;
        }
        default:
      }
    }
    return pictures.finish(bytes.length).map((picture) => entryOf(picture));
  }
}

/** With an SPS in front but no I picture behind it: nothing to begin with. */
function entryOf(picture: FoundPicture): FoundPicture {
  return picture.isEntry && !H264_ENTRY_TYPES.has(picture.type) ? { ...picture, isEntry: false } : picture;
}

class HevcSplitter implements PictureSplitter {
  #sps: VideoFormat | null = null;
  #frameTicks: number | null = null;
  readonly #pps = new Map<number, HevcPps>();

  get format(): VideoFormat | null {
    return this.#sps === null ? null : { ...this.#sps, frameTicks: this.#frameTicks };
  }

  split(bytes: Buffer): FoundPicture[] {
    const pictures = new Pictures();
    const codes = startCodes(bytes);
    for (const [index, code] of codes.entries()) {
      const at = code > 0 && bytes[code - 1] === 0 ? code - 1 : code; // zero_byte
      const nal = code + 3;
      const end = codes[index + 1] ?? bytes.length;
      const type = hevcNalType(bytes, nal);
      if (type === HEVC_VPS) this.#frameTicks = parseHevcVpsTicks(bytes, nal, end) ?? this.#frameTicks;
      if (type === HEVC_SPS) this.#sps = parseHevcSps(bytes, nal, end) ?? this.#sps;
      if (type === HEVC_PPS) this.#addPps(parseHevcPps(bytes, nal, end));
      if (type === HEVC_AUD || (type >= HEVC_VPS && type <= HEVC_PPS) || type === HEVC_PREFIX_SEI) pictures.header(at);
      if (!isHevcSlice(type) || !isFirstHevcSlice(bytes, nal, end)) continue;
      const isEntry = isHevcAccessPoint(type);
      const picture = isEntry ? 'I' : (hevcSliceType(bytes, nal, end, this.#pps) ?? 'P');
      pictures.picture(at, picture, isEntry, false);
    }
    return pictures.finish(bytes.length);
  }

  /** At most 64 (7.4.3.3.1). */
  #addPps(pps: HevcPps | null): void {
    if (pps !== null && pps.id < 64) this.#pps.set(pps.id, pps);
  }
}
