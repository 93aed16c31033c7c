/**
 * Headers of audio sync frames for tests, a line per field, and frames of filler behind them. Written from the standards
 * and not with transcoder/codec, so that a misreading there does not repeat itself here.
 */
import { BitWriter } from '#test/helpers/bit-writer.ts';

/** Can be no sync word of any syntax, whatever lies around it. */
const FILLER = 0x11;

/** `header`, then filler up to `length`. `mark` is the last byte: it says which frame this is. */
export function filled(header: Uint8Array, length: number, mark = FILLER): Buffer {
  const frame = Buffer.alloc(length, FILLER);
  frame.set(header);
  frame[length - 1] = mark;
  return frame;
}

export interface MpegAudioFields {
  /** ID with the extension bit: 3 MPEG-1, 2 MPEG-2 LSF, 1 reserved, 0 MPEG-2.5. */
  readonly id?: number;
  /** 3 layer I, 2 layer II, 1 layer III, 0 reserved. */
  readonly layer?: number;
  readonly bitrateIndex?: number;
  readonly rateIndex?: number;
  readonly padding?: number;
  /** 0 stereo, 1 joint_stereo, 2 dual_channel, 3 single_channel. */
  readonly mode?: number;
}

/** Spec: ISO/IEC 11172-3:1993, 2.4.1.3. Layer II, 192 kbit/s, 48 kHz, stereo unless told otherwise: 576 bytes. */
export function mpegAudioHeader(fields: MpegAudioFields = {}): Buffer {
  return new BitWriter()
    .put(0x7ff, 11) // syncword, less the bit that tells MPEG-2.5
    .put(fields.id ?? 3, 2) // ID
    .put(fields.layer ?? 2, 2) // layer
    .put(1, 1) // protection_bit
    .put(fields.bitrateIndex ?? 10, 4) // bitrate_index
    .put(fields.rateIndex ?? 1, 2) // sampling_frequency
    .put(fields.padding ?? 0, 1) // padding_bit
    .put(0, 1) // private_bit
    .put(fields.mode ?? 0, 2) // mode
    .put(0, 2) // mode_extension
    .put(0, 1) // copyright
    .put(1, 1) // original/copy
    .put(0, 2) // emphasis
    .bytes();
}

/** A frame of 576 bytes, 1152 samples at 48 kHz. */
export function mp2Frame(mark: number): Buffer {
  return filled(mpegAudioHeader(), 576, mark);
}

export interface Ac3Fields {
  readonly fscod?: number;
  readonly frmsizecod?: number;
  readonly bsid?: number;
  readonly acmod?: number;
  readonly lfeon?: number;
}

/** Spec: ETSI TS 102 366, 4.3.1 and 4.3.2. 48 kHz, 192 kbit/s, stereo unless told otherwise: 768 bytes. */
export function ac3Header(fields: Ac3Fields = {}): Buffer {
  const acmod = fields.acmod ?? 2;
  const bits = new BitWriter()
    .put(0x0b77, 16) // syncword
    .put(0x5a5a, 16) // crc1
    .put(fields.fscod ?? 0, 2) // fscod
    .put(fields.frmsizecod ?? 20, 6) // frmsizecod
    .put(fields.bsid ?? 8, 5) // bsid
    .put(0, 3) // bsmod
    .put(acmod, 3); // acmod
  if ((acmod & 1) !== 0 && acmod !== 1) bits.put(fields.lfeon === 0 ? 3 : 0, 2); // cmixlev
  if ((acmod & 4) !== 0) bits.put(fields.lfeon === 0 ? 3 : 0, 2); // surmixlev
  if (acmod === 2) bits.put(fields.lfeon === 0 ? 3 : 0, 2); // dsurmod
  return bits
    .put(fields.lfeon ?? 0, 1) // lfeon
    .put(27, 5) // dialnorm
    .bytes();
}

export interface Eac3Fields {
  readonly strmtyp?: number;
  readonly substreamid?: number;
  /** Bytes of the frame: frmsiz is half of it less one. */
  readonly length?: number;
  readonly fscod?: number;
  /** numblkscod, or fscod2 where fscod is 3. */
  readonly second?: number;
  readonly acmod?: number;
  readonly lfeon?: number;
  readonly bsid?: number;
}

/** Spec: ETSI TS 102 366, E.1.2.2. Independent, 48 kHz, six blocks, stereo, 768 bytes unless told otherwise. */
export function eac3Header(fields: Eac3Fields = {}): Buffer {
  return new BitWriter()
    .put(0x0b77, 16) // syncword
    .put(fields.strmtyp ?? 0, 2) // strmtyp
    .put(fields.substreamid ?? 0, 3) // substreamid
    .put((fields.length ?? 768) / 2 - 1, 11) // frmsiz
    .put(fields.fscod ?? 0, 2) // fscod
    .put(fields.second ?? 3, 2) // fscod2 or numblkscod
    .put(fields.acmod ?? 2, 3) // acmod
    .put(fields.lfeon ?? 0, 1) // lfeon
    .put(fields.bsid ?? 16, 5) // bsid
    .put(27, 5) // dialnorm
    .bytes();
}

export interface AdtsFields {
  readonly layer?: number;
  readonly id?: number;
  readonly protectionAbsent?: number;
  readonly profile?: number;
  readonly rateIndex?: number;
  readonly channelConfiguration?: number;
  readonly length?: number;
  /** number_of_raw_data_blocks_in_frame: one less than there are. */
  readonly blocks?: number;
}

/** Spec: ISO/IEC 14496-3:2019, 1.A.3.2. LC, 48 kHz, stereo, 400 bytes unless told otherwise. */
export function adtsHeader(fields: AdtsFields = {}): Buffer {
  return new BitWriter()
    .put(0xfff, 12) // syncword
    .put(fields.id ?? 0, 1) // ID
    .put(fields.layer ?? 0, 2) // layer
    .put(fields.protectionAbsent ?? 1, 1) // protection_absent
    .put(fields.profile ?? 1, 2) // profile_ObjectType
    .put(fields.rateIndex ?? 3, 4) // sampling_frequency_index
    .put(0, 1) // private_bit
    .put(fields.channelConfiguration ?? 2, 3) // channel_configuration
    .put(0, 1) // original/copy
    .put(0, 1) // home
    .put(0, 1) // copyright_identification_bit
    .put(0, 1) // copyright_identification_start
    .put(fields.length ?? 400, 13) // aac_frame_length
    .put(0x7ff, 11) // adts_buffer_fullness
    .put(fields.blocks ?? 0, 2) // number_of_raw_data_blocks_in_frame
    .bytes();
}

/** Spec: ISO/IEC 14496-3:2019, 1.7.2.1 AudioSyncStream. */
export function loasFrame(audioMuxElement: Uint8Array): Buffer {
  return new BitWriter()
    .put(0x2b7, 11) // syncword
    .put(audioMuxElement.length, 13) // audioMuxLengthBytes
    .putBytes(audioMuxElement)
    .bytes();
}
