import { XgError } from '#shared/errors.ts';
import type { Movie, MovieFile as OpenedMovie, Recordings } from '../../../recordings/recordings.ts';
import type { OpenFile } from './open-file.ts';

/**
 * A recording on the receiver's disk. One request to the receiver serves reads that follow each other; a jump makes
 * another one. Of a recording that still grows more is there at the next read.
 */
export class RecordedFile implements OpenFile {
  readonly #recordings: Pick<Recordings, 'movies' | 'openMovie'>;
  readonly #movie: Movie;
  #abort = new AbortController();
  #body: AsyncIterator<Buffer> | null = null;
  #rest: Buffer = Buffer.alloc(0);
  #size: number;
  #position = 0;

  constructor(recordings: Pick<Recordings, 'movies' | 'openMovie'>, movie: Movie) {
    this.#recordings = recordings;
    this.#movie = movie;
    this.#size = movie.sizeBytes;
  }

  get sizeBytes(): number {
    const known = this.#recordings.movies.find(({ id }) => id === this.#movie.id)?.sizeBytes ?? 0;
    return Math.max(this.#size, known);
  }

  get changedSeconds(): number {
    return this.#movie.startSeconds + this.#movie.durationSeconds;
  }

  get position(): number {
    return this.#position;
  }

  async read(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = size;
    while (missing > 0) {
      if (this.#rest.length === 0 && !(await this.#fill())) break;
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    const bytes = Buffer.concat(parts);
    this.#position += bytes.length;
    return bytes;
  }

  seek(position: number): void {
    if (position === this.#position) return;
    this.#drop();
    this.#position = position;
  }

  close(): void {
    this.#drop();
  }

  /** False at the end of what there is. */
  async #fill(): Promise<boolean> {
    this.#body ??= await this.#open();
    const { value, done } = (await this.#body?.next()) ?? { value: undefined, done: true };
    if (done === true || value === undefined) {
      this.#body = null; // asked again, it may have grown
      return false;
    }
    this.#rest = Buffer.from(value);
    return true;
  }

  async #open(): Promise<AsyncIterator<Buffer> | null> {
    if (this.#position > 0 && this.#position >= this.sizeBytes) return null;
    const { signal } = this.#abort;
    const range = { startByte: this.#position, endByte: null, signal };
    const opened: OpenedMovie = await this.#recordings.openMovie(this.#movie.id, range);
    this.#size = Math.max(this.#size, opened.sizeBytes);
    return opened.body.iterator({ destroyOnReturn: true }) as AsyncIterator<Buffer>;
  }

  #drop(): void {
    this.#abort.abort(new XgError('ECANCELED', 'another place of the recording is read'));
    this.#abort = new AbortController();
    this.#body = null;
    this.#rest = Buffer.alloc(0);
  }
}
