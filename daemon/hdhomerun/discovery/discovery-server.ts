import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AccessPolicy } from '../../config/access-policy.ts';
import { asksForTuner, type DiscoverReply, encodeDiscoverReply, parseDiscoverRequest } from '../wire/discover.ts';
import { FloodGuard } from './flood-guard.ts';
import type { Opened } from './kept-open.ts';
import type { LocalAddress } from './network-interfaces.ts';
import type { SourceLimiter } from './source-limiter.ts';

export interface DiscoveryServerOptions {
  readonly family: 4 | 6;
  /** Null: all of them. */
  readonly host: string | null;
  readonly port: number;
  readonly access: Pick<AccessPolicy, 'allowsAnonymous'>;
  readonly limiter: SourceLimiter;
  /** What this client is to be told, one for each device; none when it cannot reach us. */
  repliesFor(client: string): readonly DiscoverReply[];
  /** Whose groups are joined (IPv6). */
  addresses(): readonly LocalAddress[];
  onLost(error: unknown): void;
}

/** Link-local and site-local. Spec: libhdhomerun, hdhomerun_discover.c. IPv4 clients use broadcast. */
const GROUPS = ['ff02::176', 'ff05::176'];

/**
 * The largest answer to one datagram: one packet for each device that it means, each of them so long at most (a name of
 * 255 bytes does not fit). A question has 16 bytes or more, so nobody gets more than 16 times what he sent for a device,
 * and no source more often than its limiter says.
 */
export const MAX_REPLY_BYTES = 256;

/** Answers "who is there?" on UDP port 65001. Anything else that arrives there is dropped without a word. */
export class DiscoveryServer implements Opened {
  readonly #options: DiscoveryServerOptions;
  readonly #socket: Socket;
  readonly #joined = new Set<string>();

  private constructor(options: DiscoveryServerOptions) {
    this.#options = options;
    const isIPv6 = options.family === 6;
    this.#socket = createSocket({ type: isIPv6 ? 'udp6' : 'udp4', ...(isIPv6 ? { ipv6Only: true } : {}) });
  }

  /** @throws what binding threw. */
  static async open(options: DiscoveryServerOptions): Promise<DiscoveryServer> {
    const server = new DiscoveryServer(options);
    const socket = server.#socket;
    socket.bind({ port: options.port, ...(options.host === null ? {} : { address: options.host }) });
    try {
      await once(socket, 'listening');
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.on('error', (error) => options.onLost(error));
    const flood = new FloodGuard(options.onLost);
    socket.on('message', (datagram, from) => {
      flood.count();
      server.#onDatagram(datagram, from);
    });
    server.joinGroups();
    return server;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Again whenever interfaces come and go. Joining twice is refused by the system and does no harm. */
  joinGroups(): void {
    if (this.#options.family !== 6) return;
    const present = new Set(
      this.#options
        .addresses()
        .filter(({ family }) => family === 6)
        .map((one) => one.interfaceName),
    );
    for (const name of this.#joined) if (!present.has(name)) this.#joined.delete(name);
    for (const name of present) {
      if (this.#joined.has(name)) continue;
      for (const group of GROUPS) {
        try {
          this.#socket.addMembership(group, `::%${name}`);
          this.#joined.add(name);
        } catch {
          // An interface without multicast, or one that went away just now: the other ways to be found remain.
        }
      }
    }
  }

  close(): void {
    this.#socket.close();
  }

  #onDatagram(datagram: Buffer, from: RemoteInfo): void {
    const request = parseDiscoverRequest(datagram);
    if (request === null || from.port === 0) return;
    const { access, limiter, repliesFor } = this.#options;
    const client = from.address.replace(/^::ffff:(?=\d)/i, '');
    const [plain = ''] = client.split('%');
    if (!access.allowsAnonymous(plain)) return;
    const replies = repliesFor(client).filter((reply) => asksForTuner(request, reply.deviceId));
    if (replies.length === 0 || !limiter.take(plain)) return;
    for (const reply of replies) {
      const packet = encodeDiscoverReply(reply);
      // A client that cannot be reached any more has lost its interest, too.
      if (packet.length <= MAX_REPLY_BYTES) this.#socket.send(packet, from.port, from.address, () => undefined);
    }
  }
}
