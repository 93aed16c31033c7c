import { crc32 } from 'node:zlib';
import { IntervalReporter } from '#shared/observability/interval-reporter.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { AccessPolicy } from '../config/access-policy.ts';
import type { MdnsService } from './announce/mdns-records.ts';
import { MdnsResponder } from './announce/mdns-responder.ts';
import { DEVICE_AUTH } from './answers.ts';
import { ControlServer } from './control/control-server.ts';
import type { Variables } from './control/variables.ts';
import { deviceXml } from './device-xml.ts';
import type { HdhrDevice } from './devices.ts';
import { DiscoveryServer } from './discovery/discovery-server.ts';
import { KeptOpen, type Opened } from './discovery/kept-open.ts';
import {
  addressFor,
  announcedAddresses,
  type LocalAddress,
  localAddresses,
  urlHost,
} from './discovery/network-interfaces.ts';
import { SourceLimiter } from './discovery/source-limiter.ts';
import type { HdhomerunFace } from './face.ts';
import type { DiscoverReply } from './wire/discover.ts';

export interface NetworkOptions {
  readonly face: HdhomerunFace;
  readonly variables: Variables;
  readonly access: Pick<AccessPolicy, 'allowsAnonymous'>;
  /** Where HTTP listens: null for all addresses. */
  readonly http: { readonly host: string | null; readonly port: number };
  publicUrl(): string | null;
  readonly discovery: boolean;
  readonly ssdp: boolean;
  readonly mdns: boolean;
  /** Names of those to announce on; empty: all that are real. */
  readonly interfaces: readonly string[];
  /** What else is announced over mDNS. */
  mdnsServices?(): readonly MdnsService[];
  /** Listens for HTTP on a further port. */
  openPort(port: number): Promise<Opened>;
  readonly version: string;
  readonly logger: Logger;
  readonly addresses?: () => LocalAddress[];
}

/** Spec: libhdhomerun, hdhomerun_pkt.h. */
const CONTROL_PORT = 65_001;
/** Interfaces come and go; so often they are looked at. */
const LOOK_MS = 5_000;
/** An old form of the clients' library has room for no more; they cut the rest off. */
const MAX_BASE_URL = 28;
/** The reply's own bound would keep a longer one back. */
const MAX_REPLY_URL = 100;

