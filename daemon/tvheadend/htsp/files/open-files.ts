import { XgError } from '#shared/errors.ts';
import { Catalogue } from '../metadata/catalogue.ts';
import { dvrItem, movieOf } from '../metadata/dvr-items.ts';
import type { HtspServices } from '../server/services.ts';
import { RecordedFile } from './movie-file.ts';
import { BufferFile, type OpenFile } from './open-file.ts';

/** At once, by one client. */
const MAX_OPEN = 16;
/** The most that one read gives. */
const MAX_READ = 1024 * 1024;

interface Entry {
  readonly file: OpenFile;
  /** The call before: reads and seeks of one file never overtake each other. */
  last: Promise<unknown>;
}

/** The files that one client has open, by its numbers for them: recordings (`/dvrfile/<n>`) and logos (`/imagecache/<n>`). */
export class OpenFiles {
  readonly #services: HtspServices;
  readonly #entries = new Map<number, Entry>();
  #lastId = 0;

  constructor(services: HtspServices) {
    this.#services = services;
  }

  /** @throws XgError `FILE_UNKNOWN`, `HTSP_LIMIT` */
  async open(path: string): Promise<{ readonly id: number; readonly file: OpenFile }> {
    if (this.#entries.size >= MAX_OPEN) throw new XgError('HTSP_LIMIT', 'Too many open files');
    const file = await this.#find(path);
    const id = ++this.#lastId;
    this.#entries.set(id, { file, last: Promise.resolve() });
    return { id, file };
  }

  /** @throws XgError `FILE_UNKNOWN`; of the receiver. */
  read(id: number, size: number, offset: number | null): Promise<Buffer> {
    return this.#inTurn(id, async (file) => {
      if (offset !== null) file.seek(offset);
      return file.read(Math.max(0, Math.min(MAX_READ, size)));
    });
  }

  /** The new position. */
  seek(id: number, offset: number, from: 'start' | 'current' | 'end'): Promise<number> {
    return this.#inTurn(id, async (file) => {
      const base = from === 'start' ? 0 : from === 'end' ? file.sizeBytes : file.position;
      const position = base + offset;
      if (position < 0) throw new XgError('HTSP_ARGUMENT', 'A position before the start of the file');
      file.seek(position);
      return position;
    });
  }

  stat(id: number): OpenFile {
    return this.#entry(id).file;
  }

  closeOne(id: number): void {
    const { file } = this.#entry(id);
    this.#entries.delete(id);
    file.close();
  }

  close(): void {
    for (const { file } of this.#entries.values()) file.close();
    this.#entries.clear();
  }

  #entry(id: number): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new XgError('FILE_UNKNOWN', 'Unknown file id');
    return entry;
  }

  #inTurn<T>(id: number, run: (file: OpenFile) => Promise<T>): Promise<T> {
    const entry = this.#entry(id);
    const turn = entry.last.then(() => run(entry.file));
    entry.last = turn.catch(() => undefined);
    return turn;
  }

  async #find(path: string): Promise<OpenFile> {
    const [, kind, text] = /^\/?(dvr|dvrfile|imagecache)\/(\d{1,10})$/.exec(path) ?? [];
    const number = Number(text);
    const file = kind === undefined ? null : kind === 'imagecache' ? await this.#logo(number) : this.#recording(number);
    if (file === null) throw new XgError('FILE_UNKNOWN', 'Unable to open file');
    return file;
  }

  #recording(number: number): OpenFile | null {
    const { recordings } = this.#services;
    const item = recordings === null ? null : dvrItem(recordings, number);
    if (recordings === null || item === null) return null;
    const movie = item.kind === 'movie' ? item.movie : movieOf(item.timer, recordings.movies);
    return movie === null ? null : new RecordedFile(recordings, movie);
  }

  async #logo(number: number): Promise<OpenFile | null> {
    const channel = new Catalogue(this.#services).channelOf(number);
    const logo = channel === null ? null : await this.#services.logo(channel).catch(() => null);
    return logo === null ? null : new BufferFile(logo.bytes, 0);
  }
}
