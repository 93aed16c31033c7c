import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { Server } from 'node-ssdp';
import { UPNP_DEVICE_TYPE } from '../device-xml.ts';
import { FloodGuard } from '../discovery/flood-guard.ts';
import type { Opened } from '../discovery/kept-open.ts';

export interface SsdpServerOptions {
  /** Of the interface on which it is announced. */
  readonly address: string;
  readonly location: string;
  readonly uuid: string;
  readonly version: string;
  /** Grows with every start of the daemon, so that control points see that it is another one. */
  readonly bootId: number;
  /** Changes when device.xml does. */
  readonly configId: number;
  /** Whether whoever asks is to be answered here: every server on this machine hears every question. */
  isFor(client: string): boolean;
  onLost(error: unknown): void;
}

/** Spec: UPnP Device Architecture 1.1, 1.2.2: max-age of 1800 s or more, announced again within half of that. */
const MAX_AGE_SECONDS = 1_800;
const ANNOUNCE_MS = 300_000;
/** Datagrams get lost: what is announced at first is said again. */
const SAY_AGAIN_MS = 1_000;
const TTL = 4;
/** Longest delay of an answer, whatever MX says. */
const MAX_DELAY_MS = 1_000;
/** Answers that wait for their moment; whoever asks more is heard when they are out. */
const MAX_WAITING = 64;
/** Spec: 1.3.2: what may be asked for. Anything longer is nothing of ours. */
const MAX_TARGET_LENGTH = 128;

/**
 * node-ssdp for one device on one interface. What it does not do by itself: one socket that belongs to this interface
 * alone, an error when it cannot be bound, a delay before answers, and a goodbye that is really sent.
 *
 * Spec: UPnP Device Architecture 1.1, 1 Discovery.
 */
export class SsdpServer extends Server implements Opened {
  readonly #options: SsdpServerOptions;
  readonly #waiting = new Set<NodeJS.Timeout>();
  #again: NodeJS.Timeout | null = null;
  #unsent = 0;
  #onAllSent: (() => void) | null = null;

  private constructor(options: SsdpServerOptions) {
    super({
      location: options.location,
      udn: `uuid:${options.uuid}`,
      ssdpSig: `Linux UPnP/1.1 xg2g/${options.version}`,
      ssdpTtl: TTL,
      headers: {
        'BOOTID.UPNP.ORG': String(options.bootId),
        'CONFIGID.UPNP.ORG': String(options.configId),
      },
      adInterval: ANNOUNCE_MS,
      ttl: MAX_AGE_SECONDS,
      customLogger: () => undefined,
    });
    this.#options = options;
    this.addUSN('upnp:rootdevice');
    this.addUSN(UPNP_DEVICE_TYPE);
  }

  /** @throws what binding the socket threw. */
  static async open(options: SsdpServerOptions): Promise<SsdpServer> {
    const server = new SsdpServer(options);
    server._createSockets();
    const socket = server.sockets?.[options.address];
    if (socket === undefined) throw new Error('node-ssdp has made no socket');
    const failed = once(socket, 'error').then(([error]) => Promise.reject(error as Error));
    try {
      await Promise.race([server.start(), failed]);
      socket.setMulticastInterface(options.address);
    } catch (error) {
      socket.close();
      server.sockets = null;
      throw error;
    }
    failed.catch((error: unknown) => options.onLost(error));
    const flood = new FloodGuard(options.onLost);
    socket.on('message', () => flood.count());
    server.advertise(true);
    server.#again = setTimeout(() => server.advertise(true), SAY_AGAIN_MS).unref();
    return server;
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    if (this.sockets === null || this.sockets === undefined) return;
    if (this.#again !== null) clearTimeout(this.#again);
    for (const timer of this.#waiting) clearTimeout(timer);
    this.advertise(false);
    if (this.#unsent > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onAllSent = resolve;
      const late = setTimeout(resolve, 500);
      await promise;
      clearTimeout(late);
    }
    this.stop();
  }

  override _createSockets(): void {
    if (this.sockets !== null && this.sockets !== undefined) return;
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    const join = socket.addMembership.bind(socket);
    // node-ssdp throws what this throws where nobody can catch it, or tries again later and throws then.
    socket.addMembership = (group, address) => {
      try {
        join(group, address);
      } catch (error) {
        if (this.sockets !== null) socket.emit('error', error);
      }
    };
    this.sockets = { [this.#options.address]: socket };
  }

  override _msearch(headers: Readonly<Record<string, string>>, _message: string, from: RemoteInfo): void {
    const { MAN: manner = '', ST: target = '', MX: maxDelay = '1' } = headers;
    if (!/^"?ssdp:discover"?$/.test(manner.trim()) || target.length > MAX_TARGET_LENGTH) return;
    if (this.#waiting.size >= MAX_WAITING || !this.#options.isFor(from.address)) return;
    const limit = Math.min(MAX_DELAY_MS, Math.max(0, (Number.parseInt(maxDelay, 10) || 0) * 1000));
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      if (this.sockets !== null) this._respondToSearch(target.trim(), from);
    }, Math.random() * limit);
    this.#waiting.add(timer);
  }

  /** Counts what is on its way: a socket that is closed forgets it. */
  override _send(message: unknown, ...rest: unknown[]): void {
    this.#unsent++;
    const tell = rest.at(-1);
    const done = (...outcome: unknown[]): void => {
      this.#unsent--;
      if (typeof tell === 'function') tell(...outcome);
      if (this.#unsent === 0) this.#onAllSent?.();
    };
    super._send(message, ...(typeof tell === 'function' ? rest.slice(0, -1) : rest), done);
  }
}
