import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { MovieFile } from './movie-file.ts';

const CHUNK = 256 * 1024;

/** Sends bytes [from, to) as fast as they are taken, until the reader is gone. Does not end the connection. */
export async function sendFile(file: MovieFile, from: number, to: number, out: Writable): Promise<void> {
  const gone = new AbortController();
  out.once('close', () => gone.abort());
  for (let at = from; at < to && !out.destroyed; ) {
    const until = Math.min(to, at + CHUNK);
    const goOn = out.write(file.read(at, until));
    at = until;
    if (goOn) continue;
    try {
      await once(out, 'drain', { signal: gone.signal });
    } catch {
      return; // the reader has closed: nothing is left to send to
    }
  }
}