/** Everything by which clients find the devices: UDP and TCP 65001, SSDP, mDNS, ports of single devices. */
export class HdhomerunNetwork {
  readonly #options: NetworkOptions;
  readonly #addresses: () => LocalAddress[];
  readonly #open: KeptOpen[] = [];
  /** By what it announces on which address. */
  readonly #announced = new Map<string, KeptOpen>();
  readonly #limiter = new SourceLimiter({ burst: 20, perSecond: 5, maxSources: 1_024 });
  readonly #refused: IntervalReporter<string>;
  readonly #bootId = Math.floor(Date.now() / 1000) % 0x8000_0000;
  #discovery6: DiscoveryServer | null = null;
  #looking: NodeJS.Timeout | null = null;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#addresses = options.addresses ?? localAddresses;
    this.#refused = new IntervalReporter(
      ({ count, last }) => options.logger.warn({ count }, `HDHomeRun control connections ended: ${last}`),
      60_000,
    );
  }

  /** Resolves when all has been tried once. */
  async start(): Promise<void> {
    const { face, discovery, openPort, logger } = this.#options;
    for (const { port, name } of face.devices.all) {
      if (port === null) continue;
      this.#keepOpen(`HTTP port ${port}`, `the device "${name}" is only under its path`, () => openPort(port));
    }
    if (discovery) this.#startDiscovery();
    this.#look();
    this.#looking = setInterval(() => this.#look(), LOOK_MS).unref();
    await Promise.all([...this.#open, ...this.#announced.values()].map((kept) => kept.settled));
    logger.debug('HDHomeRun is on the network');
  }

  /** Says goodbye where that is the custom. */
  async close(): Promise<void> {
    if (this.#looking !== null) clearInterval(this.#looking);
    this.#refused.close();
    await Promise.all([...this.#open, ...this.#announced.values()].map((kept) => kept.close()));
  }

  /** What a client is told that asks by UDP. */
  repliesFor(client: string): DiscoverReply[] {
    const host = this.#hostFor(client);
    if (host === null) return [];
    return this.#options.face.devices.all.flatMap((device) => {
      const baseUrl = this.#baseUrl(device, host);
      // A device without a port of its own has a longer URL; clients that would cut it off had better not see it.
      if (baseUrl.length > (device.slug === '' ? MAX_REPLY_URL : MAX_BASE_URL)) return [];
      return [
        {
          deviceId: Number.parseInt(device.identity.deviceId, 16),
          tunerCount: device.tunerCount(),
          deviceAuth: DEVICE_AUTH,
          baseUrl,
          lineupUrl: `${baseUrl}/lineup.json`,
        },
      ];
    });
  }

  #startDiscovery(): void {
    const { access, http, variables } = this.#options;
    const host = isLoopback(http.host) ? http.host : null;
    const limiter = this.#limiter;
    const consequence = 'clients do not find xg2g by themselves; they do by its address';
    for (const family of [4, 6] as const) {
      if (host !== null && family !== (host.includes(':') ? 6 : 4)) continue;
      this.#keepOpen(`UDP port ${CONTROL_PORT} (IPv${family})`, consequence, async (onLost) => {
        const server = await DiscoveryServer.open({
          family,
          host,
          port: CONTROL_PORT,
          access,
          limiter,
          onLost,
          repliesFor: (client) => this.repliesFor(client),
          addresses: () => announcedAddresses(this.#options.interfaces, this.#addresses()),
        });
        if (family === 6) this.#discovery6 = server;
        return server;
      });
    }
    this.#keepOpen(`TCP port ${CONTROL_PORT}`, 'hdhomerun_config and its like cannot drive the tuners', (onLost) =>
      ControlServer.open({
        host: http.host,
        port: CONTROL_PORT,
        access,
        refused: this.#refused,
        answer: (request, client) => variables.answer(request, client),
        onLost,
      }),
    );
  }

  /** Begins to announce on addresses that are new, and ends it on those that are gone. */
  #look(): void {
    const { face, ssdp, mdns } = this.#options;
    this.#discovery6?.joinGroups();
    const wanted = new Set<string>();
    for (const { address, interfaceName } of this.#announcedAddresses()) {
      for (const device of ssdp ? face.devices.all : []) {
        const key = `ssdp ${address} ${device.slug}`;
        wanted.add(key);
        this.#announce(key, `SSDP on ${interfaceName} (${address})`, (onLost) =>
          this.#openSsdp(device, address, onLost),
        );
      }
      if (!mdns) continue;
      const key = `mdns ${address}`;
      wanted.add(key);
      this.#announce(key, `mDNS on ${interfaceName} (${address})`, (onLost) =>
        this.#openMdns(address, interfaceName, onLost),
      );
    }
    for (const [key, kept] of this.#announced) {
      if (wanted.has(key)) continue;
      this.#announced.delete(key);
      void kept.close().catch(() => undefined); // its interface is gone: there is nobody to say goodbye to
    }
  }

  #announce(key: string, what: string, open: (onLost: (error: unknown) => void) => Promise<Opened>): void {
    if (this.#announced.has(key)) return;
    const { logger } = this.#options;
    this.#announced.set(key, new KeptOpen({ what, consequence: 'nobody there hears of xg2g', open, logger }));
  }

  async #openSsdp(device: HdhrDevice, address: string, onLost: (error: unknown) => void): Promise<Opened> {
    // Not before it is needed: node-ssdp brings bluebird and async with it, some megabytes.
    const { SsdpServer } = await import('./announce/ssdp-server.ts');
    return SsdpServer.open({
      address,
      location: `${this.#baseUrl(device, address)}/device.xml`,
      uuid: device.uuid,
      version: this.#options.version,
      bootId: this.#bootId,
      configId: crc32(deviceXml(device, '')) % 0x100_0000, // Spec: UPnP Device Architecture 1.1, 1.2.2: 24 bits
      isFor: (client) => this.#isNearest(client, address) && this.#limiter.take(client),
      onLost,
    });
  }

  async #openMdns(address: string, interfaceName: string, onLost: (error: unknown) => void): Promise<Opened> {
    const { face, mdnsServices } = this.#options;
    const { first } = face.devices;
    const addresses = this.#addresses().filter((one) => one.interfaceName === interfaceName);
    return MdnsResponder.open({
      address,
      host: { name: first.identity.deviceId.toLowerCase(), addresses },
      limiter: this.#limiter,
      services: () => [...face.devices.all.flatMap((device) => this.#httpService(device)), ...(mdnsServices?.() ?? [])],
      isFor: (client) => this.#isNearest(client, address),
      onLost,
    });
  }

  #httpService({ name, identity, port, slug }: HdhrDevice): MdnsService[] {
    if (slug !== '' && port === null) return [];
    const instance = `${name} ${identity.deviceId}`;
    return [{ instance, type: '_http._tcp', port: port ?? this.#options.http.port, txt: { path: '/' } }];
  }

  /** Where HTTP can be reached, and nowhere else. SSDP and mDNS speak IPv4 here. */
  #announcedAddresses(): LocalAddress[] {
    const { http, interfaces } = this.#options;
    if (isLoopback(http.host)) return [];
    return announcedAddresses(interfaces, this.#addresses()).filter(
      ({ family, address }) => family === 4 && (http.host === null || http.host === address),
    );
  }

  /** The host of URLs for this client; null when HTTP does not listen where it is. */
  #hostFor(client: string): string | null {
    const { http } = this.#options;
    const all = this.#addresses();
    const near = addressFor(client, all);
    if (http.host !== null) return near === null || near === http.host ? http.host : null;
    // Through a router: any address may do, if it is no loopback.
    return near ?? all.find(({ family, internal }) => family === 4 && !internal)?.address ?? null;
  }

  /** Whether this client is allowed, and this address of ours the one by which it reaches us. */
  #isNearest(client: string, address: string): boolean {
    if (!this.#options.access.allowsAnonymous(client)) return false;
    const near = addressFor(client, this.#addresses()) ?? this.#announcedAddresses()[0]?.address;
    return near === address;
  }

  #baseUrl(device: HdhrDevice, host: string): string {
    const own = (port: number): string => `http://${urlHost(host)}:${port}`;
    if (device.port !== null) return own(device.port);
    return `${this.#options.publicUrl() ?? own(this.#options.http.port)}${device.path}`;
  }

  #keepOpen(what: string, consequence: string, open: (onLost: (error: unknown) => void) => Promise<Opened>): void {
    this.#open.push(new KeptOpen({ what, consequence, open, logger: this.#options.logger }));
  }
}

function isLoopback(host: string | null): host is string {
  return host !== null && (host === '::1' || host.startsWith('127.'));
}
