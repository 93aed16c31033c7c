/**
 * Puts a raw AAC-LC access unit (48 kHz, stereo) into LATM in LOAS, with the StreamMuxConfig in every frame.
 *
 * Spec: ISO/IEC 14496-3:2019, 1.7.2.1 AudioSyncStream, 1.7.3 AudioMuxElement, StreamMuxConfig, PayloadLengthInfo.
 */

/** AudioSpecificConfig: audioObjectType 2, samplingFrequencyIndex 3, channelConfiguration 2, GASpecificConfig 000. */
const AUDIO_SPECIFIC_CONFIG = 0x1190;

export function wrapInLoas(accessUnit: Buffer): Buffer {
  const bits = new BitWriter(3 + 8 + Math.ceil(accessUnit.length / 255) + accessUnit.length + 1);
  bits.put(0x2b7, 11); // syncword
  bits.put(0, 13); // audioMuxLengthBytes, filled in below
  bits.put(0, 1); // useSameStreamMux: a StreamMuxConfig follows
  bits.put(0, 1); // audioMuxVersion
  bits.put(1, 1); // allStreamsSameTimeFraming
  bits.put(0, 6); // numSubFrames: one
  bits.put(0, 4); // numProgram: one
  bits.put(0, 3); // numLayer: one
  bits.put(AUDIO_SPECIFIC_CONFIG, 16); // AudioSpecificConfig()
  bits.put(0, 3); // frameLengthType: variable
  bits.put(0xff, 8); // latmBufferFullness: variable rate
  bits.put(0, 1); // otherDataPresent
  bits.put(0, 1); // crcCheckPresent
  let left = accessUnit.length;
  for (; left >= 255; left -= 255) bits.put(255, 8); // MuxSlotLengthBytes
  bits.put(left, 8);
  for (const byte of accessUnit) bits.put(byte, 8); // payload
  const frame = bits.take();
  const length = frame.length - 3;
  frame[1] = ((frame[1] as number) & 0xe0) | (length >> 8);
  frame[2] = length & 0xff;
  return frame;
}

class BitWriter {
  readonly #bytes: Buffer;
  #bit = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.alloc(capacity);
  }

  /** Writes the low `count` (at most 16) bits of `value`, the highest first. */
  put(value: number, count: number): void {
    for (let left = count; left > 0; ) {
      const room = 8 - (this.#bit % 8);
      const take = Math.min(room, left);
      const part = (value >> (left - take)) & ((1 << take) - 1);
      const at = this.#bit >> 3;
      this.#bytes[at] = (this.#bytes[at] as number) | (part << (room - take));
      this.#bit += take;
      left -= take;
    }
  }

  /** Whole bytes, zero bits at the end (ByteAlign). */
  take(): Buffer {
    return this.#bytes.subarray(0, Math.ceil(this.#bit / 8));
  }
}
