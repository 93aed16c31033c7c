import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type Fault, packetDamage } from '../faults.ts';
import { resolveAlternatives } from '../lineup/bouquets.ts';
import { canonicalRef } from '../lineup/service-ref.ts';
import { type DemoService, serviceByRef } from '../lineup/services.ts';
import type { LoopLibrary } from '../playout/library.ts';
import { Player } from './player.ts';
import type { Tuners } from './tuners.ts';

export interface StreamServerOptions {
  /** `relay`: the descrambling relay on 17999, without login. */
  readonly kind: 'stream' | 'relay';
  readonly library: LoopLibrary;
  readonly tuners: Tuners;
  readonly clock: () => number;
  readonly startPcr: number;
  readonly paced: boolean;
  readonly tuneLatencyMs: number;
  readonly stallMs: number;
  readonly login: { readonly user: string; readonly pass: string } | null;
  readonly fault: () => Fault | null;
  readonly dropAfterBytes: number | null;
  readonly onOpen: (service: DemoService) => void;
  readonly onClose: (service: DemoService) => void;
}

const OK = 'HTTP/1.0 200 OK\r\nConnection: Close\r\nContent-Type: video/mpeg\r\nServer: streamserver\r\n\r\n';
const BAD_REQUEST = 'HTTP/1.0 400 Bad Request\r\n\r\n';
const UNAUTHORIZED = 'HTTP/1.0 401 Authorization Required\r\nWWW-Authenticate: Basic realm="streamserver"\r\n\r\n';
/** The box reads no more than this for a request. */
const MAX_REQUEST = 512;
/** How long the box tries to lock before it gives up. */
const TUNE_FAILED_MS = 10_000;

/** Enigma2's stream server, with its manners: it says 200 before it has tuned, and errors in the body. */
export class StreamServer {
  readonly #options: StreamServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: StreamServerOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (socket) => this.#onConnection(socket));
  }

  async listen(host: string, port: number): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.dropAll();
    await closed;
  }

  #onConnection(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy()); // readers that go away reset the connection
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#options.fault() === 'off') {
      socket.destroy();
      return;
    }
    let request = '';
    const onData = (bytes: Buffer): void => {
      request = (request + bytes.toString('latin1')).slice(0, MAX_REQUEST);
      if (!request.includes('\n')) return;
      socket.off('data', onData);
      socket.resume(); // whatever else it says is not read
      this.#answer(socket, request);
    };
    socket.on('data', onData);
  }

  #answer(socket: Socket, request: string): void {
    const path = /^GET (\S+)/.exec(request)?.[1];
    if (path === undefined) {
      socket.end(BAD_REQUEST);
      return;
    }
    if (!this.#mayEnter(request)) {
      socket.end(UNAUTHORIZED);
      return;
    }
    socket.write(OK);
    const fault = this.#options.fault();
    if (fault === 'stream-text') socket.end(BAD_REQUEST);
    else if (fault === 'stream-empty') socket.end();
    else if (fault !== 'stream-hang') this.#tune(socket, path);
  }

  #mayEnter(request: string): boolean {
    const { login, kind } = this.#options;
    if (kind === 'relay' || login === null) return true;
    const expected = Buffer.from(`${login.user}:${login.pass}`).toString('base64');
    return /\nAuthorization: Basic (\S*)/.exec(request)?.[1] === expected; // the box wants exactly this spelling
  }

  #tune(socket: Socket, path: string): void {
    const service = serviceAt(path);
    const release = service === null ? null : this.#options.tuners.tune(service.transponder.key);
    if (service === null || release === null) {
      socket.end(BAD_REQUEST);
      return;
    }
    this.#options.onOpen(service);
    socket.once('close', () => {
      clearTimeout(timer);
      release();
      this.#options.onClose(service);
    });
    const never = service.reception === 'never';
    const timer = setTimeout(
      () => {
        if (never) socket.end();
        else void this.#play(socket, service);
      },
      never ? TUNE_FAILED_MS : this.#options.tuneLatencyMs,
    );
  }

  async #play(socket: Socket, service: DemoService): Promise<void> {
    const { library, kind, clock, startPcr, paced, stallMs, dropAfterBytes, fault } = this.#options;
    const loop = await library.get(service, service.reception === 'scrambled' && kind === 'stream');
    if (socket.destroyed) return;
    new Player({ loop, socket, clock, startPcr, paced, stallMs, dropAfterBytes, damage: packetDamage(fault()) });
  }
}

/** The service that a path names, by its reference or that of a group; null when it names none. */
function serviceAt(path: string): DemoService | null {
  let text: string;
  try {
    text = decodeURIComponent(path.slice(1).split('?')[0] ?? '');
  } catch {
    return null; // a per cent sign without its two digits
  }
  return resolveAlternatives(text) ?? serviceByRef(canonicalRef(text));
}
