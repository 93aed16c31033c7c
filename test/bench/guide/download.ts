import { get } from 'node:http';
import { memory } from '../processes.ts';

export interface Download {
  readonly seconds: number;
  readonly bytes: number;
  readonly programmes: number;
  /** Anonymous memory of the daemon: the most while it wrote, less that before. */
  readonly extraMb: number;
}

const SAMPLE_MS = 25;

/** Fetches a guide as it is and watches the daemon's memory meanwhile. */
export async function download(url: string, pid: number, headers: Record<string, string> = {}): Promise<Download> {
  const beforeMb = memory(pid).anonymousMb;
  let mostMb = beforeMb;
  const sampling = setInterval(() => {
    mostMb = Math.max(mostMb, memory(pid).anonymousMb);
  }, SAMPLE_MS);
  const startedAt = performance.now();
  let bytes = 0;
  let programmes = 0;
  let tail = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  get(url, { headers }, (response) => {
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      const text = tail + chunk.toString('latin1');
      for (let at = text.indexOf('</programme>'); at >= 0; at = text.indexOf('</programme>', at + 1)) programmes++;
      tail = text.slice(-11);
    });
    response.on('end', resolve).on('error', reject);
  }).on('error', reject);
  await promise;
  clearInterval(sampling);
  const seconds = (performance.now() - startedAt) / 1000;
  return { seconds, bytes, programmes, extraMb: mostMb - beforeMb };
}
