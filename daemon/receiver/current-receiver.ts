import type { ReceiverClient } from './client.ts';
import type { About, Bouquet, EpgEvent, Picon, ServiceEntry, StreamTarget } from './model.ts';

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The receiver that is configured now. A reload may name another one; who holds this object follows. */
export class CurrentReceiver {
  #client: ReceiverClient;

  constructor(client: ReceiverClient) {
    this.#client = client;
  }

  /** From now on every call goes to another client; calls that run go on with the old one. */
  replace(client: ReceiverClient): void {
    this.#client = client;
  }

  get address(): string {
    return this.#client.address;
  }

  about(options?: CallOptions): Promise<About> {
    return this.#client.about(options);
  }

  bouquets(list: 'tv' | 'radio', options?: CallOptions): Promise<Bouquet[]> {
    return this.#client.bouquets(list, options);
  }

  services(bouquetRef: string, options?: CallOptions): Promise<ServiceEntry[]> {
    return this.#client.services(bouquetRef, options);
  }

  epgService(ref: string, options?: CallOptions): Promise<EpgEvent[]> {
    return this.#client.epgService(ref, options);
  }

  epgNowNext(bouquetRef: string, options?: CallOptions): Promise<EpgEvent[]> {
    return this.#client.epgNowNext(bouquetRef, options);
  }

  streamUrl(ref: string, options?: CallOptions & { name?: string }): Promise<StreamTarget> {
    return this.#client.streamUrl(ref, options);
  }

  picon(ref: string, options: CallOptions & { name: string }): Promise<Picon | null> {
    return this.#client.picon(ref, options);
  }
}
