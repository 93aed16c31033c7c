import { errorCode, errorMessage } from '#shared/errors.ts';

export interface ServiceFailure {
  readonly channelId: string;
  readonly code: string;
  readonly message: string;
  readonly atSeconds: number;
  /** In a row. */
  readonly count: number;
}

const FIRST_RETRY_SECONDS = 600;
const MAX_RETRY_SECONDS = 6 * 3600;

/** Services whose guide could not be read last time: asked again after a while that doubles. */
export class ServiceFailures {
  readonly #byChannel = new Map<string, ServiceFailure>();

  get all(): ServiceFailure[] {
    return [...this.#byChannel.values()];
  }

  add(channelId: string, error: unknown, atSeconds: number): void {
    const count = (this.#byChannel.get(channelId)?.count ?? 0) + 1;
    this.#byChannel.set(channelId, {
      channelId,
      code: errorCode(error),
      message: errorMessage(error),
      atSeconds,
      count,
    });
  }

  clear(channelId: string): void {
    this.#byChannel.delete(channelId);
  }

  /** Drops those of channels that are gone. */
  keepOnly(channels: ReadonlySet<string>): void {
    for (const id of this.#byChannel.keys()) if (!channels.has(id)) this.#byChannel.delete(id);
  }

  /** Unix seconds; 0 for a service that did not fail. */
  retryAtSeconds(channelId: string): number {
    const failure = this.#byChannel.get(channelId);
    if (failure === undefined) return 0;
    return failure.atSeconds + Math.min(MAX_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** (failure.count - 1));
  }
}
