import { errorMessage, XgError } from '#shared/errors.ts';
import type { SessionOpen } from '#shared/ipc/control.ts';
import { DiscontinuityMarker } from '#shared/mpegts/discontinuity-marker.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { Ring, type RingPin } from './ring.ts';
import { type SharedStream, type SharedStreamState, StreamStateHolder } from './shared-stream.ts';

/** What the stream needs of a link to the transcoder. */
export interface TranscoderLink {
  write(packets: Buffer): void;
  discontinuity(reason: string): void;
  close(): void;
  readonly droppedBytes: number;
  /** Written and not sent yet. */
  readonly pendingBytes: number;
}

export interface TranscoderLinkListener {
  onPackets(packets: Buffer): void;
  onDiscontinuity(): void;
  onEnd(error: XgError | null): void;
}

/** What the stream needs of the transcoder. */
export interface AacTranscoder {
  open(request: SessionOpen, listener: TranscoderLinkListener): Promise<TranscoderLink>;
  /** Calls back whenever the transcoder has (again) become ready, until the returned function is called. */
  onReady(listener: () => void): () => void;
  readonly ready: boolean;
}

export interface AacStreamOptions {
  readonly request: SessionOpen;
  readonly source: SharedStream;
  readonly transcoder: AacTranscoder;
  readonly ringBytes: number;
  readonly logger: Logger;
  readonly onResumed: (milliseconds: number) => void;
}

/** How long the transcoder may be away before the viewers are sent home. */
const RECOVER_MS = 30_000;
/** A session that fails this often in a row, without a byte between, is not opened again. */
const MAX_FAILURES = 3;
/** What the transcoder may need beyond the source's own time. */
const AAC_MS = 1_000;
/** Errors after which another session can do no better. */
const FINAL_CODES = new Set(['NO_PROGRAM', 'SCRAMBLED', 'NO_AUDIO', 'BAD_VERSION']);

/**
 * A service with its audio turned into AAC: reads the source's ring, sends it through the transcoder, keeps what comes
 * back in a ring of its own. When the transcoder dies, the next session takes up the source where the last one stopped
 * reading, so a restart costs the viewers the packets that were inside it and nothing else.
 */
export class AacStream implements SharedStream {
  readonly ring: Ring;
  readonly #options: AacStreamOptions;
  readonly #holder = new StreamStateHolder();
  /** At what waits to be sent to the transcoder. */
  readonly #pin: RingPin;
  #link: TranscoderLink | null = null;
  /** Another session counts its packets anew; what it leaves out is missing. */
  readonly #marker = new DiscontinuityMarker();
  #opening = false;
  /** Position in the source's ring up to which it was sent; null before the first byte. */
  #sentUpTo: number | null = null;
  #unsubscribe: (() => void)[] = [];
  #lostAt: number | null = null;
  #failures = 0;
  #recoverTimer: NodeJS.Timeout | null = null;
  #droppedBefore = 0;

  constructor(options: AacStreamOptions) {
    this.#options = options;
    this.ring = new Ring({ maxBytes: options.ringBytes });
    this.#pin = options.source.ring.pin();
  }

  get state(): SharedStreamState {
    return this.#holder.state;
  }

  onState(listener: (state: SharedStreamState) => void): () => void {
    return this.#holder.subscribe(listener);
  }

  faults(): Record<string, number> {
    const dropped = this.#droppedBefore + (this.#link?.droppedBytes ?? 0);
    return dropped > 0 ? { 'dropped-bytes': dropped } : {};
  }

