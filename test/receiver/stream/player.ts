import type { Writable } from 'node:stream';
import type { PlayableLoop } from '../playout/playable-loop.ts';
import type { Passed } from './manners/manner.ts';

export interface PlayerOptions {
  readonly loop: PlayableLoop;
  /** A socket, or the answer to an HTTP request. */
  readonly out: Writable;
  /** Ends the connection behind what is on its way. */
  readonly close: () => void;
  /** Breaks the connection off at once: what has not arrived never will. */
  readonly reset: () => void;
  /** Ticks of 27 MHz since the broadcast began, now. */
  readonly clock: () => number;
  /** PCR at the beginning of the broadcast; a multiple of 300. */
  readonly startPcr: number;
  /** False: as fast as the reader takes it. */
  readonly paced: boolean;
  /** A reader that takes nothing for so long is dropped. */
  readonly stallMs: number;
  /** What becomes of the packets before they leave. */
  readonly pass: (packets: Buffer) => Passed;
  /** Closes the connection after so many bytes; null never. */
  readonly dropAfterBytes: number | null;
}

const TICK_MS = 20;
/** The box's send buffer; what does not fit is lost, as on the box. */
const MAX_UNSENT = 1024 * 1024;
/** Packets that an unpaced player sends at once. */
const UNPACED_PACKETS = 2_000;

/** Sends one service to one reader, from where the broadcast is now. */
export class Player {
  readonly #options: PlayerOptions;
  #position: number;
  #sentBytes = 0;
  #takenBytes = 0;
  #takenAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #stopped = false;
  #mayPour = true;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#position = options.loop.positionAt(options.clock());
    options.out.once('close', () => this.stop());
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    if (options.paced) return;
    options.out.on('drain', () => {
      this.#mayPour = true;
      this.#pour();
    });
    this.#pour();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stopped = true;
  }

  #tick(): void {
    const { out, loop, clock, paced, reset } = this.#options;
    if (this.#hasStalled()) {
      reset(); // as TCP_USER_TIMEOUT does
      return;
    }
    if (!paced) {
      this.#pour();
      return;
    }
    const to = loop.positionAt(clock());
    if (out.writableLength < MAX_UNSENT) this.#send(this.#position, to);
    this.#position = to;
  }

  /** A reader that takes little is not one that takes nothing: only the latter is dropped. */
  #hasStalled(): boolean {
    const { out, stallMs } = this.#options;
    const taken = this.#sentBytes - out.writableLength;
    if (taken > this.#takenBytes || out.writableLength === 0) {
      this.#takenBytes = taken;
      this.#takenAt = performance.now();
    }
    return performance.now() - this.#takenAt > stallMs;
  }

  /** Until the reader has enough, or nothing comes of it: then the next tick tries again. */
  #pour(): void {
    while (!this.#stopped && this.#mayPour) {
      const before = this.#sentBytes;
      const to = this.#position + UNPACED_PACKETS;
      this.#mayPour = this.#send(this.#position, to);
      this.#position = to;
      if (this.#sentBytes === before) return;
    }
  }

  /** False when the reader wants to drain first. */
  #send(from: number, to: number): boolean {
    const { out, loop, startPcr, pass, dropAfterBytes, close, reset } = this.#options;
    if (to <= from || this.#stopped) return true;
    let { bytes, end } = pass(loop.read(from, to, startPcr, Date.now() / 1000));
    const left = dropAfterBytes === null ? Number.POSITIVE_INFINITY : dropAfterBytes - this.#sentBytes;
    if (bytes.length >= left) {
      bytes = bytes.subarray(0, left);
      end ??= 'close';
    }
    this.#sentBytes += bytes.length;
    const goOn = bytes.length === 0 || out.write(bytes);
    if (end === null) return goOn;
    this.stop(); // else the next write would come after the end and cost the reader what is on its way
    if (end === 'reset') reset();
    else close();
    return goOn;
  }
}

/** The nearest start at or before `pcr` whose PCR has no extension: stamps of 90 kHz can then keep in step with it. */
export function alignedStartPcr(pcr: number): number {
  return Math.floor(pcr / 300) * 300;
}
