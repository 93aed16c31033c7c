import { errorCode, errorMessage } from '#shared/errors.ts';
import type { AacEncoderChoice, AudioProfile, SessionOpen, SessionStats, StreamInfo } from '#shared/ipc/control.ts';
import { FRAME_HEADER } from '#shared/ipc/frame.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { RemuxEngine } from '../remux/engine.ts';
import { OutputBatch } from './output-batch.ts';

/** How long data may come in without anything in it that could be played. */
const HOPELESS_MS = 5_000;

/** What the session needs of the connection that carries its stream. */
export interface SessionOutput {
  /**
   * Whole packets in `bytes[from, bytes.length)`; before them is room for the head of a frame. True when it is done with
   * the memory.
   */
  writePackets(bytes: Buffer, from: number): boolean;
  writeInfo(info: StreamInfo): void;
  /** The last word: the connection closes after it. */
  fail(code: string, message: string): void;
}

export type SessionState = 'waiting' | 'running' | 'closed';

export interface SessionOptions {
  readonly request: SessionOpen;
  readonly encoder: AacEncoderChoice;
  readonly logger: Logger;
}

/** One stream being remuxed: `waiting` for its connection, `running`, `closed`. */
export class Session {
  readonly id: string;
  readonly audio: AudioProfile;
  readonly #logger: Logger;
  readonly #engine: RemuxEngine;
  readonly #batch = new OutputBatch((bytes, from) => this.#output?.writePackets(bytes, from) ?? true, FRAME_HEADER);
  #output: SessionOutput | null = null;
  #state: SessionState = 'waiting';
  #busySeconds = 0;
  #deadline: NodeJS.Timeout | null = null;
  #outputDrops = 0;

  constructor(options: SessionOptions) {
    this.id = options.request.id;
    this.audio = options.request.audio;
    this.#logger = options.logger.child({ session: options.request.id, traceparent: options.request.traceparent });
    this.#engine = new RemuxEngine({
      program: options.request.program,
      audio: options.request.audio,
      encoder: options.encoder,
      onPackets: (packets) => this.#batch.add(packets),
      reuseOutput: true,
      onInfo: (info) => {
        this.#batch.setProgram(info);
        this.#logger.info({ program: info.program, tracks: info.tracks }, 'programme found');
        this.#output?.writeInfo(info);
      },
    });
  }

  get state(): SessionState {
    return this.#state;
  }

  /** False when the session already has a connection or is over. */
  attach(output: SessionOutput): boolean {
    if (this.#state !== 'waiting') return false;
    this.#state = 'running';
    this.#output = output;
    return true;
  }

  /** Whole packets. A throw of the engine ends this session and no other. */
  push(packets: Buffer): void {
    if (this.#state !== 'running') return;
    if (this.#deadline === null) this.#startDeadline();
    const start = performance.now();
    try {
      this.#engine.push(packets);
    } catch (error) {
      this.#logger.error({ err: error }, 'the remux engine failed');
      this.#fail(errorCode(error), `remuxing failed: ${errorMessage(error)}`);
    } finally {
      this.#busySeconds += (performance.now() - start) / 1000;
    }
  }

  /** The stream ends: what is still held goes out before this returns. */
  finish(): void {
    if (this.#state !== 'running') return;
    this.#engine.finish();
    this.#batch.flush();
  }

  /** What waits for more goes out now. */
  flush(): void {
    this.#batch.flush();
  }

  discontinuity(): void {
    if (this.#state === 'running') this.#engine.discontinuity();
  }

  countOutputDrop(): void {
    this.#outputDrops++;
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#clearDeadline();
    this.#batch.flush();
    this.#output = null;
    this.#engine.close();
  }

  stats(): SessionStats {
    const stats = this.#engine.stats();
    return {
      id: this.id,
      state: this.#state,
      bytesIn: stats.bytesIn,
      bytesOut: stats.bytesOut,
      framesDecoded: stats.framesDecoded,
      framesEncoded: stats.framesEncoded,
      busySeconds: this.#busySeconds,
      errors: this.#outputDrops > 0 ? { ...stats.errors, 'output-drop': this.#outputDrops } : stats.errors,
    };
  }

  #startDeadline(): void {
    this.#deadline = setTimeout(() => {
      const hopeless = this.#engine.hopeless();
      if (hopeless !== null) {
        this.#fail(hopeless.code, `nothing to play within ${HOPELESS_MS / 1000} s: ${hopeless.message}`);
      }
    }, HOPELESS_MS);
    this.#deadline.unref();
  }

  #clearDeadline(): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = null;
  }

  #fail(code: string, message: string): void {
    const output = this.#output;
    this.close();
    output?.fail(code, message);
  }
}
