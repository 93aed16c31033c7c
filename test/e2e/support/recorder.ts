import type { ExecutionContext } from 'ava';
import { request } from 'undici';
import { waitFor } from '#test/helpers/wait-for.ts';

/** Reads a live stream into memory, for as long as the test wants. */
export class Recorder {
  readonly #abort = new AbortController();
  readonly #chunks: Buffer[] = [];
  readonly #listeners = new Set<() => void>();
  #bytes = 0;
  #ended = false;
  #status: number | null = null;
  #firstByteMs: number | null = null;

  constructor(t: ExecutionContext, url: string) {
    t.teardown(() => this.stop());
    void this.#read(url);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get status(): number | null {
    return this.#status;
  }

  /** From the request to the first byte of the body. */
  get firstByteMs(): number | null {
    return this.#firstByteMs;
  }

  get data(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  stop(): void {
    this.#abort.abort();
  }

  async waitForBytes(count: number, timeoutMs = 30_000): Promise<void> {
    await this.waitUntil(() => this.#bytes >= count, `${count} bytes of the stream`, timeoutMs);
  }

  async waitUntil(predicate: () => boolean, what: string, timeoutMs = 30_000): Promise<void> {
    await waitFor(
      (changed) => {
        this.#listeners.add(changed);
        return () => this.#listeners.delete(changed);
      },
      predicate,
      { what, timeoutMs },
    );
  }

  async #read(url: string): Promise<void> {
    const startedAt = performance.now();
    try {
      const { statusCode, body } = await request(url, {
        signal: this.#abort.signal,
        bodyTimeout: 0,
        headersTimeout: 0,
      });
      this.#status = statusCode;
      for await (const chunk of body) {
        this.#firstByteMs ??= performance.now() - startedAt;
        this.#chunks.push(chunk);
        this.#bytes += chunk.length;
        this.#changed();
      }
    } catch {
      // Stopped by the test, or cut by the daemon: `ended` says it, and the tests judge what had come.
    }
    this.#ended = true;
    this.#changed();
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** `seconds` of a stream, by the clock on the wall. */
export async function record(t: ExecutionContext, url: string, seconds: number): Promise<Buffer> {
  const recorder = new Recorder(t, url);
  await recorder.waitForBytes(1);
  const until = performance.now() + seconds * 1000;
  await recorder.waitUntil(() => performance.now() >= until, `${seconds} s of the stream`, seconds * 1000 + 30_000);
  recorder.stop();
  return recorder.data;
}
