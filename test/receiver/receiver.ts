import { EventEmitter } from 'node:events';
import type { Fault } from './faults.ts';
import { type DemoService, SERVICES } from './lineup/services.ts';
import { ensureMedia, type MediaProgress } from './media/ensure.ts';
import { LoopLibrary } from './playout/library.ts';
import { alignedStartPcr } from './stream/player.ts';
import { StreamServer } from './stream/stream-server.ts';
import { Tuners } from './stream/tuners.ts';
import type { BoxState } from './web/box-state.ts';
import { WebServer } from './web/web-server.ts';

export interface ReceiverOptions {
  readonly host?: string;
  /** 0 takes any free one. */
  readonly httpPort?: number;
  readonly streamPort?: number;
  readonly relayPort?: number;
  /** Login for web interface and stream server; null (default) asks for none. */
  readonly login?: { readonly user: string; readonly pass: string } | null;
  readonly tuners?: number;
  /** Between the request and the first byte. Default 150 ms. */
  readonly tuneLatencyMs?: number;
  /** A reader that stalls for so long is dropped. Default 10 s. */
  readonly stallMs?: number;
  /** PCR at the start, in ticks of 27 MHz: near 2^33·300 to see the wrap. */
  readonly startPcr?: number;
  /** False: streams as fast as the reader takes them. Default true: real time. */
  readonly paced?: boolean;
  readonly dropAfterBytes?: number | null;
  readonly fault?: Fault | null;
  readonly cacheDir?: string | undefined;
  readonly onProgress?: ((progress: MediaProgress) => void) | undefined;
}

export interface ReceiverStats {
  /** Stream connections now, and since the start, in all. */
  readonly openConnections: number;
  readonly connectionsTotal: number;
  /** The same by service reference. */
  readonly openByRef: ReadonlyMap<string, number>;
  readonly totalByRef: ReadonlyMap<string, number>;
  readonly tunersInUse: number;
  /** Requests to the web interface by path. */
  readonly requests: ReadonlyMap<string, number>;
}

const DEFAULT_START_PCR = 3_600 * 27_000_000;

/** The simulated box, running. `change` is emitted whenever `stats` changes. */
export class SimulatedReceiver extends EventEmitter<{ change: [] }> {
  readonly host: string;
  httpPort = 0;
  streamPort = 0;
  relayPort = 0;
  #fault: Fault | null;
  #connectionsTotal = 0;
  readonly #open = new Map<string, number>();
  readonly #total = new Map<string, number>();
  readonly #requests = new Map<string, number>();
  readonly #tuners: Tuners;
  readonly #state: BoxState;
  readonly #web: WebServer;
  readonly #streams: readonly [StreamServer, StreamServer];

  constructor(options: ReceiverOptions, mediaDirectory: string) {
    super();
    this.host = options.host ?? '127.0.0.1';
    this.#fault = options.fault ?? null;
    this.#tuners = new Tuners(options.tuners ?? 4);
    const receiver = this;
    this.#state = {
      standby: false,
      current: SERVICES[0] as DemoService,
      tuners: this.#tuners,
      get streamPort() {
        return receiver.streamPort;
      },
      get relayPort() {
        return receiver.relayPort;
      },
      get streaming() {
        return SERVICES.flatMap((service) =>
          Array.from({ length: receiver.#open.get(service.ref) ?? 0 }, () => service),
        );
      },
    };
    const login = options.login ?? null;
    this.#web = new WebServer({
      state: this.#state,
      login,
      fault: () => this.#fault,
      onRequest: (path) => {
        this.#requests.set(path, (this.#requests.get(path) ?? 0) + 1);
        this.emit('change');
      },
    });
    const library = new LoopLibrary(mediaDirectory);
    const bornAt = performance.now();
    const server = (kind: 'stream' | 'relay'): StreamServer =>
      new StreamServer({
        kind,
        library,
        tuners: this.#tuners,
        clock: () => (performance.now() - bornAt) * 27_000,
        startPcr: alignedStartPcr(options.startPcr ?? DEFAULT_START_PCR),
        paced: options.paced ?? true,
        tuneLatencyMs: options.tuneLatencyMs ?? 150,
        stallMs: options.stallMs ?? 10_000,
        login,
        fault: () => this.#fault,
        dropAfterBytes: options.dropAfterBytes ?? null,
        onOpen: (service) => this.#count(service, 1),
        onClose: (service) => this.#count(service, -1),
      });
    this.#streams = [server('stream'), server('relay')];
  }

  get stats(): ReceiverStats {
    let openConnections = 0;
    for (const count of this.#open.values()) openConnections += count;
    return {
      openConnections,
      connectionsTotal: this.#connectionsTotal,
      openByRef: this.#open,
      totalByRef: this.#total,
      tunersInUse: this.#tuners.inUse,
      requests: this.#requests,
    };
  }

  async listen(options: ReceiverOptions): Promise<void> {
    this.httpPort = await this.#web.listen(this.host, options.httpPort ?? 0);
    this.streamPort = await this.#streams[0].listen(this.host, options.streamPort ?? 0);
    this.relayPort = await this.#streams[1].listen(this.host, options.relayPort ?? 0);
  }

  /** Null: the box is well again. */
  setFault(fault: Fault | null): void {
    this.#fault = fault;
    if (fault !== 'off') return;
    this.#web.dropAll();
    this.dropStreams();
  }

  setStandby(standby: boolean): void {
    this.#state.standby = standby;
  }

  /** Breaks all streams off, as a restart of the box's software does. */
  dropStreams(): void {
    for (const server of this.#streams) server.dropAll();
  }

  async close(): Promise<void> {
    await Promise.all([this.#web.close(), ...this.#streams.map((server) => server.close())]);
  }

  #count(service: DemoService, step: 1 | -1): void {
    this.#open.set(service.ref, (this.#open.get(service.ref) ?? 0) + step);
    if (step === 1) {
      this.#connectionsTotal++;
      this.#total.set(service.ref, (this.#total.get(service.ref) ?? 0) + 1);
    }
    this.emit('change');
  }
}

/** Makes the demo media if they are not there, then starts a box. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<SimulatedReceiver> {
  const directory = await ensureMedia({ cacheDir: options.cacheDir, onProgress: options.onProgress });
  const receiver = new SimulatedReceiver(options, directory);
  await receiver.listen(options);
  return receiver;
}
