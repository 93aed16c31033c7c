/**
 * LATM: the multiplex inside LOAS frames.
 *
 * Spec: ISO/IEC 14496-3:2019, 1.7.3 (AudioMuxElement, StreamMuxConfig, PayloadLengthInfo, PayloadMux) and 1.6.2.1
 * (AudioSpecificConfig), 4.4.1 (GASpecificConfig).
 */
import { u8 } from '../mpegts/bytes.ts';
import { AAC_SAMPLE_RATES } from './adts.ts';
import { BitReader } from './bit-reader.ts';
import { LOAS_HEADER } from './loas.ts';

/** audioObjectType (table 1.17), as far as they matter here. */
const AOT_AAC_LC = 2;
const AOT_SBR = 5;
const AOT_PS = 29;
const AOT_ESCAPE = 31;
const RATE_ESCAPE = 15;

export interface LatmConfig {
  /** sampling_frequency_index of the core; explicit rates have none. */
  readonly rateIndex: number;
  /** Rate of the core coder: SBR doubles it in the decoder. */
  readonly sampleRate: number;
  /** 1…7 (table 1.19). */
  readonly channelConfiguration: number;
  readonly numSubFrames: number;
  readonly otherDataBits: number;
  readonly crc: boolean;
}

/** What a config is that cannot be carried as ADTS: another object type, 960 samples, layers, a channel list … */
export type LatmVerdict = LatmConfig | 'unsupported' | 'truncated';

/** One raw AAC access unit; it need not begin at a byte border. */
export interface LatmUnit {
  readonly bitOffset: number;
  readonly length: number;
}

export interface LatmFrame {
  readonly config: LatmConfig;
  readonly units: readonly LatmUnit[];
}

/** Reads LOAS frames one after the other; a StreamMuxConfig holds until the next one (useSameStreamMux). */
export class LatmReader {
  #config: LatmConfig | 'unsupported' | null = null;

  /**
   * Reads one whole LOAS frame.
   * - `LatmFrame`: its access units
   * - `'unsupported'`: it cannot be carried as ADTS without decoding it
   * - `null`: broken, or no StreamMuxConfig has come yet
   */
  read(loas: Uint8Array): LatmFrame | 'unsupported' | null {
    const bits = new BitReader(loas, LOAS_HEADER);
    if (!bits.flag()) {
      const verdict = parseStreamMuxConfig(bits); // useSameStreamMux 0
      if (verdict === 'truncated') return null;
      this.#config = verdict;
    }
    const config = this.#config;
    if (config === null || config === 'unsupported') return config;
    const units: LatmUnit[] = [];
    for (let frame = 0; frame <= config.numSubFrames; frame++) {
      const length = readPayloadLength(bits);
      units.push({ bitOffset: bits.position, length });
      bits.skip(length * 8);
    }
    return bits.exhausted ? null : { config, units };
  }

  reset(): void {
    this.#config = null;
  }
}

/** MuxSlotLengthBytes, of a single stream with frameLengthType 0. */
function readPayloadLength(bits: BitReader): number {
  let length = 0;
  for (;;) {
    const part = bits.read(8); // tmp
    length += part;
    if (part !== 255 || bits.exhausted) return length;
  }
}

export function parseStreamMuxConfig(bits: BitReader): LatmVerdict {
  const version = bits.read(1); // audioMuxVersion
  if (version === 1 && bits.flag()) return 'unsupported'; // audioMuxVersionA
  if (version === 1) readLatmValue(bits); // taraBufferFullness
  const sameTimeFraming = bits.flag(); // allStreamsSameTimeFraming
  const numSubFrames = bits.read(6); // numSubFrames
  const numProgram = bits.read(4); // numProgram
  const numLayer = bits.read(3); // numLayer
  if (!sameTimeFraming || numProgram !== 0 || numLayer !== 0) return bits.exhausted ? 'truncated' : 'unsupported';
  const configBits = version === 1 ? readLatmValue(bits) : null; // ascLen
  const configStart = bits.position;
  const config = parseAudioSpecificConfig(bits);
  if (bits.exhausted) return 'truncated';
  if (config === 'unsupported') return 'unsupported';
  if (configBits !== null) bits.skip(configStart + configBits - bits.position); // sync extension, fillBits
  if (bits.read(3) !== 0) return 'unsupported'; // frameLengthType
  bits.skip(8); // latmBufferFullness
  const otherDataBits = bits.flag() ? readOtherDataLength(bits, version) : 0; // otherDataPresent
  const crc = bits.flag(); // crcCheckPresent
  if (crc) bits.skip(8); // crcCheckSum
  return bits.exhausted ? 'truncated' : { ...config, numSubFrames, otherDataBits, crc };
}

function readOtherDataLength(bits: BitReader, version: number): number {
  if (version === 1) return readLatmValue(bits);
  let length = 0;
  for (;;) {
    const more = bits.flag(); // otherDataLenEsc
    length = length * 256 + bits.read(8); // otherDataLenTmp
    if (!more || bits.exhausted) return length;
  }
}

/** LatmGetValue(). */
function readLatmValue(bits: BitReader): number {
  const bytes = bits.read(2) + 1; // bytesForValue
  let value = 0;
  for (let index = 0; index < bytes; index++) value = value * 256 + bits.read(8); // valueTmp
  return value;
}

type CoreConfig = Pick<LatmConfig, 'rateIndex' | 'sampleRate' | 'channelConfiguration'>;

function parseAudioSpecificConfig(bits: BitReader): CoreConfig | 'unsupported' {
  let objectType = readObjectType(bits);
  const rateIndex = readRateIndex(bits);
  const channelConfiguration = bits.read(4); // channelConfiguration
  if (objectType === AOT_SBR || objectType === AOT_PS) {
    readRateIndex(bits); // extensionSamplingFrequencyIndex: what the decoder makes of it
    objectType = readObjectType(bits);
  }
  const sampleRate = rateIndex === null ? undefined : AAC_SAMPLE_RATES[rateIndex];
  if (objectType !== AOT_AAC_LC || rateIndex === null || sampleRate === undefined) return 'unsupported';
  if (channelConfiguration === 0 || channelConfiguration > 7) return 'unsupported'; // program_config_element
  const shortFrames = bits.flag(); // frameLengthFlag: 960 samples
  if (bits.flag()) bits.skip(14); // dependsOnCoreCoder, coreCoderDelay
  const extended = bits.flag(); // extensionFlag
  if (shortFrames || extended) return 'unsupported';
  return { rateIndex, sampleRate, channelConfiguration };
}

function readObjectType(bits: BitReader): number {
  const type = bits.read(5); // audioObjectType
  return type === AOT_ESCAPE ? 32 + bits.read(6) : type;
}

/** null for a rate that is written out. */
function readRateIndex(bits: BitReader): number | null {
  const index = bits.read(4); // samplingFrequencyIndex
  if (index !== RATE_ESCAPE) return index;
  bits.skip(24); // samplingFrequency
  return null;
}

/** Copies `length` bytes that begin at any bit to the start of `target`. */
export function copyFromBit(source: Uint8Array, bitOffset: number, length: number, target: Uint8Array): void {
  const shift = bitOffset & 7;
  const from = bitOffset >> 3;
  if (shift === 0) {
    target.set(source.subarray(from, from + length));
    return;
  }
  for (let index = 0; index < length; index++) {
    target[index] = (u8(source, from + index) << shift) | (u8(source, from + index + 1) >> (8 - shift));
  }
}
