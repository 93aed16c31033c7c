import type { BreakerState } from './circuit-breaker.ts';
import type { ReceiverClient, RecordingCommand } from './client.ts';
import type { FileRange, OpenFile } from './file-stream.ts';
import type {
  About,
  Bouquet,
  BoxTimer,
  CommandResult,
  EpgEvent,
  MovieFolder,
  Picon,
  Reception,
  ServiceEntry,
  StatusInfo,
  StreamTarget,
} from './model.ts';

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly force?: boolean | undefined;
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

  get breaker(): BreakerState {
    return this.#client.breaker;
  }

  about(options?: CallOptions): Promise<About> {
    return this.#client.about(options);
  }

  statusInfo(options?: CallOptions): Promise<StatusInfo> {
    return this.#client.statusInfo(options);
  }

  timers(options?: CallOptions): Promise<BoxTimer[]> {
    return this.#client.timers(options);
  }

  recordingCommand(
    name: RecordingCommand,
    query: Readonly<Record<string, string>>,
    options?: CallOptions,
  ): Promise<CommandResult> {
    return this.#client.recordingCommand(name, query, options);
  }

  movies(folder: string | null, options?: CallOptions): Promise<MovieFolder> {
    return this.#client.movies(folder, options);
  }

  locations(options?: CallOptions): Promise<string[]> {
    return this.#client.locations(options);
  }

  openFile(path: string, range: FileRange): Promise<OpenFile> {
    return this.#client.openFile(path, range);
  }

  reception(options?: CallOptions): Promise<Reception> {
    return this.#client.reception(options);
  }

  servicePlayable(ref: string, options?: CallOptions): Promise<boolean> {
    return this.#client.servicePlayable(ref, options);
  }

  zap(ref: string, options?: CallOptions): Promise<void> {
    return this.#client.zap(ref, options);
  }

  wakeFromStandby(options?: CallOptions): Promise<void> {
    return this.#client.wakeFromStandby(options);
  }

  directStream(ref: string): StreamTarget | null {
    return this.#client.directStream(ref);
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

  epgMulti(bouquetRef: string, options: CallOptions & { minutes: number }): Promise<EpgEvent[]> {
    return this.#client.epgMulti(bouquetRef, options);
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
