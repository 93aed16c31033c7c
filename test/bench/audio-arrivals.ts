import type { AudioHeaderParser } from '#shared/codec/audio-frame.ts';
import { FrameSplitter } from '#shared/codec/frame-splitter.ts';
import { pidAt } from '#shared/mpegts/packet.ts';
import { PacketSync } from '#shared/mpegts/packet-sync.ts';
import { PesReader } from '#shared/mpegts/pes-reader.ts';
import { TimestampUnwrapper } from '#shared/mpegts/timestamp.ts';

/** One audio frame: what it covers, and when its last byte was there. */
export interface ArrivedFrame {
  readonly startTicks: number;
  readonly endTicks: number;
  /** performance.now(). */
  readonly atMs: number;
}

/** Notes when each audio frame of one PID is complete. */
export class AudioArrivals {
  readonly frames: ArrivedFrame[] = [];
  readonly #sync: PacketSync;
  readonly #unwrapper = new TimestampUnwrapper();
  #nextTicks: number | null = null;
  #pending: { position: number; pts: number }[] = [];

  constructor(pid: number, parse: AudioHeaderParser) {
    const splitter = new FrameSplitter(
      parse,
      (frame) => {
        while (this.#pending.length > 0 && (this.#pending[0]?.position ?? 0) <= frame.position) {
          this.#nextTicks = this.#unwrapper.unwrap(this.#pending.shift()?.pts ?? 0);
        }
        if (this.#nextTicks === null) return;
        const startTicks = this.#nextTicks;
        const endTicks = startTicks + (frame.header.samples * 90_000) / frame.header.sampleRate;
        this.#nextTicks = endTicks;
        this.frames.push({ startTicks, endTicks, atMs: performance.now() });
      },
      () => undefined, // the part of a frame that the recording began in
    );
    const pes = new PesReader({
      onStart: (header) => {
        if (header.pts !== null) this.#pending.push({ position: splitter.writePosition, pts: header.pts });
      },
      onData: (bytes, from, to) => splitter.push(bytes, from, to),
      onBadHeader: () => undefined,
    });
    this.#sync = new PacketSync({
      onPackets: (bytes, from, to) => {
        for (let at = from; at < to; at += 188) if (pidAt(bytes, at) === pid) pes.pushPacket(bytes, at);
      },
    });
  }

  push(bytes: Buffer): void {
    this.#sync.push(bytes);
  }
}
