/**
 * LATM for tests, a line per field, written from the standard.
 *
 * Spec: ISO/IEC 14496-3:2019, 1.7.3 (AudioMuxElement, StreamMuxConfig, PayloadLengthInfo) and 1.6.2.1.
 */
import { BitWriter } from '#test/helpers/bit-writer.ts';
import { loasFrame } from './audio-frames.ts';

export interface AudioSpecificConfigFields {
  /** audioObjectType; from 32 on it is escaped. */
  readonly objectType?: number;
  /** samplingFrequencyIndex, or a rate that is written out. */
  readonly rate?: { readonly index: number } | { readonly hertz: number };
  readonly channelConfiguration?: number;
  /** Explicit SBR (5) or PS (29): objectType is then that of the core. */
  readonly extension?: { readonly objectType: number; readonly index: number };
  readonly shortFrames?: boolean;
  /** coreCoderDelay. */
  readonly coreCoderDelay?: number;
  readonly extensionFlag?: boolean;
}

function putObjectType(bits: BitWriter, type: number): void {
  if (type < 31) bits.put(type, 5);
  else bits.put(31, 5).put(type - 32, 6); // audioObjectTypeExt
}

function putRate(bits: BitWriter, rate: { readonly index: number } | { readonly hertz: number }): void {
  if ('index' in rate) bits.put(rate.index, 4);
  else bits.put(15, 4).put(rate.hertz, 24); // samplingFrequency
}

/** AAC-LC, 48 kHz, stereo unless told otherwise. */
export function putAudioSpecificConfig(bits: BitWriter, fields: AudioSpecificConfigFields = {}): void {
  putObjectType(bits, fields.extension?.objectType ?? fields.objectType ?? 2); // audioObjectType
  putRate(bits, fields.rate ?? { index: 3 }); // samplingFrequencyIndex
  bits.put(fields.channelConfiguration ?? 2, 4); // channelConfiguration
  if (fields.extension !== undefined) {
    bits.put(fields.extension.index, 4); // extensionSamplingFrequencyIndex
    putObjectType(bits, fields.objectType ?? 2);
  }
  bits.put(fields.shortFrames === true ? 1 : 0, 1); // frameLengthFlag
  bits.put(fields.coreCoderDelay === undefined ? 0 : 1, 1); // dependsOnCoreCoder
  if (fields.coreCoderDelay !== undefined) bits.put(fields.coreCoderDelay, 14);
  bits.put(fields.extensionFlag === true ? 1 : 0, 1); // extensionFlag
}

export interface StreamMuxConfigFields {
  readonly version?: 0 | 1;
  /** audioMuxVersionA, of version 1. */
  readonly versionA?: 0 | 1;
  readonly sameTimeFraming?: boolean;
  /** One less than there are. */
  readonly numSubFrames?: number;
  readonly numProgram?: number;
  readonly numLayer?: number;
  readonly config?: AudioSpecificConfigFields;
  /** fillBits behind the config, of version 1. */
  readonly fillBits?: number;
  readonly frameLengthType?: number;
  /** otherDataLenBits. */
  readonly otherData?: number;
  readonly crc?: number;
}

/** LatmGetValue() in as few bytes as it takes. */
function putLatmValue(bits: BitWriter, value: number): void {
  const bytes = value < 0x100 ? 1 : value < 0x1_0000 ? 2 : value < 0x100_0000 ? 3 : 4;
  bits.put(bytes - 1, 2).put(value, bytes * 8); // bytesForValue, valueTmp
}

export function putStreamMuxConfig(bits: BitWriter, fields: StreamMuxConfigFields = {}): void {
  const version = fields.version ?? 0;
  bits.put(version, 1); // audioMuxVersion
  if (version === 1) {
    bits.put(fields.versionA ?? 0, 1); // audioMuxVersionA
    putLatmValue(bits, 0x1234); // taraBufferFullness
  }
  bits.put(fields.sameTimeFraming === false ? 0 : 1, 1); // allStreamsSameTimeFraming
  bits.put(fields.numSubFrames ?? 0, 6); // numSubFrames
  bits.put(fields.numProgram ?? 0, 4); // numProgram
  bits.put(fields.numLayer ?? 0, 3); // numLayer
  const config = new BitWriter();
  putAudioSpecificConfig(config, fields.config);
  const configBits = config.length + (version === 1 ? (fields.fillBits ?? 0) : 0);
  if (version === 1) putLatmValue(bits, configBits); // ascLen
  bits.putBits(config.bytes(), 0, config.length); // AudioSpecificConfig()
  for (let bit = config.length; bit < configBits; bit++) bits.put(1, 1); // fillBits
  bits.put(fields.frameLengthType ?? 0, 3); // frameLengthType
  bits.put(0xff, 8); // latmBufferFullness
  bits.put(fields.otherData === undefined ? 0 : 1, 1); // otherDataPresent
  if (fields.otherData !== undefined) {
    if (version === 1) putLatmValue(bits, fields.otherData);
    else putOtherDataLength(bits, fields.otherData);
  }
  bits.put(fields.crc === undefined ? 0 : 1, 1); // crcCheckPresent
  if (fields.crc !== undefined) bits.put(fields.crc, 8); // crcCheckSum
}

function putOtherDataLength(bits: BitWriter, length: number): void {
  const parts = [length % 256];
  for (let rest = Math.floor(length / 256); rest > 0; rest = Math.floor(rest / 256)) parts.unshift(rest % 256);
  for (const [index, part] of parts.entries()) {
    bits.put(index < parts.length - 1 ? 1 : 0, 1); // otherDataLenEsc
    bits.put(part, 8); // otherDataLenTmp
  }
}

/** A LOAS frame of these access units. `config` null: useSameStreamMux. `otherData`: bits of ones behind the payload. */
export function latmFrame(
  config: StreamMuxConfigFields | null,
  units: readonly Uint8Array[],
  otherData = config?.otherData ?? 0,
): Buffer {
  const bits = new BitWriter();
  bits.put(config === null ? 1 : 0, 1); // useSameStreamMux
  if (config !== null) putStreamMuxConfig(bits, config);
  for (const unit of units) {
    let left = unit.length;
    for (; left >= 255; left -= 255) bits.put(255, 8); // MuxSlotLengthBytes
    bits.put(left, 8);
    bits.putBytes(unit); // payload
  }
  for (let bit = 0; bit < otherData; bit++) bits.put(1, 1); // otherDataBit
  return loasFrame(bits.bytes());
}
