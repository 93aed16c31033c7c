import { randomUUID } from 'node:crypto';
import { XgError } from '#shared/errors.ts';
import type { AudioProfile } from '#shared/ipc/control.ts';
import type { Pmt } from '#shared/mpegts/pmt.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { LeaseViewer } from '../tuners/state.ts';
import type { TunerHold } from '../tuners/tuner-desk.ts';
import { AacStream, type AacTranscoder } from './aac-stream.ts';
import { KnownPrograms } from './known-programs.ts';
import type { StreamVariant } from './profiles.ts';
import type { Ring } from './ring.ts';
import type { SharedStream, SharedStreamState } from './shared-stream.ts';
import { type SourceService, SourceStream } from './source-stream.ts';
import type { StreamMetrics } from './stream-metrics.ts';
import type { StreamSources } from './stream-sources.ts';
import { DEFAULT_UPSTREAM_TIMEOUTS, type UpstreamTimeouts } from './upstream.ts';
import { readVideoFormat, type VideoFormat } from './video-format.ts';
import type { ZapTrace } from './zap-trace.ts';

/** Where sources get their tuners. */
export interface StreamTuners {
  /** Somebody watches a channel until the returned function is called. */
  sit(channel: string, viewer: LeaseViewer): () => void;
  hold(service: SourceService, onRevoked: (error: XgError) => void): TunerHold;
  /** The reason in words for what a receiver only refused. */
  explainFailure(error: unknown, service: SourceService): Promise<unknown>;
}

export interface StreamManagerOptions {
  readonly sources: StreamSources;
  /** Without it every source is opened as it is asked for. */
  readonly tuners?: StreamTuners;
  readonly transcoder: AacTranscoder;
  /** What a channel carries; again whenever that changes. */
  readonly onProgram?: (channel: string, pmt: Pmt) => void;
  /** What its pictures look like. */
  readonly onFormat?: (channel: string, format: VideoFormat) => void;
  /** What is known of services from before; without it, what this manager has seen itself. */
  readonly known?: KnownPrograms;
  readonly logger: Logger;
  readonly metrics: StreamMetrics;
  /** How long a stream nobody watches is kept: zapping back and players that open twice cost nothing. */
  readonly lingerMs: number;
  /** How long a viewer waits for the first byte before it is refused. */
  readonly openMs: number;
  readonly ringBytes: number;
  readonly timeouts?: UpstreamTimeouts;
}

/** What the streams of all other variants are made from. */
export const SOURCE_VARIANT: StreamVariant = { profile: 'pass', key: 'pass', audio: null };

/** A viewer's hold on a stream. Release it once. */
export interface StreamLease {
  readonly ring: Ring;
  release(): void;
}

interface Entry {
  readonly key: string;
  readonly stream: SharedStream;
  /** That of the viewer who opened it. */
  readonly profile: string;
  holders: number;
  lingerTimer: NodeJS.Timeout | null;
}

export interface StreamReport {
  readonly channel: string;
  readonly profile: string;
  /** The settings in full. */
  readonly variant: string;
  readonly state: SharedStreamState['name'];
  readonly viewers: number;
  readonly bytes: number;
  readonly faults: Record<string, number>;
  /** Since when it flows and can't be seen, in Unix time; null while it can. */
  readonly scrambledSinceMs: number | null;
}

/** All streams that run, by channel and profile: one of each, however many want it. */
export class StreamManager {
  readonly #options: StreamManagerOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #known: KnownPrograms;
  #closed = false;

  constructor(options: StreamManagerOptions) {
    this.#options = options;
    this.#known = options.known ?? new KnownPrograms();
  }

  /**
   * Joins the stream of a service, opening it if need be, and waits until bytes flow. `trace` takes the times of an
   * opening; joining what runs leaves it without marks. `viewer` is who it is for: a stream with viewers of a higher class
   * keeps its tuner against others.
   *
   * @throws XgError of the source or the transcoder (TUNE_FAILED, NO_TUNER, TUNE_TIMEOUT, TRANSCODER_DOWN …), OPEN_TIMEOUT
   *   after `openMs`, or the signal's reason.
   */
  async join(
    service: SourceService,
    variant: StreamVariant,
    signal: AbortSignal,
    trace?: ZapTrace,
    viewer?: LeaseViewer,
  ): Promise<StreamLease> {
    signal.throwIfAborted();
    const { tuners } = this.#options;
    const leave = viewer === undefined ? undefined : tuners?.sit(service.id, viewer);
    let entry: Entry;
    try {
      entry = await this.#enter(service, variant, signal, trace);
    } catch (error) {
      const isGone = tuners === undefined || signal.aborted;
      const cause = isGone ? error : await tuners.explainFailure(error, service);
      leave?.();
      throw cause;
    }
    let released = false;
    return {
      ring: entry.stream.ring,
      release: () => {
        if (released) return;
        released = true;
        this.#release(entry);
        leave?.();
      },
    };
  }

