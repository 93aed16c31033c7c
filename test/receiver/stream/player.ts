import type { Socket } from 'node:net';
import type { PlayableLoop } from '../playout/playable-loop.ts';

export interface PlayerOptions {
  readonly loop: PlayableLoop;
  readonly socket: Socket;
  /** Ticks of 27 MHz since the broadcast began, now. */
  readonly clock: () => number;
  /** PCR at the beginning of the broadcast; a multiple of 300. */
  readonly startPcr: number;
  /** False: as fast as the socket takes it. */
  readonly paced: boolean;
  /** A reader that takes nothing for so long is dropped. */
  readonly stallMs: number;
  /** Damages packets before they leave. */
  readonly damage: ((packets: Buffer) => Buffer) | null;
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

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#position = options.loop.positionAt(options.clock());
    options.socket.once('close', () => this.stop());
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    if (options.paced) return;
    options.socket.on('drain', () => this.#pour());
    this.#pour();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stopped = true;
  }

  #tick(): void {
    const { socket, loop, clock, paced } = this.#options;
    if (this.#hasStalled()) {
      socket.resetAndDestroy(); // as TCP_USER_TIMEOUT does: what has not arrived never will
      return;
    }
    if (!paced) return;
    const to = loop.positionAt(clock());
    if (socket.writableLength < MAX_UNSENT) this.#send(this.#position, to);
    this.#position = to;
  }

  /** A reader that takes little is not one that takes nothing: only the latter is dropped. */
  #hasStalled(): boolean {
    const { socket, stallMs } = this.#options;
    const taken = this.#sentBytes - socket.writableLength;
    if (taken > this.#takenBytes || socket.writableLength === 0) {
      this.#takenBytes = taken;
      this.#takenAt = performance.now();
    }
    return performance.now() - this.#takenAt > stallMs;
  }

  #pour(): void {
    while (!this.#stopped) {
      const to = this.#position + UNPACED_PACKETS;
      const goOn = this.#send(this.#position, to);
      this.#position = to;
      if (!goOn) return;
    }
  }

  /** False when the socket wants to drain first. */
  #send(from: number, to: number): boolean {
    const { socket, loop, startPcr, damage, dropAfterBytes } = this.#options;
    if (to <= from || this.#stopped) return true;
    const packets = loop.read(from, to, startPcr, Date.now() / 1000);
    let bytes = damage === null ? packets : damage(packets);
    const left = dropAfterBytes === null ? Number.POSITIVE_INFINITY : dropAfterBytes - this.#sentBytes;
    if (bytes.length > left) bytes = bytes.subarray(0, left);
    this.#sentBytes += bytes.length;
    const goOn = socket.write(bytes);
    if (bytes.length < left) return goOn;
    this.stop(); // else the next write would come after the end and cost the reader what is on its way
    socket.destroySoon();
    return goOn;
  }
}

/** The nearest start at or before `pcr` whose PCR has no extension: stamps of 90 kHz can then keep in step with it. */
export function alignedStartPcr(pcr: number): number {
  return Math.floor(pcr / 300) * 300;
}
