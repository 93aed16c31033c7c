import { errorCode, errorMessage } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { StreamMetrics } from '../streams/stream-metrics.ts';
import { ZAP_PHASES, ZapTrace } from '../streams/zap-trace.ts';

/** Tells of one zap: its phases as metrics, and all of it in one line of the log. */
export class ZapReporter {
  readonly trace = new ZapTrace();
  readonly #metrics: StreamMetrics;
  readonly #profile: string;
  #state: 'opening' | 'joined' | 'told' = 'opening';

  constructor(options: { metrics: StreamMetrics; profile: string }) {
    this.#metrics = options.metrics;
    this.#profile = options.profile;
  }

  joined(): void {
    this.#metrics.opens.inc({ outcome: 'ok' });
    this.#state = 'joined';
  }

  /** The first bytes went to the client. A picture may come after them: its time belongs to the zap. */
  firstBytes(logger: Logger): void {
    this.trace.mark('first_client_byte');
    this.#metrics.firstByte.observe(
      { profile: this.#profile },
      (this.trace.sinceStartMs('first_client_byte') ?? 0) / 1000,
    );
    const wasRunning = !this.trace.has('resolve');
    if (wasRunning || this.trace.has('first_access_point')) this.#tell(logger, wasRunning ? 'joined' : 'opened');
    else this.trace.onMark(() => this.#tell(logger, 'opened'));
  }

  failed(logger: Logger, error: unknown, wasGone: boolean): void {
    const outcome = wasGone ? 'gone' : errorCode(error);
    this.#metrics.opens.inc({ outcome });
    this.#tell(logger, outcome, wasGone ? {} : { reason: errorMessage(error) });
  }

  /** The client is gone, with or without a picture. */
  closed(logger: Logger): void {
    this.#tell(logger, this.trace.has('first_client_byte') ? 'no-picture' : 'gone');
  }

  #tell(logger: Logger, outcome: string, more: Record<string, string> = {}): void {
    if (this.#state === 'told') return;
    this.#state = 'told';
    for (const phase of ZAP_PHASES) {
      const ms = this.trace.durationMs(phase);
      if (ms !== null) this.#metrics.zapPhase.observe({ phase }, ms / 1000);
    }
    const totalMs = Math.round(this.trace.elapsedMs * 10) / 10;
    logger.info({ outcome, ...more, ...this.trace.toFields(), totalMs }, 'zap');
  }
}
