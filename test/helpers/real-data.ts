/** Real captures, which lie beside the project and are no part of it. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../../../shared/data/', import.meta.url);

/** The part of ava's `t` that is needed. */
export interface SkipLog {
  log(message: string): void;
  pass(): void;
}

/** Path of a capture such as `ts/some.ts`; null, with the reason logged and the test passed, when it is not there. */
export function realDataPath(t: SkipLog, path: string): string | null {
  const url = new URL(path, FOLDER);
  if (existsSync(url)) return fileURLToPath(url);
  t.log(`skipped: real capture ${path} is not beside the project`);
  t.pass();
  return null;
}

/** Its bytes; null as above. */
export function readRealData(t: SkipLog, path: string): Buffer | null {
  const found = realDataPath(t, path);
  return found === null ? null : readFileSync(found);
}