  start(): void {
    const { source, transcoder } = this.#options;
    this.#unsubscribe = [
      source.ring.subscribe(() => this.#pump()),
      source.onState((state) => this.#onSourceState(state)),
      transcoder.onReady(() => void this.#open()),
    ];
    this.#onSourceState(source.state);
    if (transcoder.ready) void this.#open();
    else this.#awaitTranscoder('the transcoder is not running');
  }

  close(): void {
    this.#end(null);
  }

  async #open(): Promise<void> {
    if (this.#opening || this.#link !== null || this.state.name === 'ended') return;
    this.#opening = true;
    try {
      const link = await this.#options.transcoder.open(this.#options.request, {
        onPackets: (packets) => this.#onPackets(packets),
        onDiscontinuity: () => this.#marker.begin(), // counted by the transcoder
        onEnd: (error) => this.#onLinkEnd(error),
      });
      if (this.#isEnded()) link.close();
      else this.#link = link;
    } catch (error) {
      this.#awaitTranscoder(errorMessage(error));
    } finally {
      this.#opening = false;
    }
    this.#pump();
  }

  /** Sends what the source has and was not sent yet. */
  #pump(): void {
    const { ring } = this.#options.source;
    if (this.#link === null) return;
    if (this.#sentUpTo === null) {
      const point = ring.newestAccessPoint;
      this.#sentUpTo = point?.position ?? ring.start;
      if (point !== null && point.tables.length > 0) this.#link.write(point.tables);
    }
    if (this.#sentUpTo < ring.start) {
      this.#link.discontinuity('source-overrun');
      this.#sentUpTo = ring.start;
    }
    for (let bytes = ring.read(this.#sentUpTo); bytes !== null; bytes = ring.read(this.#sentUpTo)) {
      if (this.#link.pendingBytes === 0) this.#pin.position = this.#sentUpTo;
      this.#sentUpTo += bytes.length;
      this.#link.write(bytes);
    }
    if (this.#link.pendingBytes === 0) this.#pin.position = null;
  }

  #onPackets(packets: Buffer): void {
    const marked = this.#marker.push(packets);
    this.ring.append(marked);
    this.#failures = 0;
    if (this.#recoverTimer !== null) clearTimeout(this.#recoverTimer);
    this.#recoverTimer = null;
    if (this.#lostAt !== null) {
      const away = performance.now() - this.#lostAt;
      this.#lostAt = null;
      this.#options.logger.info({ awayMs: Math.round(away) }, 'AAC stream resumed');
      this.#options.onResumed(away);
    }
    if (this.state.name !== 'live') this.#holder.set({ name: 'live' });
  }

  #onLinkEnd(error: XgError | null): void {
    this.#droppedBefore += this.#link?.droppedBytes ?? 0;
    this.#link = null;
    if (error === null || this.#isEnded()) return;
    if (this.ring.end > 0) this.#marker.begin();
    this.#failures++;
    if (FINAL_CODES.has(error.code) || this.#failures > MAX_FAILURES) {
      this.#end(error);
      return;
    }
    if (this.state.name === 'live') {
      this.#lostAt = performance.now();
      this.#options.logger.warn({ code: error.code }, `AAC stream interrupted: ${error.message}`);
    }
    this.#awaitTranscoder(error.message);
    if (this.#options.transcoder.ready) void this.#open();
  }

  #awaitTranscoder(reason: string): void {
    if (this.state.name !== 'opening') this.#holder.set({ name: 'recovering', reason });
    this.#recoverTimer ??= setTimeout(() => {
      this.#end(new XgError('TRANSCODER_DOWN', `no AAC sound: ${reason}. Profile "pass" plays without it`));
    }, RECOVER_MS);
  }

  #onSourceState(state: SharedStreamState): void {
    if (state.name === 'ended') this.#end(state.error);
    if (state.name === 'recovering') this.#link?.discontinuity('source-lost');
    // Its reason to be late is ours.
    if (state.name === 'opening' && state.untilMs !== undefined && this.state.name === 'opening')
      this.#holder.set({ name: 'opening', untilMs: state.untilMs + AAC_MS });
  }

  #isEnded(): boolean {
    return this.state.name === 'ended';
  }

  #end(error: XgError | null): void {
    if (this.#isEnded()) return;
    this.#holder.set({ name: 'ended', error });
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    if (this.#recoverTimer !== null) clearTimeout(this.#recoverTimer);
    this.#link?.close();
    this.#link = null;
    this.#options.source.ring.unpin(this.#pin);
    this.ring.close(error);
  }
}
