import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a small state beside the old one and renames it over that, so that a crash or a full disk leaves one or the
 * other whole. Makes the folder. For what changes now and then: it waits for the disk.
 *
 * @throws what the file system throws; the old state is there then.
 */
export function replaceJson(path: string, content: unknown, options: { readonly mode?: number } = {}): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(content)}\n`, { flush: true, ...options });
  renameSync(`${path}.new`, path);
}
