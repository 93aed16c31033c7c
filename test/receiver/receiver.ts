import { EventEmitter } from 'node:events';
import { ActiveFaults } from './active-faults.ts';
import { Box } from './box/box.ts';
import type { Fault, FaultSetting } from './faults.ts';
import { InternetProvider } from './internet/provider.ts';
import { type InternetSources, withInternet } from './lineup/internet.ts';
import { DEMO_PARTS, Lineup, playableOnly } from './lineup/lineup.ts';
import { type DemoService, serviceByName } from './lineup/services.ts';
import { withSynthetic } from './lineup/synthetic.ts';
import { ensureMedia } from './media/ensure.ts';
import { Outage, POWER_FAULTS } from './network/outage.ts';
import { WakeListener } from './network/wake-listener.ts';
import { LoopLibrary } from './playout/library.ts';
import type { ReceiverOptions, ReceiverStats } from './receiver-options.ts';
import { alignedStartPcr } from './stream/player.ts';
import { StreamServer } from './stream/stream-server.ts';
import { MAC } from './web/answers/device.ts';
import { WebServer } from './web/web-server.ts';

export type { ReceiverOptions, ReceiverStats };

const DEFAULT_START_PCR = 3_600 * 27_000_000;
const DAY_SECONDS = 86_400;

function settingsOf(fault: ReceiverOptions['fault']): readonly FaultSetting[] {
  if (fault == null) return [];
  if (typeof fault === 'string') return [{ fault }];
  return 'fault' in fault ? [fault] : fault;
}

/** The simulated box, running. `change` is emitted whenever `stats` changes. */
export class SimulatedReceiver extends EventEmitter<{ change: [] }> {
  readonly host: string;
  httpPort = 0;
  streamPort = 0;
  relayPort = 0;
  /** UDP; 0 without one. */
  wakePort = 0;
  /** Of the provider of network services; 0 without one. */
  internetPort = 0;
  readonly faults: ActiveFaults;
  readonly box: Box;
  readonly #options: ReceiverOptions;
  #connectionsTotal = 0;
  readonly #open = new Map<string, number>();
  readonly #total = new Map<string, number>();
  readonly #requests = new Map<string, number>();
  readonly #web: WebServer;
  readonly #streams: readonly [StreamServer, StreamServer];
  readonly #outage: Outage;
  readonly #wake: WakeListener;
  readonly #internet: InternetProvider | null;
  #wasLive = false;

