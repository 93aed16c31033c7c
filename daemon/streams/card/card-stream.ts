import { Ring } from '../ring.ts';
import { type CardMedia, CardMuxer, type CardProgramme } from './card-muxer.ts';

const TICK_MS = 40;
/** What the first viewer gets at once, to fill its player with. */
const AHEAD_MS = 500;
/** Some seconds of it. */
const RING_BYTES = 2 * 1024 * 1024;
/** A machine that slept goes on from now. */
const MAX_LATE_MS = 5_000;
/** 27 MHz: clocks begin away from zero, where some players take a stamp for none. */
const ORIGIN = 10 * 27_000_000;

/** A card as a live stream at the pace of its clock, shared by all who look at it. */
export class CardStream {
  readonly ring = new Ring({ maxBytes: RING_BYTES });
  readonly #muxer: CardMuxer;
  readonly #timer: NodeJS.Timeout;
  /** Of performance.now(): when the stream's own time was 0. */
  #startedAt = performance.now() - AHEAD_MS;

  constructor(programme: CardProgramme, media: CardMedia) {
    this.#muxer = new CardMuxer(programme, media, ORIGIN);
    this.#run();
    this.#timer = setInterval(() => this.#run(), TICK_MS);
  }

  /** Shown from the next half second on. */
  change(media: CardMedia): void {
    this.#muxer.change(media);
  }

  close(): void {
    clearInterval(this.#timer);
    this.ring.close(null);
    this.ring.release();
  }

  #run(): void {
    const now = performance.now();
    if (now - this.#startedAt > this.#muxer.nowMs + MAX_LATE_MS) this.#startedAt = now - this.#muxer.nowMs - TICK_MS;
    const packets = this.#muxer.run(now - this.#startedAt);
    if (packets !== null) this.ring.append(packets);
  }
}
