import { once } from 'node:events';
import type { Server } from 'node:net';

/** A server that keeps its port number while it does not listen. */
export class PortHolder {
  readonly #server: Server;
  #host = '127.0.0.1';
  #port = 0;

  constructor(server: Server) {
    this.#server = server;
  }

  get port(): number {
    return this.#port;
  }

  async listen(host: string, port: number): Promise<number> {
    this.#host = host;
    this.#port = port;
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
    return this.#port;
  }

  /** Nobody listens from here on; connections that stand are left alone. */
  suspend(): void {
    if (this.#server.listening) this.#server.close();
  }

  async resume(): Promise<void> {
    if (!this.#server.listening) await this.listen(this.#host, this.#port);
  }
}
