import { errorMessage, XgError } from '#shared/errors.ts';
import { FaultCounters } from '#shared/mpegts/faults.ts';
import { PacketSync } from '#shared/mpegts/packet-sync.ts';
import type { Pmt } from '#shared/mpegts/pmt.ts';
import { ProgramRemuxer } from '#shared/mpegts/program-remuxer.ts';
import { streamKind } from '#shared/mpegts/stream-type.ts';
import { asProgramNumber } from '#shared/mpegts/types.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { KnownPrograms } from './known-programs.ts';
import { OpenPlan } from './open-plan.ts';
import { openUpstream } from './open-upstream.ts';
import { Ring } from './ring.ts';
import { ScramblingGate } from './scrambling-gate.ts';
import { ScramblingWatch } from './scrambling-watch.ts';
import { type SharedStream, type SharedStreamState, StreamStateHolder } from './shared-stream.ts';
import type { FoundTarget, StreamSources } from './stream-sources.ts';
import type { UpstreamConnection, UpstreamTimeouts } from './upstream.ts';
import type { ZapTrace } from './zap-trace.ts';

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
  readonly sources: StreamSources;
  /** Waits for a tuner, before the service is looked for. */
  readonly lease?: ((signal: AbortSignal) => Promise<void>) | undefined;
  readonly timeouts: UpstreamTimeouts;
  readonly ringBytes: number;
  readonly logger: Logger;
  readonly onUpstreamOpened: () => void;
  /** What the programme consists of; again whenever that changes. */
  readonly onProgram?: ((pmt: Pmt) => void) | undefined;
  /** Bytes flowed and stopped; `code` says why. */
  readonly onInterrupted?: (code: string) => void;
  /** What played can no longer be seen, or can be again. */
  readonly onScrambling?: (change: 'scrambled' | 'cleared') => void;
  readonly known: KnownPrograms;
  /** Of the viewer who opened it. */
  readonly trace?: ZapTrace | undefined;
}

/** How long an opening goes on beginning new attempts. */
const OPEN_BUDGET_MS = 5_000;
/** What the last attempt may take beyond it. */
const OPEN_SLACK_MS = 900;
/** How long the receiver's web interface may take to say where a service is; then the usual place is tried. */
const FIND_MS = 2_000;
/** After bytes have flowed: how long the source is asked for again before the viewers are sent home. */
const RECOVER_MS = 30_000;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
/** How long bytes may flow without the programme in them. */
const NO_PROGRAM_MS = 5_000;
/**
 * How long a stream may be scrambled from its first byte on: a softcam needs 1-5 s for its keys, and behind the relay it
 * begins only when the stream does.
 */
const KEYS_MS: Readonly<Record<FoundTarget['target']['kind'], number>> = {
  relay: 8_000,
  'e2-stream': 4_500,
  http: 3_000,
  datagram: 3_000,
};
/** After so long without a byte the receiver has thrown some away: what follows is another piece of the broadcast. */
const SILENCE_MS = 1_500;
/** So many bytes, over so long, that hold no packet of the programme: this connection is broken. */
const JUNK_BYTES = 256 * 1024;
const JUNK_MS = 1_500;

const SCRAMBLING_LOOK_MS = 1_000;
/** After so many bytes that are no packets, what follows is not the successor of what came before. */
const DAMAGE_BYTES = 20 * 188;

/**
 * A service as it is sent, cut down to its programme (profile `pass`): one connection to its source, however many watch.
 * When the connection breaks it is made again; the ring goes on where it was, with the interruption marked in the stream.
 */
export class SourceStream implements SharedStream {
  readonly ring: Ring;
  readonly #options: SourceStreamOptions;
  readonly #holder = new StreamStateHolder();
  readonly #faults = new FaultCounters();
  readonly #sync: PacketSync;
  readonly #remuxer: ProgramRemuxer;
  readonly #gate: ScramblingGate;
  readonly #scrambling = new ScramblingWatch();
  #scramblingTimer: NodeJS.Timeout | null = null;
  readonly #abort = new AbortController();
  #plan = new OpenPlan({ budgetMs: OPEN_BUDGET_MS });
  #found: FoundTarget | null = null;
  #upstream: UpstreamConnection | null = null;
  /** What the viewers are told: that a channel is scrambled counts for more than what failed after it. */
  #lastError: XgError | null = null;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer: NodeJS.Timeout | null = null;
  #recoverUntil = 0;
  #lostAt: number | null = null;
  #programDeadline: NodeJS.Timeout | null = null;
  #keysDeadline: NodeJS.Timeout | null = null;
  /** Of this connection; null before the first. */
  #firstByteAt: number | null = null;
  #lastByteAt = 0;
  /** Since the last packet of the programme. */
  #junkBytes = 0;
  #lastPacketAt = 0;
  /** What the remuxer is given does not come from the source. */
  #presuming = false;

