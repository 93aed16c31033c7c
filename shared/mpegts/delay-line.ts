import { PacketOutput } from './packet-output.ts';
import { pcrDifference } from './timestamp.ts';
import type { Pcr27m } from './types.ts';

/** What takes finished packets. */
export interface PacketSink {
  append(bytes: Buffer, from: number, to: number): void;
}

interface Segment {
  readonly time: Pcr27m;
  readonly bytes: Buffer;
}

/** More than any hold at any bit rate should gather: 500 ms at 64 Mbit/s. Beyond it the oldest leave early. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Holds packets back by a time on the programme's own clock, in their order. Works in steps of the PCR interval (at most
 * 40 ms in a clean stream). A jump of the clock lets everything go.
 */
export class DelayLine {
  readonly #sink: PacketSink;
  #holdTicks = 0;
  #segments: Segment[] = [];
  #heldBytes = 0;
  readonly #current = new PacketOutput();
  #now: Pcr27m | null = null;

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  get holdTicks(): number {
    return this.#holdTicks;
  }

  /** Sets the hold, in 27 MHz ticks. More takes effect by itself; less lets go what is due at the next PCR. */
  setHold(ticks: number): void {
    this.#holdTicks = ticks;
  }

  append(bytes: Buffer, from: number, to: number): void {
    if (this.#holdTicks === 0 && this.#heldBytes === 0) {
      this.#sink.append(bytes, from, to);
      return;
    }
    this.#current.append(bytes, from, to);
    this.#heldBytes += to - from;
  }

  /** The programme's clock has come to `pcr`: what is due leaves. */
  advance(pcr: Pcr27m): void {
    const before = this.#now;
    this.#now = pcr;
    if (this.#heldBytes === 0) return;
    this.#closeSegment(before ?? pcr);
    const step = before === null ? 0 : pcrDifference(before, pcr);
    if (step < 0 || step > 27_000_000) {
      this.flush();
      return;
    }
    while (this.#segments.length > 0) {
      const oldest = this.#segments[0] as Segment;
      if (pcrDifference(oldest.time, pcr) < this.#holdTicks && this.#heldBytes <= MAX_BYTES) return;
      this.#segments.shift();
      this.#release(oldest.bytes);
    }
  }

  /** Lets everything go at once. */
  flush(): void {
    this.#closeSegment(this.#now ?? (0 as Pcr27m));
    for (const segment of this.#segments) this.#release(segment.bytes);
    this.#segments = [];
  }

  #closeSegment(time: Pcr27m): void {
    const bytes = this.#current.take();
    if (bytes !== null) this.#segments.push({ time, bytes });
  }

  #release(bytes: Buffer): void {
    this.#heldBytes -= bytes.length;
    this.#sink.append(bytes, 0, bytes.length);
  }
}
