import { createServer, type Server, type Socket } from 'node:net';
import { errorCode, errorMessage } from '#shared/errors.ts';
import { METHODS } from '../methods/methods.ts';
import { Connection } from './connection.ts';
import type { HtspServices } from './services.ts';
import { Session } from './session.ts';

export type HtspListenTarget = { readonly host: string | null; readonly port: number } | { readonly fd: number };

export interface HtspServerOptions {
  readonly services: HtspServices;
  /** At once, from all clients and from one address. */
  readonly maxClients?: number;
  readonly maxClientsPerAddress?: number;
}

const MAX_CLIENTS = 256;
const MAX_PER_ADDRESS = 64;
/** What a socket holds of its own beyond what it has sent. */
const SOCKET_BUFFER = 128 * 1024;
/** A port that another program uses is tried again. */
const RETRY_MS = 30_000;
const REPORT_MS = 1_000;

/** The port and all its clients. */
export class HtspServer {
  readonly #services: HtspServices;
  readonly #maxClients: number;
  readonly #maxPerAddress: number;
  readonly #server: Server;
  readonly #sessions = new Set<Session>();
  readonly #perAddress = new Map<string, number>();
  #retry: NodeJS.Timeout | null = null;
  #report: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor({ services, maxClients, maxClientsPerAddress }: HtspServerOptions) {
    this.#services = services;
    this.#maxClients = maxClients ?? MAX_CLIENTS;
    this.#maxPerAddress = maxClientsPerAddress ?? MAX_PER_ADDRESS;
    this.#server = createServer({ highWaterMark: SOCKET_BUFFER, noDelay: true });
    this.#server.on('connection', (socket) => this.#onConnection(socket));
  }

  get clients(): number {
    return this.#sessions.size;
  }

  /** Null until it listens. */
  get address(): { readonly host: string; readonly port: number } | null {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? { host: address.address, port: address.port } : null;
  }

  /** Listens, or goes on trying to while another program has the port: nothing else depends on it. */
  async listen(target: HtspListenTarget): Promise<void> {
    const { logger } = this.#services;
    const isOpen = await this.#tryListen(target, true);
    if (isOpen || this.#isClosed) return;
    const again = (): void => {
      this.#retry = setTimeout(async () => {
        if (!(await this.#tryListen(target, false)) && !this.#isClosed) again();
      }, RETRY_MS);
      this.#retry.unref();
    };
    logger.info({ retrySeconds: RETRY_MS / 1000 }, 'the HTSP port will be tried again');
    again();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    if (this.#report !== null) clearInterval(this.#report);
    for (const session of [...this.#sessions]) session.connection.close('stopping');
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #tryListen(target: HtspListenTarget, isFirst: boolean): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.once('listening', resolve);
    try {
      if ('fd' in target) this.#server.listen({ fd: target.fd });
      else this.#server.listen({ port: target.port, ...(target.host === null ? {} : { host: target.host }) });
      await promise;
    } catch (error) {
      if (isFirst) this.#services.logger.warn({ code: errorCode(error) }, listenText(error, target));
      return false;
    } finally {
      this.#server.off('error', reject);
      this.#server.off('listening', resolve);
    }
    this.#server.on('error', (error) => this.#services.logger.warn({ err: error }, 'the HTSP port'));
    this.#services.logger.info({ ...this.address }, 'HTSP listens');
    return true;
  }

  #onConnection(socket: Socket): void {
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    const fromThere = this.#perAddress.get(address) ?? 0;
    if (this.#sessions.size >= this.#maxClients || fromThere >= this.#maxPerAddress) {
      this.#services.metrics.refused.inc({ reason: 'limit' });
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    this.#perAddress.set(address, fromThere + 1);
    const connection = new Connection(socket, {
      onMessage: (message) => session.onMessage(message),
      onClose: (end, why) => this.#onClose(session, address, end, why),
    });
    const session: Session = new Session(connection, this.#services, METHODS);
    this.#sessions.add(session);
    this.#services.metrics.clients.set(this.#sessions.size);
    this.#report ??= setInterval(() => this.#reportAll(), REPORT_MS);
  }

  #onClose(session: Session, address: string, end: string, why: string | null): void {
    session.close();
    this.#sessions.delete(session);
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
    const { metrics } = this.#services;
    metrics.clients.set(this.#sessions.size);
    if (end === 'broken' || end === 'stalled' || end === 'silent') metrics.refused.inc({ reason: end });
    session.logger.debug({ end, why }, 'HTSP client left');
    if (this.#sessions.size === 0 && this.#report !== null) {
      clearInterval(this.#report);
      this.#report = null;
    }
  }

  #reportAll(): void {
    for (const session of this.#sessions) {
      session.connection.checkStall();
      for (const watched of session.watched.values()) watched.report();
    }
  }
}

function listenText(error: unknown, target: HtspListenTarget): string {
  const where = 'fd' in target ? `the inherited socket ${target.fd}` : `${target.host ?? ''}:${target.port}`;
  const why =
    errorCode(error) === 'EADDRINUSE'
      ? 'another program uses it, perhaps a Tvheadend. Stop that program, or set XG2G_HTSP_LISTEN to another port'
      : errorMessage(error);
  return `Kodi and other Tvheadend clients cannot connect: no HTSP on ${where}, ${why}`;
}
