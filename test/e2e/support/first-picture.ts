import { request } from 'undici';
import { StreamIndex } from '#daemon/streams/stream-index.ts';
import { PacketSync } from '#shared/mpegts/packet-sync.ts';

/** What a client was given that asked for a stream. */
export interface ZapOutcome {
  readonly status: number;
  /** Of problem+json; null with a stream. */
  readonly code: string | null;
  readonly detail: string | null;
  /** From the request to the first byte of the body; null where none came. */
  readonly firstByteMs: number | null;
  /** From the request to the first packet of a picture that needs no other; null where none came. */
  readonly pictureMs: number | null;
  /** From the request until it was known what comes of it. */
  readonly tookMs: number;
}

/** Asks for a stream and reads it up to the first picture (radio: the first sound), then hangs up. */
export async function zapTo(url: string, timeoutMs = 20_000): Promise<ZapOutcome> {
  const abort = new AbortController();
  const limit = setTimeout(() => abort.abort(), timeoutMs);
  const startedAt = performance.now();
  const took = (): number => performance.now() - startedAt;
  let status = 0;
  let firstByteMs: number | null = null;
  let pictureMs: number | null = null;
  try {
    const { statusCode, body } = await request(url, { signal: abort.signal, headersTimeout: 0, bodyTimeout: 0 });
    status = statusCode;
    if (statusCode !== 200) {
      const problem = (await body.json()) as { code?: string; detail?: string };
      const { code = null, detail = null } = problem;
      return { status, code, detail, firstByteMs, pictureMs, tookMs: took() };
    }
    let bytesSeen = 0;
    const index = new StreamIndex(() => {
      pictureMs ??= took();
    });
    const sync = new PacketSync({
      onPackets: (bytes, from, to) => {
        index.push(bytes.subarray(from, to), bytesSeen);
        bytesSeen += to - from;
      },
    });
    for await (const chunk of body) {
      firstByteMs ??= took();
      sync.push(chunk);
      if (pictureMs !== null) break;
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  } finally {
    clearTimeout(limit);
    abort.abort();
  }
  return { status, code: null, detail: null, firstByteMs, pictureMs, tookMs: took() };
}
