import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { eventually } from '#test/helpers/wait-for.ts';

/** Kept for probing: some seconds of a channel. */
const KEPT_BYTES = 4 * 1024 * 1024;
const RECONNECT_MS = 100;

/** A player that does what players do: it plays on, and connects again when the stream ends. */
export class Viewer {
  readonly #abort = new AbortController();
  readonly #url: string;
  readonly #playing: Promise<void>;
  #chunks: Buffer[] = [];
  #kept = 0;
  #bytes = 0;
  #connections = 0;
  #failures: string[] = [];

  constructor(url: string) {
    this.#url = url;
    this.#playing = this.#play();
  }

  get bytes(): number {
    return this.#bytes;
  }

  get connections(): number {
    return this.#connections;
  }

  /** Refused requests and broken connections. */
  get failures(): readonly string[] {
    return this.#failures;
  }

  forgetFailures(): void {
    this.#failures = [];
  }

  /** The last bytes of what it played; from now on they are collected anew. */
  takeRecording(): Buffer {
    const recording = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#kept = 0;
    return recording;
  }

  /** Waits for so many bytes more. */
  async more(count: number, timeoutMs = 15_000): Promise<void> {
    const target = this.#bytes + count;
    await eventually(() => this.#bytes >= target, {
      what: `${count} bytes more of ${this.#url}; it had ${this.#bytes} on ${this.#connections} connections`,
      timeoutMs,
    });
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#playing;
  }

  async #play(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        const { statusCode, body } = await request(this.#url, { signal, reset: true });
        if (statusCode !== 200) throw new Error(`status ${statusCode}: ${await body.text()}`);
        this.#connections++;
        for await (const chunk of body) this.#take(chunk as Buffer);
      } catch (error) {
        if (signal.aborted) return;
        this.#failures.push(String(error));
      }
      await delay(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #take(chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#chunks.push(chunk);
    this.#kept += chunk.length;
    while (this.#kept > KEPT_BYTES) this.#kept -= this.#chunks.shift()?.length ?? this.#kept;
  }
}
