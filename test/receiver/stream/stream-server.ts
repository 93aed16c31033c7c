import { createServer, type Server, type Socket } from 'node:net';
import type { ActiveFaults } from '../active-faults.ts';
import type { Box } from '../box/box.ts';
import type { DemoService } from '../lineup/services.ts';
import { PortHolder } from '../network/port-holder.ts';
import type { LoopLibrary } from '../playout/library.ts';
import { MovieFile } from '../playout/movie-file.ts';
import { sendFile } from '../playout/send-file.ts';
import { ConnectionManners } from './manners/connection-manners.ts';
import { Player } from './player.ts';

export interface StreamServerOptions {
  /** `relay`: the descrambling relay on 17999, without login. */
  readonly kind: 'stream' | 'relay';
  readonly library: LoopLibrary;
  readonly box: Box;
  readonly clock: () => number;
  readonly startPcr: number;
  readonly paced: boolean;
  readonly tuneLatencyMs: number;
  readonly stallMs: number;
  readonly login: { readonly user: string; readonly pass: string } | null;
  readonly faults: ActiveFaults;
  readonly dropAfterBytes: number | null;
  readonly onOpen: (service: DemoService) => void;
  readonly onClose: (service: DemoService) => void;
}

const OK = 'HTTP/1.0 200 OK\r\nConnection: Close\r\nContent-Type: video/mpeg\r\nServer: streamserver\r\n\r\n';
const BAD_REQUEST = 'HTTP/1.0 400 Bad Request\r\n\r\n';
const UNAUTHORIZED = 'HTTP/1.0 401 Authorization Required\r\nWWW-Authenticate: Basic realm="streamserver"\r\n\r\n';
const BUSY = 'HTTP/1.0 409 Conflict\r\n\r\nEncoder busy\r\n';
const TRACEBACK =
  '<html><body><h1>Processing Failed</h1><pre>Traceback (most recent call last):\n  File "stream.py", line 88, in render\nAttributeError: NoneType</pre></body></html>\n';
/** The box reads no more than this for a request. */
const MAX_REQUEST = 512;
/** How long the box tries to lock before it gives up. */
const TUNE_FAILED_MS = 10_000;
/** Of fault `stream-slow`. */
const SLOW_SECONDS = 6;

/** Enigma2's stream server, with its manners: it says 200 before it has tuned, and errors in the body. */
export class StreamServer {
  readonly ports: PortHolder;
  readonly #options: StreamServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: StreamServerOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (socket) => this.#onConnection(socket));
    this.ports = new PortHolder(this.#server);
  }

  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.ports.suspend();
    this.dropAll();
  }

  #onConnection(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy()); // readers that go away reset the connection
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#options.faults.has('off')) {
      socket.destroy();
      return;
    }
    let request = '';
    const onData = (bytes: Buffer): void => {
      request = (request + bytes.toString('latin1')).slice(0, MAX_REQUEST);
      if (!request.includes('\n')) return;
      socket.off('data', onData);
      socket.resume(); // whatever else it says is not read
      if (!this.#options.faults.has('black-hole')) this.#answer(socket, request);
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
    if (path.startsWith('/file?')) void this.#sendMovie(socket, path);
    else this.#serve(socket, path);
  }

  #mayEnter(request: string): boolean {
    const { login, kind } = this.#options;
    if (kind === 'relay' || login === null) return true;
    const expected = Buffer.from(`${login.user}:${login.pass}`).toString('base64');
    return /\nAuthorization: Basic (\S*)/.exec(request)?.[1] === expected; // the box wants exactly this spelling
  }

  /** The service that a path names, by its reference or that of a group; null when it names none. */
  #serviceAt(path: string): DemoService | null {
    try {
      return this.#options.box.lineup.resolve(decodeURIComponent(path.slice(1).split('?')[0] ?? ''));
    } catch {
      return null; // a per cent sign without its two digits
    }
  }

  #serve(socket: Socket, path: string): void {
    const { faults } = this.#options;
    const service = this.#serviceAt(path);
    const ref = service?.ref ?? null;
    if (faults.has('stream-text', ref)) socket.end(BAD_REQUEST);
    else if (faults.has('stream-busy', ref)) socket.end(BUSY);
    else if (faults.has('stream-traceback', ref)) socket.end(TRACEBACK);
    else if (faults.has('stream-empty', ref)) socket.end();
    else if (service === null) socket.end(BAD_REQUEST);
    else if (!faults.has('stream-hang', ref)) this.#tune(socket, service, secondsAsked(path));
  }

  /** @param seconds after which the box ends the stream; null for never */
  #tune(socket: Socket, service: DemoService, seconds: number | null): void {
    const { box, faults, tuneLatencyMs, onOpen, onClose } = this.#options;
    const release = box.tuners.tune({ kind: 'stream', service });
    if (release === null) {
      socket.end(BAD_REQUEST);
      return;
    }
    const ip = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    const client = { service, ip, stop: () => socket.destroySoon() };
    box.streams.add(client);
    onOpen(service);
    socket.once('close', () => {
      clearTimeout(timer);
      if (enough !== null) clearTimeout(enough);
      release();
      box.streams.delete(client);
      onClose(service);
    });
    const enough = seconds === null ? null : setTimeout(() => socket.destroySoon(), seconds * 1000);
    const never = service.reception === 'never';
    const slow = faults.find('stream-slow', service.ref);
    const latencyMs = slow === null ? tuneLatencyMs : (slow.seconds ?? SLOW_SECONDS) * 1000;
    const timer = setTimeout(
      () => {
        if (never) socket.end();
        else void this.#play(socket, service);
      },
      never ? TUNE_FAILED_MS : latencyMs,
    );
  }

  async #play(socket: Socket, service: DemoService): Promise<void> {
    const { library, kind, clock, startPcr, paced, stallMs, dropAfterBytes, faults } = this.#options;
    const loop = await library.get(service, service.reception === 'scrambled' && kind === 'stream');
    if (!socket.writable) return;
    const manners = new ConnectionManners(faults, { ref: service.ref, pmtPid: service.media.pmtPid, kind });
    const pass = manners.pass.bind(manners);
    const reset = (): void => void socket.resetAndDestroy();
    const close = (): void => socket.destroySoon();
    new Player({ loop, out: socket, close, reset, clock, startPcr, paced, stallMs, dropAfterBytes, pass });
  }

  /** A recording, from its beginning to what there is of it. */
  async #sendMovie(socket: Socket, path: string): Promise<void> {
    const { box, library, clock, startPcr } = this.#options;
    const movie = box.movies.byPath(new URL(path, 'http://box').searchParams.get('file') ?? '');
    if (movie !== null) {
      const file = await MovieFile.open(movie, library, clock, startPcr);
      await sendFile(file, 0, file.size, socket);
    }
    socket.end();
  }
}

/** Of the argument `duration`, which boxes take behind `?` and behind `&`. */
function secondsAsked(path: string): number | null {
  const text = /[?&]duration=(\d+)/.exec(path)?.[1];
  return text === undefined ? null : Number(text);
}
