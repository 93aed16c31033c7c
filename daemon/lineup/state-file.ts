import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { errorCode, errorMessage } from '#shared/errors.ts';

export interface StateFileOptions<Schema extends z.ZodType> {
  readonly path: string;
  readonly schema: Schema;
  readonly onWarning: (text: string) => void;
  /** Writes all or rejects; for tests that need a full disk. */
  readonly writeText?: (path: string, text: string) => Promise<void>;
}

/** What a crash or a full disk can do to a state: nothing. It is written beside and renamed over. */
export class StateFile<Schema extends z.ZodType> {
  readonly #options: StateFileOptions<Schema>;
  #problem: string | null = null;
  #next: z.input<Schema> | null = null;
  #writing: Promise<void> | null = null;

  constructor(options: StateFileOptions<Schema>) {
    this.#options = options;
  }

  /** Why what was last given to `write` is not on the disk; null while all is well. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Null when there is none. One that cannot be used is said, put aside as `.broken`, and counts as none. */
  read(): z.output<Schema> | null {
    const { path, schema, onWarning } = this.#options;
    try {
      return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return null;
      const why = describe(error);
      onWarning(`${path} cannot be used (${why.slice(0, 300)}). It is put aside as ${path}.broken`);
      try {
        renameSync(path, `${path}.broken`);
      } catch (renameError) {
        onWarning(`${path} cannot be put aside either (${errorMessage(renameError)})`);
      }
      return null;
    }
  }

  /** Writes now or, while a write runs, right after it; only the last of several counts. Never rejects: see `problem`. */
  write(content: z.input<Schema>): Promise<void> {
    this.#next = content;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#next !== null) {
      const content = this.#next;
      this.#next = null;
      try {
        await mkdir(dirname(this.#options.path), { recursive: true });
        const write = this.#options.writeText ?? ((path, text) => writeFile(path, text, { flush: true }));
        await write(`${this.#options.path}.new`, `${JSON.stringify(content)}\n`);
        await rename(`${this.#options.path}.new`, this.#options.path);
        this.#problem = null;
      } catch (error) {
        const problem = `${this.#options.path} cannot be written (${errorMessage(error)}); check XG2G_DATA and the space on its disk. Until then it is kept in memory only`;
        if (problem !== this.#problem) this.#options.onWarning(problem);
        this.#problem = problem;
      }
    }
  }
}

function describe(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is cut off or no JSON';
  return error instanceof z.ZodError ? z.prettifyError(error).replace(/\s+/g, ' ') : errorMessage(error);
}

/** Makes a folder; the reason when that does not work, null when it is there and writable for us. */
export function makeFolder(path: string): string | null {
  try {
    mkdirSync(path, { recursive: true });
    return null;
  } catch (error) {
    return errorMessage(error);
  }
}