  async #enter(service: SourceService, variant: StreamVariant, signal: AbortSignal, trace?: ZapTrace): Promise<Entry> {
    const entry = this.#hold(service, variant, trace);
    try {
      await this.#untilLive(entry.stream, signal);
      return entry;
    } catch (error) {
      this.#release(entry);
      throw error;
    }
  }

  reports(): StreamReport[] {
    return [...this.#entries.values()].map((entry) => {
      const [channel, variant] = entry.key.split('/');
      return {
        channel: channel ?? entry.key,
        profile: entry.profile,
        variant: variant ?? '',
        state: entry.stream.state.name,
        viewers: entry.holders,
        bytes: entry.stream.ring.end,
        faults: entry.stream.faults(),
        scrambledSinceMs: entry.stream.scrambledSinceMs ?? null,
      };
    });
  }

  /** Ends all streams; viewers see the end of theirs. */
  close(): void {
    this.#closed = true;
    for (const entry of [...this.#entries.values()]) this.#drop(entry);
  }

  #hold(service: SourceService, variant: StreamVariant, trace?: ZapTrace): Entry {
    if (this.#closed) throw new XgError('STOPPING', 'the daemon is stopping');
    const key = `${service.id}/${variant.key}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const created: Entry = {
        key,
        stream: this.#create(service, variant, trace),
        profile: variant.profile,
        holders: 0,
        lingerTimer: null,
      };
      entry = created;
      this.#entries.set(key, created);
      created.stream.onState((state) => {
        if (state.name === 'ended') this.#drop(created);
      });
      created.stream.start();
    }
    if (entry.lingerTimer !== null) clearTimeout(entry.lingerTimer);
    entry.lingerTimer = null;
    entry.holders++;
    this.#report();
    return entry;
  }

  #release(entry: Entry, lingerMs = this.#options.lingerMs): void {
    entry.holders--;
    this.#report();
    if (entry.holders > 0 || this.#entries.get(entry.key) !== entry) return;
    // A stream that never came to life has nothing worth keeping.
    const stay = entry.stream.state.name === 'opening' ? 0 : lingerMs;
    entry.lingerTimer = setTimeout(() => this.#drop(entry), stay);
  }

  #drop(entry: Entry): void {
    if (this.#entries.get(entry.key) !== entry) return;
    this.#entries.delete(entry.key);
    if (entry.lingerTimer !== null) clearTimeout(entry.lingerTimer);
    entry.stream.close();
    entry.stream.ring.release();
    this.#report();
  }

  #create(service: SourceService, variant: StreamVariant, trace?: ZapTrace): SharedStream {
    const { key: profile, audio } = variant;
    const logger = this.#options.logger.child({ channel: service.id, service: service.name, profile });
    return audio === null ? this.#createSource(service, logger, trace) : this.#createAac(service, audio, logger, trace);
  }

  #createSource(service: SourceService, logger: Logger, trace?: ZapTrace): SharedStream {
    const { sources, metrics, tuners } = this.#options;
    const hold = tuners?.hold(service, (error) => stream.fail(error));
    const stream = new SourceStream({
      service,
      sources,
      lease: hold?.take,
      known: this.#known,
      trace,
      timeouts: this.#options.timeouts ?? DEFAULT_UPSTREAM_TIMEOUTS,
      ringBytes: this.#options.ringBytes,
      logger,
      onProgram: (pmt) => this.#options.onProgram?.(service.id, pmt),
      onUpstreamOpened: () => metrics.upstreamsOpened.inc(),
      onInterrupted: (code) => metrics.interruptions.inc({ code }),
      onScrambling: (change) => {
        if (change === 'scrambled') metrics.turnedScrambled.inc();
      },
    });
    readVideoFormat(stream.ring, (format) => this.#options.onFormat?.(service.id, format));
    if (hold !== undefined) {
      stream.onState((state) => {
        if (state.name === 'live') hold.live();
        if (state.name === 'ended') hold.release();
      });
    }
    return stream;
  }

  /** Holds the source's stream for as long as it lives. */
  #createAac(service: SourceService, audio: AudioProfile, logger: Logger, trace?: ZapTrace): SharedStream {
    const source = this.#hold(service, SOURCE_VARIANT, trace);
    const stream = new AacStream({
      request: {
        id: `${service.id}/${randomUUID().slice(0, 8)}`,
        program: null, // the source's ring holds a single programme
        audio,
        traceparent: null,
      },
      source: source.stream,
      transcoder: this.#options.transcoder,
      ringBytes: this.#options.ringBytes,
      logger,
      onResumed: (ms) => this.#options.metrics.transcoderResume.observe(ms / 1000),
    });
    stream.onState((state) => {
      if (state.name === 'ended') this.#release(source, 0); // it has lingered with us
    });
    return stream;
  }

  #untilLive(stream: SharedStream, signal: AbortSignal): Promise<void> {
    const { openMs } = this.#options;
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void): void => {
        unsubscribe();
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        outcome();
      };
      let timer = setTimeout(() => onTimeout(), openMs);
      const onAbort = (): void => settle(() => reject(signal.reason));
      const onTimeout = (): void =>
        settle(() => reject(new XgError('OPEN_TIMEOUT', `no picture or sound within ${openMs / 1000} s`)));
      const judge = (state: SharedStreamState): void => {
        if (state.name === 'opening' && state.untilMs !== undefined) {
          clearTimeout(timer);
          timer = setTimeout(onTimeout, Math.max(0, state.untilMs - performance.now()));
        }
        if (state.name === 'live' || state.name === 'recovering') settle(resolve);
        if (state.name === 'ended')
          settle(() => reject(state.error ?? new XgError('STREAM_CLOSED', 'the stream was closed')));
      };
      const unsubscribe = stream.onState(judge);
      signal.addEventListener('abort', onAbort);
      judge(stream.state);
    });
  }

  #report(): void {
    const { metrics } = this.#options;
    const active = new Map<string, { streams: number; viewers: number }>();
    for (const entry of this.#entries.values()) {
      const { profile } = entry;
      const sum = active.get(profile) ?? { streams: 0, viewers: 0 };
      sum.streams++;
      sum.viewers += entry.holders;
      active.set(profile, sum);
    }
    metrics.activeStreams.reset();
    for (const profile of new Set(['pass', 'aac', ...active.keys()])) {
      metrics.activeStreams.set({ profile }, active.get(profile)?.streams ?? 0);
    }
  }
}
