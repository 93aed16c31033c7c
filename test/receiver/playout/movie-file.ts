import { PACKET_SIZE } from '#shared/mpegts/packet.ts';
import type { Movie } from '../box/movies.ts';
import type { LoopLibrary } from './library.ts';
import type { PlayableLoop } from './playable-loop.ts';

/** A recording as a file: any stretch of it, made when it is read. */
export class MovieFile {
  readonly #movie: Movie;
  readonly #loop: PlayableLoop;
  readonly #clock: () => number;
  readonly #startPcr: number;
  readonly #first: number;

  private constructor(movie: Movie, loop: PlayableLoop, clock: () => number, startPcr: number) {
    this.#movie = movie;
    this.#loop = loop;
    this.#clock = clock;
    this.#startPcr = startPcr;
    this.#first = loop.positionAt(movie.fromTicks);
  }

  static async open(movie: Movie, library: LoopLibrary, clock: () => number, startPcr: number): Promise<MovieFile> {
    // The box records what is on the air: a scrambled service stays so.
    const loop = await library.get(movie.service, movie.service.reception === 'scrambled');
    return new MovieFile(movie, loop, clock, startPcr);
  }

  /** Bytes. Grows while it is being recorded. */
  get size(): number {
    return (this.#loop.positionAt(this.#movie.toTicks ?? this.#clock()) - this.#first) * PACKET_SIZE;
  }

  get isGrowing(): boolean {
    return this.#movie.toTicks === null;
  }

  /** Bytes [from, to). */
  read(from: number, to: number): Buffer {
    const firstPacket = Math.floor(from / PACKET_SIZE);
    const bytes = this.#loop.read(
      this.#first + firstPacket,
      this.#first + Math.ceil(to / PACKET_SIZE),
      this.#startPcr,
      this.#movie.begin,
    );
    return bytes.subarray(from - firstPacket * PACKET_SIZE, to - firstPacket * PACKET_SIZE);
  }
}
