import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode, errorMessage, XgError } from '#shared/errors.ts';
import { replaceJson } from '#shared/replace-json.ts';

const stored = z.object({ sources: z.record(z.string(), z.record(z.string(), z.string().nullable())) });

/** What users said of channels and their counterparts, by source and channel id, kept in the data folder. */
export class MappingFile {
  readonly #path: string | null;
  #sources: Record<string, Record<string, string | null>> = {};

  /** `dataFolder` null: kept for as long as the process lives. */
  constructor(dataFolder: string | null, onWarning: (text: string) => void) {
    this.#path = dataFolder === null ? null : join(dataFolder, 'guide-mapping.json');
    if (this.#path === null) return;
    try {
      this.#sources = stored.parse(JSON.parse(readFileSync(this.#path, 'utf8'))).sources;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT')
        onWarning(`${this.#path} cannot be used (${errorMessage(error)}): channels are matched anew`);
    }
  }

  choices(source: string): ReadonlyMap<string, string | null> {
    return new Map(Object.entries(this.#sources[source] ?? {}));
  }

  /** Undefined takes a choice back. @throws XgError `GUIDE_MAPPING_WRITE`, then nothing has changed. */
  choose(source: string, choices: ReadonlyMap<string, string | null | undefined>): void {
    const merged: [string, string | null | undefined][] = [...Object.entries(this.#sources[source] ?? {}), ...choices];
    const kept = Object.fromEntries(new Map(merged));
    const next = { ...this.#sources, [source]: withoutUndefined(kept) };
    if (this.#path !== null) {
      try {
        replaceJson(this.#path, { sources: next });
      } catch (error) {
        throw new XgError('GUIDE_MAPPING_WRITE', `The choice cannot be kept in ${this.#path} (${errorCode(error)})`, {
          cause: error,
        });
      }
    }
    this.#sources = next;
  }
}

function withoutUndefined(choices: Record<string, string | null | undefined>): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(choices).flatMap(([id, value]) => (value === undefined ? [] : [[id, value]])),
  );
}
