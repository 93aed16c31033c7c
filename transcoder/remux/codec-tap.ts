import { PesReader } from '#shared/mpegts/pes-reader.ts';
import type { PacketTap } from '#shared/mpegts/program-remuxer.ts';
import type { AudioCodec } from '#shared/mpegts/stream-type.ts';
import { CodecProbe } from '../codec/codec-probe.ts';

/** What a stream was found to be; `other` when it is no audio that we know. */
export type TapVerdict = AudioCodec | 'other';

/** Audio stream_ids, private_stream_1 and extended_stream_id (ISO/IEC 13818-1, table 2-22). */
function mayCarryAudio(streamId: number): boolean {
  return (streamId >= 0xc0 && streamId <= 0xdf) || streamId === 0xbd || streamId === 0xfd;
}

/** Looks into a stream that no table explains, until it is sure what it is or has seen 32 KiB. */
export class CodecTap implements PacketTap {
  readonly #onVerdict: (verdict: TapVerdict) => void;
  readonly #probe = new CodecProbe();
  readonly #pes: PesReader;
  #state: 'looking' | 'done' = 'looking';
  /** PES_scrambling_control of the PES in work. */
  #scrambled = false;

  constructor(onVerdict: (verdict: TapVerdict) => void) {
    this.#onVerdict = onVerdict;
    this.#pes = new PesReader({
      onStart: (header) => {
        this.#scrambled = header.scrambled;
        if (!mayCarryAudio(header.streamId)) this.settle('other');
      },
      onData: (bytes, from, to) => this.#look(bytes, from, to),
      onBadHeader: () => this.settle('other'), // sections
    });
  }

  pushPacket(bytes: Uint8Array, offset: number): void {
    if (this.#state === 'looking') this.#pes.pushPacket(bytes, offset);
  }

  /** Ends the looking. The first verdict stands. */
  settle(verdict: TapVerdict): void {
    if (this.#state === 'done') return;
    this.#state = 'done';
    this.#onVerdict(verdict);
  }

  #look(bytes: Uint8Array, from: number, to: number): void {
    if (this.#state === 'done' || this.#scrambled) return;
    const codec = this.#probe.push(bytes, from, to);
    if (codec !== null) this.settle(codec);
    else if (this.#probe.exhausted) this.settle('other');
  }
}
