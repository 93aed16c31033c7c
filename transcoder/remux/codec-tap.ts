import type { PacketTap } from '#shared/mpegts/program-remuxer.ts';
import type { AudioCodec } from '#shared/mpegts/stream-type.ts';
import { CodecProbe } from '../codec/codec-probe.ts';
import { PesReader } from './pes-reader.ts';

/** Audio stream_ids, private_stream_1 and extended_stream_id (ISO/IEC 13818-1, table 2-22). */
function mayCarryAudio(streamId: number): boolean {
  return (streamId >= 0xc0 && streamId <= 0xdf) || streamId === 0xbd || streamId === 0xfd;
}

/** Looks into a stream that no table explains, and says when it is audio. Gives up after 32 KiB. */
export class CodecTap implements PacketTap {
  readonly #onCodec: (codec: AudioCodec) => void;
  readonly #probe = new CodecProbe();
  readonly #pes: PesReader;
  #state: 'looking' | 'done' = 'looking';
  #isAudio = false;

  constructor(onCodec: (codec: AudioCodec) => void) {
    this.#onCodec = onCodec;
    this.#pes = new PesReader({
      onStart: (header) => {
        this.#isAudio = mayCarryAudio(header.streamId);
      },
      onData: (bytes, from, to) => this.#look(bytes, from, to),
      onBadHeader: () => undefined, // no PES: sections, or nothing for us
    });
  }

  pushPacket(bytes: Uint8Array, offset: number): void {
    if (this.#state === 'looking') this.#pes.pushPacket(bytes, offset);
  }

  #look(bytes: Uint8Array, from: number, to: number): void {
    if (this.#state === 'done' || !this.#isAudio) return;
    const codec = this.#probe.push(bytes, from, to);
    if (codec === null && !this.#probe.exhausted) return;
    this.#state = 'done';
    if (codec !== null) this.#onCodec(codec);
  }
}
