import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { BOUQUETS } from '../lineup/bouquets.ts';
import { PortHolder } from '../network/port-holder.ts';
import { sendFile } from '../playout/send-file.ts';
import { apiCall } from './api-calls.ts';
import { parseRange } from './byte-range.ts';
import { piconReply } from './picon-reply.ts';
import { json, NO_SUCH_CALL, PAGE, type Query, type Reply, xml } from './reply.ts';
import { openMovie, type WebContext } from './web-context.ts';
import { simpleResult } from './xml/elements.ts';
import { autoTimerSettingsXml } from './xml/timers.ts';
import { xmlCall } from './xml-calls.ts';

export interface WebServerOptions extends WebContext {
  readonly onRequest: (path: string) => void;
}

/** Of fault `slow`. */
const SLOW_SECONDS = 3;
const TRACEBACK =
  '<html><body><h1>Internal Server Error</h1><pre>Traceback (most recent call last):\n  File "base.py", line 180, in render\nexceptions.TypeError: argument of type NoneType is not iterable</pre></body></html>';
/** Small enough for any socket buffer to matter not. */
const KEEP_ALIVE_MS = 30_000;

/** Latin-1 has no „ and no €: Python puts question marks there. */
function encode(text: string, latin1: boolean): Buffer {
  if (!latin1) return Buffer.from(text);
  return Buffer.from(Array.from(text, (character) => (character > '\u00ff' ? '?' : character)).join(''), 'latin1');
}

/** OpenWebif's web server, as far as a gateway can see it. */
export class WebServer {
  readonly ports: PortHolder;
  readonly #options: WebServerOptions;
  readonly #sockets = new Set<Socket>();
  /** What to do once the network is back. */
  #held: (() => void)[] = [];

  constructor(options: WebServerOptions) {
    this.#options = options;
    const http = createHttpServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
      if (options.faults.has('black-hole')) this.#held.push(() => void this.#onRequest(request, response));
      else void this.#onRequest(request, response);
    });
    // A listener of its own: one of HTTP would end idle sessions when it stops to listen, which a dead network does not.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      if (options.faults.has('off')) {
        socket.destroy();
        return;
      }
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      http.emit('connection', socket);
    });
    this.ports = new PortHolder(server);
  }

  /** What a box that is switched off does to connections that stand. */
  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The box has other faults than before. */
  onFaults(): void {
    if (this.#options.faults.has('black-hole')) return;
    const held = this.#held;
    this.#held = [];
    for (const answer of held) answer();
  }

  close(): void {
    this.ports.suspend();
    this.dropAll();
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://box');
    this.#options.onRequest(url.pathname);
    const { login, faults } = this.#options;
    const expected = login === null ? null : `Basic ${Buffer.from(`${login.user}:${login.pass}`).toString('base64')}`;
    if (faults.has('unauthorized') || (expected !== null && request.headers.authorization !== expected)) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="OpenWebif"', 'Content-Type': 'text/html' });
      response.end('<html><body><h1>Unauthorized</h1></body></html>');
      return;
    }
    const host = /^(.*?)(?::\d+)?$/.exec(request.headers.host ?? '')?.[1] ?? '127.0.0.1';
    const reply = faults.has('html') ? { type: 'text/html', body: PAGE } : await this.#reply(url, host);
    const slow = faults.find('slow');
    if (slow !== null) await new Promise((resolve) => setTimeout(resolve, (slow.seconds ?? SLOW_SECONDS) * 1000));
    if ('file' in reply) await this.#sendFile(request, response, reply);
    else this.#send(request, response, reply);
  }

  #send(request: IncomingMessage, response: ServerResponse, reply: Extract<Reply, { body: unknown }>): void {
    const { faults } = this.#options;
    const latin1 = faults.has('latin1');
    let body = typeof reply.body === 'string' ? encode(reply.body, latin1) : reply.body;
    if (faults.has('truncated')) body = body.subarray(0, body.length >> 1);
    response.writeHead(reply.status ?? 200, {
      'Content-Type': latin1 ? reply.type.replace(/;.*/, '') : reply.type,
      'Content-Length': body.length,
      Server: 'TwistedWeb/22.4.0',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  /** With ranges, as Twisted's files have them. */
  async #sendFile(
    request: IncomingMessage,
    response: ServerResponse,
    { file, type }: Extract<Reply, { file: unknown }>,
  ): Promise<void> {
    const { size } = file;
    const range = parseRange(request.headers.range, size);
    if (range === 'unsatisfiable') {
      response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
      return;
    }
    const { from, to } = range ?? { from: 0, to: size };
    response.writeHead(range === null ? 200 : 206, {
      'Content-Type': type,
      'Content-Length': to - from,
      'Accept-Ranges': 'bytes',
      ...(range === null ? {} : { 'Content-Range': `bytes ${from}-${to - 1}/${size}` }),
    });
    if (request.method !== 'HEAD') await sendFile(file, from, to, response);
    response.end();
  }

  #reply(url: URL, host: string): Reply | Promise<Reply> {
    const { faults, box } = this.#options;
    if (faults.has('traceback')) return { type: 'text/html', body: TRACEBACK, status: 500 };
    const query: Query = (name) => url.searchParams.get(name) ?? '';
    if (url.pathname.startsWith('/picon/')) return piconReply(box.lineup, url.pathname.slice('/picon/'.length));
    if (url.pathname === '/file') return this.#file(query('file'));
    if (url.pathname === '/autotimer/get') return xml(autoTimerSettingsXml());
    if (url.pathname === '/autotimer/set') return xml(simpleResult(true, 'config changed.'));
    if (url.pathname === '/autotimer') return xml('<?xml version="1.0" ?><autotimer version="8"></autotimer>\n');
    const [, area, name] = /^\/(api|web)\/([a-z0-9.]+)\/?$/i.exec(url.pathname) ?? [];
    if (area === undefined || name === undefined) return { type: 'text/html', body: PAGE };
    if (faults.has('bouquet-missing') && query('sRef') === BOUQUETS[1]?.ref) {
      return json({
        result: false,
        exception: "[Errno 2] No such file or directory: '/etc/enigma2/userbouquet.dbe01.tv'",
      });
    }
    if (faults.has('xml-only') && area === 'api') return NO_SUCH_CALL;
    return area === 'web' ? xmlCall(this.#options, name, query, host) : apiCall(this.#options, name, query);
  }

  /** A missing file is a text with status 200. */
  async #file(path: string): Promise<Reply> {
    const movie = this.#options.box.movies.byPath(path);
    if (movie === null) return { type: 'text/plain', body: `File '${path}' not found` };
    return { type: 'video/mp2t', file: await openMovie(this.#options, movie) };
  }
}