  constructor(options: ReceiverOptions, mediaDirectory: string) {
    super();
    this.#options = options;
    this.host = options.host ?? '127.0.0.1';
    this.faults = new ActiveFaults(settingsOf(options.fault));
    const library = new LoopLibrary(mediaDirectory);
    const bornAt = performance.now();
    const ticksPerMs = 27_000 * (options.speed ?? 1);
    const clock = (): number => (performance.now() - bornAt) * ticksPerMs;
    const startPcr = alignedStartPcr(options.startPcr ?? DEFAULT_START_PCR);
    this.box = new Box({
      lineup: this.#lineup(null),
      tuners: options.tuners ?? 4,
      live: options.live ?? null,
      prepareSeconds: options.prepareSeconds ?? 20,
      retrySeconds: options.retrySeconds ?? 5,
      clock,
      onChange: () => this.emit('change'),
    });
    const yesterday = Math.floor(Date.now() / 1000 / DAY_SECONDS - 1) * DAY_SECONDS;
    const recorded = serviceByName('Das Erste Übung HD');
    this.box.movies.addFinished(recorded, 'Tagesschau', 'Nachrichten', yesterday + 20 * 3600, 60);
    const login = options.login ?? null;
    const { box, faults } = this;
    const paced = options.paced ?? true;
    this.#web = new WebServer({
      box,
      library,
      clock,
      startPcr,
      login,
      faults,
      ports: () => ({ stream: this.streamPort, relay: this.relayPort }),
      onRequest: (path) => {
        this.#requests.set(path, (this.#requests.get(path) ?? 0) + 1);
        this.emit('change');
      },
    });
    const server = (kind: 'stream' | 'relay'): StreamServer =>
      new StreamServer({
        kind,
        library,
        box,
        clock,
        startPcr,
        paced,
        tuneLatencyMs: options.tuneLatencyMs ?? 150,
        stallMs: options.stallMs ?? 10_000,
        login,
        faults,
        dropAfterBytes: options.dropAfterBytes ?? null,
        onOpen: (service) => this.#count(service, 1),
        onClose: (service) => this.#count(service, -1),
      });
    this.#streams = [server('stream'), server('relay')];
    this.#internet =
      options.internet == null
        ? null
        : new InternetProvider({ ...options.internet, library, clock, startPcr, paced, faults });
    const [stream, relay] = this.#streams;
    this.#outage = new Outage({
      host: this.host,
      faults,
      ports: [
        { ports: this.#web.ports, refusedBy: POWER_FAULTS, dropAll: () => this.#web.dropAll() },
        { ports: stream.ports, refusedBy: [...POWER_FAULTS, 'stream-refused'], dropAll: () => stream.dropAll() },
        { ports: relay.ports, refusedBy: [...POWER_FAULTS, 'relay-refused'], dropAll: () => relay.dropAll() },
      ],
      onPower: (on) => this.#onPower(on),
    });
    faults.on('change', () => this.#onFaults());
    this.#wake = new WakeListener(MAC, () => this.#outage.wake());
  }

  get stats(): ReceiverStats {
    let openConnections = 0;
    for (const count of this.#open.values()) openConnections += count;
    return {
      openConnections,
      connectionsTotal: this.#connectionsTotal,
      openByRef: this.#open,
      totalByRef: this.#total,
      tunersInUse: this.box.tuners.inUse,
      requests: this.#requests,
      recordings: this.box.recording.length,
    };
  }

  async listen(): Promise<void> {
    const { httpPort = 0, streamPort = 0, relayPort = 0, wakePort = null } = this.#options;
    this.relayPort = await this.#streams[1].ports.listen(this.host, relayPort);
    if (this.#internet !== null) {
      this.internetPort = await this.#internet.listen(this.host);
      const sources = {
        providerUrl: `http://${this.host}:${this.internetPort}`,
        udpUrl: this.#internet.udpUrl,
        relayPort: this.relayPort,
      };
      this.box.lineup = this.#lineup(sources);
    }
    this.streamPort = await this.#streams[0].ports.listen(this.host, streamPort);
    this.httpPort = await this.#web.ports.listen(this.host, httpPort);
    if (wakePort !== null) this.wakePort = await this.#wake.listen(this.host, wakePort);
    this.#outage.start();
    await this.#outage.settled;
  }

  /** Null: the box is well again. Replaces all faults that it had. */
  setFault(fault: Fault | null, measures: Omit<FaultSetting, 'fault'> = {}): void {
    this.faults.set(fault === null ? [] : [{ fault, ...measures }]);
  }

  /** Resolves when the ports listen, or do not, as the faults want it. */
  get settled(): Promise<void> {
    return this.#outage.settled;
  }

  setStandby(standby: boolean): void {
    this.box.setStandby(standby);
  }

  /** Breaks all streams off, as a restart of the box's software does. */
  dropStreams(): void {
    for (const server of this.#streams) server.dropAll();
  }

  async close(): Promise<void> {
    await this.#outage.close();
    this.box.powerOff();
    this.#web.close();
    for (const server of this.#streams) server.close();
    this.#internet?.close();
    if (this.wakePort !== 0) this.#wake.close();
  }

  #lineup(internet: InternetSources | null): Lineup {
    const { playableOnly: plain = false, syntheticServices = 0 } = this.#options;
    const demo = plain ? playableOnly(DEMO_PARTS) : DEMO_PARTS;
    return new Lineup(withSynthetic(internet === null ? demo : withInternet(demo, internet), syntheticServices));
  }

  #onFaults(): void {
    if (this.faults.has('off')) {
      this.#web.dropAll();
      this.dropStreams();
    }
    this.#web.onFaults();
    this.emit('change');
  }

  #onPower(on: boolean): void {
    if (on) {
      this.box.powerOn(this.#wasLive);
      return;
    }
    this.#wasLive = this.box.isLive;
    this.box.powerOff();
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
  try {
    await receiver.listen();
  } catch (error) {
    await receiver.close(); // else the servers that do listen keep the process
    throw error;
  }
  return receiver;
}
