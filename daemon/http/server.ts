import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorCode, errorMessage, XgError } from '#shared/errors.ts';

export type ListenTarget = { readonly host: string | null; readonly port: number } | { readonly fd: number };

/** How a close ended: all requests finished by themselves, or connections were cut. */
export type CloseOutcome = 'drained' | 'forced';

/** A Node HTTP server that starts with clear errors and closes in two steps: stop accepting and drain, then cut. */
export class HttpServer {
  readonly #server: Server;
  #state: 'open' | 'draining' = 'open';

  constructor(handler: RequestListener) {
    this.#server = createServer({ keepAliveTimeout: 15_000, headersTimeout: 10_000, requestTimeout: 30_000 });
    this.#server.on('request', (request, response) => {
      // A connection that was busy at the close would otherwise be kept alive for as long as its client likes.
      response.once('close', () => {
        if (this.#state === 'draining') setImmediate(() => this.#server.closeIdleConnections());
      });
      handler(request, response);
    });
  }

  /**
   * Listens on an address (host null: all of them) or on a socket handed over by systemd.
   *
   * @throws XgError `HTTP_LISTEN`.
   */
  async listen(target: ListenTarget): Promise<{ host: string; port: number }> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.once('listening', resolve);
    try {
      if ('fd' in target) this.#server.listen({ fd: target.fd });
      else this.#server.listen({ port: target.port, ...(target.host === null ? {} : { host: target.host }) });
      await promise;
    } catch (error) {
      throw listenError(error, target);
    } finally {
      this.#server.off('error', reject);
      this.#server.off('listening', resolve);
    }
    const address = this.#server.address();
    const { address: host, port } = typeof address === 'object' && address !== null ? address : NO_ADDRESS;
    return { host, port };
  }

  /** Null until it listens. */
  get port(): number | null {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : null;
  }

  /** Stops accepting; waits up to `drainMs` (or until the signal aborts) for running requests, then cuts them. */
  async close(options: { drainMs: number; signal?: AbortSignal }): Promise<CloseOutcome> {
    if (!this.#server.listening) return 'drained';
    this.#state = 'draining';
    let outcome: CloseOutcome = 'drained';
    const { promise, resolve } = Promise.withResolvers<void>();
    const cut = (): void => {
      outcome = 'forced';
      this.#server.closeAllConnections();
    };
    const drainEnds = setTimeout(cut, options.drainMs);
    options.signal?.addEventListener('abort', cut, { once: true });
    try {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
      if (options.signal?.aborted === true) cut();
      await promise;
      return outcome;
    } finally {
      clearTimeout(drainEnds);
      options.signal?.removeEventListener('abort', cut);
    }
  }
}

const NO_ADDRESS: Pick<AddressInfo, 'address' | 'port'> = { address: '', port: 0 };

function listenError(error: unknown, target: ListenTarget): XgError {
  const where = 'fd' in target ? `the inherited socket ${target.fd}` : `${target.host ?? ''}:${target.port}`;
  const advice: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program uses it. Stop that program or set XG2G_LISTEN to another port',
    EACCES: 'this user may not use it. Take a port above 1023 in XG2G_LISTEN',
    EADDRNOTAVAIL: 'this machine does not have that address. Correct XG2G_LISTEN',
    ENOTFOUND: 'that name is not known. Correct XG2G_LISTEN',
  };
  const why = advice[errorCode(error)] ?? errorMessage(error);
  return new XgError('HTTP_LISTEN', `Cannot listen on ${where}: ${why}`, { cause: error });
}
