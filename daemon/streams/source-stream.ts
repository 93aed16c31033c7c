import { errorMessage, XgError } from '#shared/errors.ts';
import { FaultCounters } from '#shared/mpegts/faults.ts';
import { PacketSync } from '#shared/mpegts/packet-sync.ts';
import { ProgramRemuxer } from '#shared/mpegts/program-remuxer.ts';
import { asProgramNumber } from '#shared/mpegts/types.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { StreamTarget } from '../receiver/model.ts';
import { Ring } from './ring.ts';
import { type SharedStream, type SharedStreamState, StreamStateHolder } from './shared-stream.ts';
import { Upstream, type UpstreamTimeouts } from './upstream.ts';

/** What of a channel the source needs. */
export interface SourceService {
  readonly id: string;
  /** The service reference, as the receiver wants it. */
  readonly ref: string;
  readonly name: string;
  /** program_number in the receiver's stream; null where the reference has none. */
  readonly program: number | null;
  readonly originalNetworkId: number;
  readonly radio: boolean;
}

export interface SourceStreamOptions {
  readonly service: SourceService;
  /** Where the service is to be had now; asked again for every connection. */
  readonly resolve: (signal: AbortSignal) => Promise<StreamTarget>;
  readonly timeouts: UpstreamTimeouts;
  readonly ringBytes: number;
  readonly logger: Logger;
  readonly onUpstreamOpened: () => void;
}

/** After bytes have flowed: how long the source is asked for again before the viewers are sent home. */
const RECOVER_MS = 30_000;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
/** How long bytes may flow without the programme in them. */
const NO_PROGRAM_MS = 5_000;

/**
 * A service as the receiver sends it, cut down to its programme (profile `pass`): one connection to the receiver, however
 * many watch. When the connection breaks it is made again, and the ring goes on where it was.
 */
export class SourceStream implements SharedStream {
  readonly ring: Ring;
  readonly #options: SourceStreamOptions;
  readonly #holder = new StreamStateHolder();
  readonly #faults = new FaultCounters();
  readonly #sync: PacketSync;
  readonly #remuxer: ProgramRemuxer;
  readonly #abort = new AbortController();
  #upstream: Upstream | null = null;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer: NodeJS.Timeout | null = null;
  #recoverUntil = 0;
  #programDeadline: NodeJS.Timeout | null = null;

  constructor(options: SourceStreamOptions) {
    this.#options = options;
    this.ring = new Ring({ maxBytes: options.ringBytes });
    const { service } = options;
    this.#remuxer = new ProgramRemuxer({
      program: service.program === null ? null : asProgramNumber(service.program),
      faults: this.#faults,
      service: {
        description: { serviceType: service.radio ? 0x02 : 0x01, provider: 'xg2g', name: service.name },
        originalNetworkId: service.originalNetworkId,
      },
      onPackets: (packets) => this.#onPackets(packets),
    });
    this.#sync = new PacketSync({
      onPackets: (bytes, from, to) => this.#remuxer.push(bytes, from, to),
      onLock: (_size, skipped) => {
        if (skipped > 0) this.#faults.add('skipped-bytes', skipped);
      },
      onBadSync: () => this.#faults.add('sync'),
    });
  }

  get state(): SharedStreamState {
    return this.#holder.state;
  }

  onState(listener: (state: SharedStreamState) => void): () => void {
    return this.#holder.subscribe(listener);
  }

  faults(): Record<string, number> {
    return this.#faults.toJSON();
  }

  start(): void {
    void this.#connect();
  }

  close(): void {
    this.#end(null);
  }

  async #connect(): Promise<void> {
    let target: StreamTarget;
    try {
      target = await this.#options.resolve(this.#abort.signal);
    } catch (error) {
      this.#onUpstreamEnd(error instanceof XgError ? error : new XgError('RESOLVE_FAILED', errorMessage(error)));
      return;
    }
    if (this.state.name === 'ended') return;
    this.#options.onUpstreamOpened();
    this.#upstream = new Upstream(
      target,
      { onBytes: (bytes) => this.#onBytes(bytes), onEnd: (error) => this.#onUpstreamEnd(error) },
      this.#options.timeouts,
    );
  }

  #onBytes(bytes: Buffer): void {
    if (!this.#remuxer.ready) this.#programDeadline ??= this.#startDeadline();
    this.#sync.push(bytes);
  }

  #onPackets(packets: Buffer): void {
    if (this.#programDeadline !== null) clearTimeout(this.#programDeadline);
    this.#programDeadline = null;
    this.ring.append(packets);
    if (this.state.name !== 'live') {
      this.#retryMs = FIRST_RETRY_MS;
      this.#holder.set({ name: 'live' });
    }
  }

  #onUpstreamEnd(error: XgError | null): void {
    this.#upstream = null;
    if (error === null || this.state.name === 'ended') return;
    if (this.state.name === 'opening') {
      this.#end(error);
      return;
    }
    const now = performance.now();
    if (this.state.name === 'live') {
      this.#recoverUntil = now + RECOVER_MS;
      this.#options.logger.warn({ code: error.code }, `source lost, connecting again: ${error.message}`);
    }
    if (now >= this.#recoverUntil) {
      this.#end(error);
      return;
    }
    this.#holder.set({ name: 'recovering', reason: error.message });
    this.#sync.reset();
    this.#remuxer.discontinuity();
    this.#retryTimer = setTimeout(() => void this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 2);
  }

  #startDeadline(): NodeJS.Timeout {
    return setTimeout(() => {
      const { program, name } = this.#options.service;
      const seen = this.#sync.locked
        ? `programmes ${this.#remuxer.programs.join(', ') || 'none'}`
        : 'no transport stream packets';
      const wanted = program === null ? 'a programme' : `programme ${program}`;
      this.#end(
        new XgError('NO_PROGRAM', `${name}: the receiver's stream holds ${seen}, but not ${wanted} with its PMT`),
      );
    }, NO_PROGRAM_MS);
  }

  #end(error: XgError | null): void {
    if (this.state.name === 'ended') return;
    this.#holder.set({ name: 'ended', error });
    this.#abort.abort(new XgError('STREAM_CLOSED', 'nobody wants this stream any more'));
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    if (this.#programDeadline !== null) clearTimeout(this.#programDeadline);
    this.#upstream?.close();
    this.ring.close(error);
  }
}
