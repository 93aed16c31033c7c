import { get } from 'node:http';
import { pcrAt } from '#shared/mpegts/adaptation-field.ts';
import { ContinuityTracker } from '#shared/mpegts/continuity.ts';
import { PACKET_SIZE, pidAt, SYNC_BYTE } from '#shared/mpegts/packet.ts';
import { pcrDifference } from '#shared/mpegts/timestamp.ts';
import type { Pcr27m } from '#shared/mpegts/types.ts';

export interface ReaderReport {
  readonly bytes: number;
  readonly continuityErrors: number;
  readonly badSync: number;
  /** The longest time without a byte, in milliseconds. */
  readonly longestGapMs: number;
  /** By how much the stream's clock fell behind the one on the wall since `reset`, in milliseconds. */
  readonly lagMs: number;
  readonly ended: boolean;
}

/** Reads one stream over HTTP and looks at every packet. */
export class StreamReader {
  readonly #continuity = new ContinuityTracker();
  readonly #request;
  #rest: Buffer = Buffer.alloc(0);
  #bytes = 0;
  #errors = 0;
  #badSync = 0;
  #gapMs = 0;
  #lastAt: number | null = null;
  #firstPcr: { readonly pcr: Pcr27m; readonly at: number } | null = null;
  #lagMs = 0;
  #ended = false;

  constructor(url: string, onBytes: () => void = () => undefined) {
    this.#request = get(url, { agent: false }, (response) => {
      if (response.statusCode !== 200) this.#ended = true;
      response.on('data', (bytes: Buffer) => {
        this.#push(bytes);
        onBytes();
      });
      response.on('error', () => undefined); // aborted by us, or `close` says it
      response.on('close', () => {
        this.#ended = true;
      });
    });
    this.#request.on('error', () => {
      this.#ended = true;
    });
  }

  get bytes(): number {
    return this.#bytes;
  }

  reset(): void {
    this.#bytes = 0;
    this.#errors = 0;
    this.#badSync = 0;
    this.#gapMs = 0;
    this.#lastAt = performance.now();
    this.#firstPcr = null;
    this.#lagMs = 0;
  }

  report(): ReaderReport {
    return {
      bytes: this.#bytes,
      continuityErrors: this.#errors,
      badSync: this.#badSync,
      longestGapMs: Math.max(this.#gapMs, performance.now() - (this.#lastAt ?? 0)),
      lagMs: this.#lagMs,
      ended: this.#ended,
    };
  }

  close(): void {
    this.#request.destroy();
  }

  #push(chunk: Buffer): void {
    const now = performance.now();
    if (this.#lastAt !== null) this.#gapMs = Math.max(this.#gapMs, now - this.#lastAt);
    this.#lastAt = now;
    this.#bytes += chunk.length;
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (; at + PACKET_SIZE <= bytes.length; at += PACKET_SIZE) {
      if (bytes[at] !== SYNC_BYTE) this.#badSync++;
      if (this.#continuity.check(bytes, at, pidAt(bytes, at)) !== 0) this.#errors++;
      const pcr = pcrAt(bytes, at);
      if (pcr !== null) this.#onPcr(pcr, now);
    }
    this.#rest = bytes.subarray(at);
  }

  #onPcr(pcr: Pcr27m, now: number): void {
    this.#firstPcr ??= { pcr, at: now };
    this.#lagMs = now - this.#firstPcr.at - pcrDifference(this.#firstPcr.pcr, pcr) / 27_000;
  }
}
