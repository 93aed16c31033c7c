import { XgError } from '#shared/errors.ts';
import type { StreamTarget } from '../receiver/model.ts';
import type { SourceService } from './source-stream.ts';

/** A target, and whether the receiver was asked for it just now. */
export interface FoundTarget {
  readonly target: StreamTarget;
  readonly origin: 'remembered' | 'asked' | 'direct';
}

/** Where services are to be had. */
export interface StreamSources {
  /**
   * Where the service is now. `ask`: by the receiver's own word, whatever is remembered.
   *
   * @throws XgError of the receiver; the signal's reason.
   */
  find(service: SourceService, options: { ask: boolean; signal: AbortSignal }): Promise<FoundTarget>;
  /** On the plain stream server, without asking; null where there is no such thing. */
  direct(service: SourceService): FoundTarget | null;
  /** It was not to be had there. */
  forget(service: SourceService): void;
}

export interface RememberedSourcesOptions {
  readonly ask: (service: SourceService, signal: AbortSignal) => Promise<StreamTarget>;
  readonly direct: (service: SourceService) => StreamTarget | null;
  /** Under what an answer is remembered; by default the reference. Several receivers have the same ones. */
  readonly keyOf?: (service: SourceService) => string;
  /** A target did not do. */
  readonly onForget?: (service: SourceService) => void;
  /** Younger answers are taken as they are, older ones are asked for again while they are used. Default 60 s. */
  readonly freshMs?: number;
  readonly now?: () => number;
}

const FRESH_MS = 60_000;
/** As many as the largest lineups have. The oldest go first. */
const MAX_REMEMBERED = 10_000;

/**
 * Remembers what the receiver said of each service, so that a zap does not wait for its slow web interface: an old answer
 * is used at once and renewed beside (stale-while-revalidate), one that did not work is forgotten.
 */
export class RememberedSources implements StreamSources {
  readonly #options: RememberedSourcesOptions;
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly target: StreamTarget; readonly atMs: number }>();
  readonly #renewing = new Map<string, AbortController>();

  constructor(options: RememberedSourcesOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  async find(service: SourceService, options: { ask: boolean; signal: AbortSignal }): Promise<FoundTarget> {
    const known = this.#known.get(this.#keyOf(service));
    if (known === undefined || options.ask) {
      const target = await this.#options.ask(service, options.signal);
      this.#remember(this.#keyOf(service), target);
      return { target, origin: 'asked' };
    }
    if (this.#now() - known.atMs > (this.#options.freshMs ?? FRESH_MS)) this.#renew(service);
    return { target: known.target, origin: 'remembered' };
  }

  direct(service: SourceService): FoundTarget | null {
    const target = this.#options.direct(service);
    return target === null ? null : { target, origin: 'direct' };
  }

  forget(service: SourceService): void {
    this.#known.delete(this.#keyOf(service));
    this.#options.onForget?.(service);
    this.#renewing.get(service.ref)?.abort(new XgError('STREAM_CLOSED', 'the answer is no longer wanted'));
    this.#renewing.delete(service.ref);
  }

  #keyOf(service: SourceService): string {
    return this.#options.keyOf?.(service) ?? service.ref;
  }

  #renew(service: SourceService): void {
    if (this.#renewing.has(service.ref)) return;
    const abort = new AbortController();
    this.#renewing.set(service.ref, abort);
    this.#options
      .ask(service, abort.signal)
      .then(
        (target) => {
          if (!abort.signal.aborted) this.#remember(this.#keyOf(service), target);
        },
        () => undefined, // the old answer stands; the next zap tries again
      )
      .finally(() => {
        if (this.#renewing.get(service.ref) === abort) this.#renewing.delete(service.ref);
      });
  }

  #remember(ref: string, target: StreamTarget): void {
    this.#known.delete(ref);
    this.#known.set(ref, { target, atMs: this.#now() });
    const oldest = this.#known.size > MAX_REMEMBERED ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}

export function isSameTarget(one: StreamTarget, other: StreamTarget): boolean {
  return one.host === other.host && one.port === other.port && one.path === other.path && one.scheme === other.scheme;
}
