import type { DemoService } from '../lineup/services.ts';
import { TICKS_PER_SECOND } from './ticks.ts';

export const MOVIE_DIRECTORY = '/media/hdd/movie/';

/** A recording. Its bytes are a stretch of the broadcast, cut out when they are asked for. */
export interface Movie {
  /** `/media/hdd/movie/20261006 2134 - Station - Title.ts` */
  readonly path: string;
  readonly service: DemoService;
  readonly title: string;
  readonly description: string;
  readonly descriptionExtended: string;
  /** Unix seconds. */
  readonly begin: number;
  /** Ticks of 27 MHz of the broadcast's clock. */
  readonly fromTicks: number;
  /** Null while it is being recorded. */
  toTicks: number | null;
  tags: string;
}

/** `1:0:0:0:0:0:0:0:0:0:/path`: how Enigma2 names a file. */
export const movieRef = (movie: Movie): string => `1:0:0:0:0:0:0:0:0:0:${movie.path}`;

/** The recordings on the box's disk. */
export class Movies {
  readonly #clock: () => number;
  readonly #movies = new Map<string, Movie>();

  /** @param clock ticks of 27 MHz since the broadcast began, now */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** The newest first, as the box lists them. */
  get all(): readonly Movie[] {
    return [...this.#movies.values()].sort((a, b) => b.begin - a.begin);
  }

  byPath(path: string): Movie | null {
    return this.#movies.get(path) ?? null;
  }

  byRef(ref: string): Movie | null {
    return this.byPath(ref.split(':').slice(10).join(':'));
  }

  lengthSeconds(movie: Movie): number {
    return ((movie.toTicks ?? this.#clock()) - movie.fromTicks) / TICKS_PER_SECOND;
  }

  /** Begins now and grows until `toTicks` is set. */
  begin(service: DemoService, title: string, description: string, descriptionExtended = ''): Movie {
    return this.#add({ service, title, description, descriptionExtended, begin: Date.now() / 1000 }, this.#clock());
  }

  /** One that was made before the box was started. */
  addFinished(service: DemoService, title: string, description: string, begin: number, seconds: number): Movie {
    const movie = this.#add({ service, title, description, descriptionExtended: '', begin }, 0);
    movie.toTicks = seconds * TICKS_PER_SECOND;
    return movie;
  }

  end(movie: Movie): void {
    movie.toTicks ??= this.#clock();
  }

  remove(movie: Movie): void {
    this.#movies.delete(movie.path);
  }

  #add(of: Pick<Movie, 'service' | 'title' | 'description' | 'descriptionExtended' | 'begin'>, from: number): Movie {
    const begin = Math.floor(of.begin);
    const stamp = new Date(begin * 1000).toISOString().replace(/^(\d+)-(\d+)-(\d+)T(\d+):(\d+).*$/, '$1$2$3 $4$5');
    const name = `${stamp} - ${of.service.name} - ${of.title}`.replace(/[/\\<>:"|?*]/g, '_');
    let path = `${MOVIE_DIRECTORY}${name}.ts`;
    for (let copy = 1; this.#movies.has(path); copy++)
      path = `${MOVIE_DIRECTORY}${name}_${String(copy).padStart(3, '0')}.ts`;
    const movie: Movie = { ...of, begin, path, fromTicks: from, toTicks: null, tags: '' };
    this.#movies.set(path, movie);
    return movie;
  }
}
