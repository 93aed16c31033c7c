import { existsSync, readFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';

/** Real responses beside the project folder. They are not part of it, so a test without them says so and ends. */
export function readSharedData(t: ExecutionContext, path: string): Buffer | null {
  const url = new URL(`../../../../shared/data/${path}`, import.meta.url);
  if (existsSync(url)) return readFileSync(url);
  t.log(`skipped: ${path} is not beside the project`);
  t.pass();
  return null;
}
