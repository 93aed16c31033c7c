import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { type Connection, Server } from 'net-ipc';
import { errorCode, errorMessage } from '#shared/errors.ts';
import { type ControlRequest, type ControlResponse, controlRequestSchema, readMessage } from '#shared/ipc/control.ts';
import { type ListenAddress, listenOptions, removeStaleSocket, SOCKET_MODE } from '#shared/ipc/listen-address.ts';
import type { Logger } from '#shared/observability/logger.ts';

/** What answers requests; a throw becomes `{ ok: false }` with its code. */
export type ControlHandler = (request: ControlRequest) => unknown;

/** net-ipc sets no bound on a message; control messages are small. */
const MAX_BUFFERED = 32 * 1024;
const MAX_CONNECTIONS = 16;

/** The parts of net-ipc's server that its types leave out and that listening on a descriptor needs. */
interface ServerInternals {
  server: NetServer | null;
  _onconnection(socket: Socket): void;
  _onclose(): void;
  _onerror(error: Error): void;
}

/**
 * net-ipc's server on an inherited descriptor or a path. Its own `start` can do neither here: it reads an address that a
 * descriptor has not, and it unlinks its path even when another process listens there.
 */
export class ControlServer extends Server {
  readonly #logger: Logger;
  readonly #handle: ControlHandler;
  readonly #sockets = new Set<Socket>();

  constructor(handle: ControlHandler, logger: Logger) {
    super({ path: '/' }); // not used: see listen()
    this.#handle = handle;
    this.#logger = logger;
    this.on('error', (error, connection) => this.#onBrokenConnection(error, connection));
    this.on('request', (message, respond) => {
      void this.#answer(message).then(respond);
    });
  }

  async listen(address: ListenAddress): Promise<void> {
    if (address.kind === 'path') await removeStaleSocket(address.path);
    const internals = this as unknown as ServerInternals;
    const server = createServer();
    internals.server = server;
    server.maxConnections = MAX_CONNECTIONS;
    server.on('error', (error) => internals._onerror(error));
    server.on('close', () => internals._onclose());
    server.on('connection', (socket) => {
      this.#guard(socket);
      internals._onconnection(socket);
    });
    server.listen(listenOptions(address));
    await once(server, 'listening');
    if (address.kind === 'path') await chmod(address.path, SOCKET_MODE);
  }

  async stop(): Promise<void> {
    const { server } = this as unknown as ServerInternals;
    if (server === null) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Ends a connection that makes us hold more than a control message can be. */
  #guard(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('readable', () => {
      queueMicrotask(() => {
        // net-ipc has taken what was whole; what is left is the beginning of a message.
        if (socket.readableLength > MAX_BUFFERED) {
          this.#logger.warn({ limit: MAX_BUFFERED }, 'control message too large; connection closed');
          socket.destroy();
        } else if (socket.readableLength > 0) socket.read(0); // asks for the rest, and for the next 'readable'
      });
    });
  }

  async #answer(message: unknown): Promise<ControlResponse> {
    const request = readMessage(controlRequestSchema, message);
    if (!request.ok) return { ok: false, code: 'BAD_REQUEST', message: request.problem };
    try {
      return { ok: true, result: await this.#handle(request.value) };
    } catch (error) {
      this.#logger.warn({ err: error, method: request.value.method }, 'control request failed');
      return { ok: false, code: errorCode(error), message: errorMessage(error) };
    }
  }

  #onBrokenConnection(error: unknown, connection: Connection | undefined): void {
    this.#logger.warn({ reason: errorMessage(error) }, 'control connection sent what is no message; closed');
    const socket = (connection as unknown as { connection: Socket | null } | undefined)?.connection;
    socket?.destroy();
  }
}
