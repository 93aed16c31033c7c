import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { readShared } from '#shared/ipc/accepted-socket.ts';
import type { ListenAddress } from '#shared/ipc/listen-address.ts';
import { listenOptions, removeStaleSocket, SOCKET_MODE } from '#shared/ipc/listen-address.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { StreamConnection, type StreamSessions } from './stream-connection.ts';

/** The stream socket: a connection per session. */
export class StreamServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(sessions: StreamSessions, logger: Logger) {
    this.#server = createServer({ noDelay: true, pauseOnConnect: true }, (accepted) => {
      const connection = new StreamConnection((onBytes) => readShared(accepted, onBytes), sessions, logger);
      this.#sockets.add(connection.socket);
      connection.socket.once('close', () => this.#sockets.delete(connection.socket));
    });
    this.#server.on('error', (error) => logger.error({ err: error }, 'the stream socket failed'));
  }

  async listen(address: ListenAddress): Promise<void> {
    if (address.kind === 'path') await removeStaleSocket(address.path);
    this.#server.listen(listenOptions(address));
    await once(this.#server, 'listening');
    if (address.kind === 'path') await chmod(address.path, SOCKET_MODE);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