  constructor(options: SourceStreamOptions) {
    this.#options = options;
    this.ring = new Ring({ maxBytes: options.ringBytes });
    const { service } = options;
    this.#gate = new ScramblingGate({
      onPackets: (packets) => this.#onClearPackets(packets),
      onScrambled: () => this.#onScrambled(),
    });
    this.#remuxer = new ProgramRemuxer({
      reuseOutput: true,
      program: service.program === null ? null : asProgramNumber(service.program),
      faults: this.#faults,
      service: {
        description: { serviceType: service.radio ? 0x02 : 0x01, provider: 'xg2g', name: service.name },
        originalNetworkId: service.originalNetworkId,
      },
      onProgram: (pmt) => {
        this.#gate.setProgram(pmt);
        if (this.#presuming) return;
        options.onProgram?.(pmt);
        options.known.set(service.ref, this.#remuxer);
      },
      onPackets: (packets) => this.#onPackets(packets),
    });
    this.#sync = new PacketSync({
      onPackets: (bytes, from, to) => this.#remuxer.push(bytes, from, to),
      onLock: (_size, skipped) => {
        if (skipped > 0) this.#faults.add('skipped-bytes', skipped);
        if (skipped > DAMAGE_BYTES) this.#remuxer.discontinuity();
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

  /** Since when what it sends can't be seen, in Unix time; null while it can. */
  get scrambledSinceMs(): number | null {
    return this.#scrambling.scrambledSinceMs;
  }

  start(): void {
    if (this.#options.lease === undefined) void this.#find(false);
    else void this.#begin(this.#options.lease);
  }

  /** Ends it for a reason that lies outside, such as that its tuner was given to somebody else. */
  fail(error: XgError): void {
    this.#end(error);
  }

  close(): void {
    this.#end(null);
  }

  async #begin(lease: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await lease(this.#abort.signal);
    } catch (error) {
      this.#end(asError(error));
      return;
    }
    if (this.#isEnded()) return;
    this.#options.trace?.mark('lease');
    // A receiver may have had to be woken for it: the time to open begins now.
    this.#plan = new OpenPlan({ budgetMs: OPEN_BUDGET_MS });
    this.#holder.set({ name: 'opening', untilMs: performance.now() + OPEN_BUDGET_MS + OPEN_SLACK_MS });
    await this.#find(false);
  }

  async #find(ask: boolean): Promise<void> {
    let found: FoundTarget;
    try {
      found = await this.#findInTime(ask);
    } catch (error) {
      if (this.#isEnded()) return;
      const cause = asError(error);
      // What the stream itself said counts for more.
      this.#tryNext(this.#plan.afterUnknown(cause), this.#lastError ?? cause);
      return;
    }
    if (this.#isEnded()) return;
    if (this.#plan.begin(found)) this.#open(found);
    else if (this.#lastError !== null) {
      this.#found = found;
      this.#tryNext(this.#plan.afterFailure(this.#lastError), this.#lastError);
    }
  }

  /** Does not wait for the receiver to take note of the abort: a connection that is being made does not. */
  async #findInTime(ask: boolean): Promise<FoundTarget> {
    const { sources, service } = this.#options;
    const limit = new AbortController();
    const { promise: timeout, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const error = findTimeout();
      reject(error);
      limit.abort(error);
    }, FIND_MS);
    try {
      const signal = AbortSignal.any([this.#abort.signal, limit.signal]);
      return await Promise.race([sources.find(service, { ask, signal }), timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  #open(found: FoundTarget): void {
    const { timeouts, onUpstreamOpened, trace } = this.#options;
    this.#found = found;
    this.#firstByteAt = null;
    this.#gate.reset();
    trace?.mark('resolve');
    trace?.restart();
    onUpstreamOpened();
    this.#upstream = openUpstream(
      found.target,
      {
        onConnect: () => trace?.mark('connect'),
        onBytes: (bytes) => this.#onBytes(bytes),
        onBreak: (reason) => this.#onBreak(reason),
        onEnd: (error) => this.#onUpstreamEnd(error),
      },
      timeouts,
    );
  }

  #onBytes(bytes: Buffer): void {
    const now = performance.now();
    if (this.#firstByteAt === null) this.#onFirstByte(now);
    else if (now - this.#lastByteAt > SILENCE_MS && this.#isBroadcast()) this.#onSilence(now - this.#lastByteAt);
    this.#lastByteAt = now;
    this.#junkBytes += bytes.length;
    this.#sync.push(bytes);
    if (this.#junkBytes > JUNK_BYTES && now - this.#lastPacketAt > JUNK_MS && this.#upstream !== null) {
      const { target } = this.#found as FoundTarget;
      const what = this.#sync.locked ? 'packets of other programmes alone' : 'bytes that are no transport stream';
      this.#breakOff(new XgError('UPSTREAM_BAD_ANSWER', `${target.host}:${target.port} sends ${what}`));
    }
  }

  #onFirstByte(now: number): void {
    const { kind } = (this.#found as FoundTarget).target;
    this.#options.trace?.mark('first_byte');
    this.#firstByteAt = now;
    this.#junkBytes = 0;
    this.#lastPacketAt = now;
    if (!this.#remuxer.ready) this.#presume();
    this.#programDeadline = setTimeout(() => this.#onNoProgram(), NO_PROGRAM_MS);
    this.#keysDeadline = setTimeout(() => this.#onNoKeys(), KEYS_MS[kind]);
  }

  #presume(): void {
    const tables = this.#options.known.get(this.#options.service.ref);
    if (tables === null) return;
    this.#presuming = true;
    this.#remuxer.presume(tables);
    this.#presuming = false;
  }

  /** What is lost while no byte comes is lost for good only where nobody keeps it for us. */
  #isBroadcast(): boolean {
    return this.#found?.target.kind !== 'http';
  }

  #onSilence(silentMs: number): void {
    if (this.state.name !== 'live') return;
    const text = `no byte from the source for ${(silentMs / 1000).toFixed(1)} s, then it went on`;
    this.#options.logger.warn({ code: 'SOURCE_SILENT' }, text);
    this.#options.onInterrupted?.('SOURCE_SILENT');
    this.#onBreak(text);
  }

  /** The same connection goes on with another piece of the stream. */
  #onBreak(reason: string): void {
    this.#interrupt();
    if (this.state.name !== 'live') return;
    this.#recoverUntil = performance.now() + RECOVER_MS;
    this.#holder.set({ name: 'recovering', reason });
  }

  #interrupt(): void {
    this.#sync.reset();
    this.#remuxer.discontinuity();
  }

  #onPackets(packets: Buffer): void {
    if (this.#presuming) {
      this.#gate.push(packets);
      return;
    }
    this.#junkBytes = 0;
    this.#lastPacketAt = this.#lastByteAt;
    if (this.#programDeadline !== null) clearTimeout(this.#programDeadline);
    this.#programDeadline = null;
    this.#gate.push(packets);
  }

  #onClearPackets(packets: Buffer): void {
    if (this.#keysDeadline !== null) clearTimeout(this.#keysDeadline);
    this.#keysDeadline = null;
    this.ring.append(packets);
    const { trace } = this.#options;
    if (trace?.has('first_access_point') === false && this.ring.newestAccessPoint !== null)
      trace.mark('first_access_point');
    if (this.state.name !== 'live') this.#onLive();
  }

  #onLive(): void {
    this.#retryMs = FIRST_RETRY_MS;
    this.#lastError = null;
    if (this.#lostAt !== null) {
      const awayMs = Math.round(performance.now() - this.#lostAt);
      this.#options.logger.info({ awayMs }, 'source is back');
      this.#lostAt = null;
    }
    this.#scramblingTimer ??= setInterval(() => this.#lookForScrambling(), SCRAMBLING_LOOK_MS);
    this.#holder.set({ name: 'live' });
  }

  #lookForScrambling(): void {
    const streams = this.#remuxer.pmt?.streams ?? [];
    const seen = streams.find((one) => streamKind(one).kind === 'video');
    const judged = seen ?? streams.find((one) => streamKind(one).kind === 'audio');
    if (judged === undefined || this.state.name !== 'live') return;
    const since = this.#scrambling.scrambledSinceMs;
    const change = this.#scrambling.look(this.#remuxer.packetsOf(judged.pid), Date.now());
    if (change === null) return;
    const { logger, service, onScrambling } = this.#options;
    if (change === 'scrambled') {
      const text = `${service.name} has turned scrambled while it is watched: the receiver no longer decrypts it`;
      logger.warn({ code: 'SCRAMBLED' }, text);
    } else {
      const seconds = since === null ? null : Math.round((Date.now() - since) / 1000);
      logger.info({ seconds }, `${service.name} can be seen again`);
    }
    onScrambling?.(change);
  }

  /** Nothing but scrambled packets so far: worth waiting for, and the viewers have to. */
  #onScrambled(): void {
    if (this.state.name !== 'opening' || this.#firstByteAt === null || this.#found === null) return;
    this.#holder.set({ name: 'opening', untilMs: this.#firstByteAt + KEYS_MS[this.#found.target.kind] + 500 });
  }

  #onNoKeys(): void {
    this.#keysDeadline = null;
    if (!this.#remuxer.ready || this.#found === null) return; // #onNoProgram has the word
    const { name } = this.#options.service;
    const { kind } = this.#found.target;
    const seconds = KEYS_MS[kind] / 1000;
    if (this.#gate.state !== 'scrambled') {
      this.#breakOff(
        new XgError('NO_PROGRAM', `${name} has a place in the stream, but sends neither picture nor sound`),
      );
      return;
    }
    const what = kind === 'relay' ? 'its softcam gave no key for it' : 'it has no card or softcam with rights for it';
    this.#breakOff(
      new XgError(
        'SCRAMBLED',
        `${name} is encrypted, and within ${seconds} s the receiver did not decrypt it: ${what}`,
        { data: { scrambledPackets: this.#gate.scrambledPackets } },
      ),
    );
  }

  #onNoProgram(): void {
    const { program, name } = this.#options.service;
    const seen = this.#sync.locked
      ? `programmes ${this.#remuxer.programs.join(', ') || 'none'}`
      : 'no transport stream packets';
    const wanted = program === null ? 'a programme' : `programme ${program}`;
    this.#breakOff(
      new XgError('NO_PROGRAM', `${name}: the source's stream holds ${seen}, but not ${wanted} with its PMT`),
    );
  }

  /** The connection stands, but is of no use. */
  #breakOff(error: XgError): void {
    const upstream = this.#upstream;
    this.#upstream = null;
    upstream?.close();
    this.#onFailure(error);
  }

  #onUpstreamEnd(error: XgError | null): void {
    if (error === null) return; // closed by us
    this.#upstream = null;
    this.#onFailure(error);
  }

  #onFailure(error: XgError): void {
    if (this.#isEnded()) return;
    this.#clearDeadlines();
    if (this.state.name === 'live') {
      this.#recoverUntil = performance.now() + RECOVER_MS;
      this.#lostAt = performance.now();
      this.#options.logger.warn({ code: error.code }, `source lost, connecting again: ${error.message}`);
      this.#options.onInterrupted?.(error.code);
      this.#holder.set({ name: 'recovering', reason: error.message });
      this.#lastError = error;
      this.#interrupt();
      this.#beginAnew();
      return;
    }
    this.#interrupt();
    this.#tryNext(this.#plan.afterFailure(error), error);
  }

  #tryNext(step: ReturnType<OpenPlan['afterFailure']>, error: XgError): void {
    if (this.#lastError?.code !== 'SCRAMBLED') this.#lastError = error;
    const { sources, service } = this.#options;
    if (step.kind === 'again') {
      const found = this.#found as FoundTarget;
      this.#retryTimer = setTimeout(() => this.#open(found), step.afterMs);
      return;
    }
    sources.forget(service);
    const direct = step.kind === 'direct' ? sources.direct(service) : null;
    if (step.kind === 'ask') void this.#find(true);
    else if (direct !== null && this.#plan.begin(direct)) this.#open(direct);
    else this.#giveUp(this.#lastError ?? error);
  }

  /** For now, where viewers still wait for it to come back. */
  #giveUp(error: XgError): void {
    if (this.state.name === 'opening' || performance.now() >= this.#recoverUntil) this.#end(error);
    else this.#beginAnew();
  }

  #beginAnew(): void {
    this.#retryTimer = setTimeout(() => {
      this.#plan = new OpenPlan({ budgetMs: OPEN_BUDGET_MS });
      void this.#find(false);
    }, this.#retryMs);
    this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 2);
  }

  #isEnded(): boolean {
    return this.state.name === 'ended';
  }

  #clearDeadlines(): void {
    for (const timer of [this.#programDeadline, this.#keysDeadline, this.#retryTimer]) {
      if (timer !== null) clearTimeout(timer);
    }
    this.#programDeadline = null;
    this.#keysDeadline = null;
    this.#retryTimer = null;
  }

  #end(error: XgError | null): void {
    if (this.#isEnded()) return;
    this.#holder.set({ name: 'ended', error });
    this.#abort.abort(new XgError('STREAM_CLOSED', 'nobody wants this stream any more'));
    this.#clearDeadlines();
    if (this.#scramblingTimer !== null) clearInterval(this.#scramblingTimer);
    this.#upstream?.close();
    this.#upstream = null;
    this.ring.close(error);
  }
}

function asError(error: unknown): XgError {
  return error instanceof XgError ? error : new XgError('RESOLVE_FAILED', errorMessage(error), { cause: error });
}

function findTimeout(): XgError {
  const what = `the receiver's web interface did not say within ${FIND_MS / 1000} s where the stream is`;
  return new XgError('RECEIVER_TIMEOUT', what);
}
