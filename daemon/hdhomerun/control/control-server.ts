import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { IntervalReporter } from '#shared/observability/interval-reporter.ts';
import type { AccessPolicy } from '../../config/access-policy.ts';
import type { Opened } from '../discovery/kept-open.ts';
import { encodeGetSetReply, type GetSetAnswer, type GetSetRequest, parseGetSetRequest } from '../wire/get-set.ts';
import type { Packet } from '../wire/packet.ts';
import { PacketReader } from '../wire/packet-reader.ts';

export interface ControlServerOptions {
  /** Null: all addresses. */
  readonly host: string | null;
  readonly port: number;
  readonly access: Pick<AccessPolicy, 'allowsAnonymous'>;
  answer(request: GetSetRequest, client: string): Promise<GetSetAnswer>;
  /** Connections that were refused or cut, with the reason. */
  readonly refused: Pick<IntervalReporter<string>, 'count'>;
  onLost(error: unknown): void;
  readonly limits?: Partial<ControlLimits>;
}

export interface ControlLimits {
  readonly connections: number;
  readonly connectionsPerClient: number;
  /** Requests of a connection that wait for their turn; it is not read from while there are so many. */
  readonly waiting: number;
  /** Answers that a client has not taken. */
  readonly unsentBytes: number;
  readonly idleMs: number;
}

const LIMITS: ControlLimits = {
  connections: 64,
  connectionsPerClient: 16,
  waiting: 16,
  unsentBytes: 64 * 1024,
  idleMs: 120_000,
};

/** Get and set on TCP port 65001. Requests of a connection are answered one after the other, in their order. */
export class ControlServer implements Opened {
  readonly #options: ControlServerOptions;
  readonly #limits: ControlLimits;
  readonly #server: Server;
  readonly #connections = new Map<Socket, string>();

  private constructor(options: ControlServerOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#server = createServer((socket) => this.#onConnection(socket));
  }

  /** @throws what listening threw. */
  static async open(options: ControlServerOptions): Promise<ControlServer> {
    const server = new ControlServer(options);
    server.#server.listen({ port: options.port, ...(options.host === null ? {} : { host: options.host }) });
    await once(server.#server, 'listening');
    server.#server.on('error', (error) => options.onLost(error));
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get connections(): number {
    return this.#connections.size;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#connections.keys()) socket.destroy();
  }

  #onConnection(socket: Socket): void {
    const { access, refused } = this.#options;
    const client = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d)/i, '');
    const [plain = ''] = client.split('%');
    const ofClient = [...this.#connections.values()].filter((one) => one === client).length;
    const why = !access.allowsAnonymous(plain)
      ? 'not allowed'
      : this.#connections.size >= this.#limits.connections || ofClient >= this.#limits.connectionsPerClient
        ? 'too many connections'
        : null;
    socket.on('error', () => undefined); // 'close' follows
    if (why !== null) {
      refused.count(`${client}: ${why}`);
      socket.destroy();
      return;
    }
    this.#connections.set(socket, client);
    socket.setNoDelay(true);
    socket.setTimeout(this.#limits.idleMs, () => socket.destroy());
    socket.once('close', () => this.#connections.delete(socket));
    this.#serve(socket, client);
  }

  #serve(socket: Socket, client: string): void {
    const { refused } = this.#options;
    const waiting: Packet[] = [];
    let isAnswering = false;
    const cut = (why: string): void => {
      if (!socket.destroyed) refused.count(`${client}: ${why}`);
      waiting.length = 0;
      socket.destroy();
    };
    const work = async (): Promise<void> => {
      isAnswering = true;
      for (let packet = waiting.shift(); packet !== undefined; packet = waiting.shift()) {
        const request = parseGetSetRequest(packet);
        if (request === null) return cut('a packet that is no request');
        const answer = await this.#options.answer(request, client);
        if (socket.destroyed) return;
        socket.write(encodeGetSetReply(request.name, answer));
        if (socket.writableLength > this.#limits.unsentBytes) return cut('it does not take its answers');
        if (waiting.length < this.#limits.waiting) socket.resume();
      }
      isAnswering = false;
    };
    const reader = new PacketReader((packet) => {
      waiting.push({ type: packet.type, payload: Buffer.from(packet.payload) }); // a copy: it outlives the segment
      if (waiting.length >= this.#limits.waiting) socket.pause();
    });
    socket.on('data', (segment) => {
      try {
        reader.push(segment);
      } catch {
        cut('what it sends is not the protocol');
        return;
      }
      if (!isAnswering) void work().catch(() => cut('an answer failed'));
    });
  }
}
