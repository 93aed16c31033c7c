import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Fault } from '../faults.ts';
import { BOUQUETS } from '../lineup/bouquets.ts';
import { canonicalRef, piconName } from '../lineup/service-ref.ts';
import { SERVICES, serviceByRef } from '../lineup/services.ts';
import * as answers from './answers.ts';
import type { BoxState } from './box-state.ts';
import { picon } from './picon.ts';
import * as xml from './xml.ts';

export interface WebServerOptions {
  readonly state: BoxState;
  readonly login: { readonly user: string; readonly pass: string } | null;
  readonly fault: () => Fault | null;
  readonly onRequest: (path: string) => void;
}

const SLOW_MS = 3_000;
/** The box answers calls it does not know with the page of its web interface. */
const PAGE = '<!DOCTYPE html>\n<html><head><title>OpenWebif</title></head><body>Loading, please wait …</body></html>\n';
const TRACEBACK =
  '<html><body><h1>Internal Server Error</h1><pre>Traceback (most recent call last):\n  File "base.py", line 180, in render\nexceptions.TypeError: argument of type NoneType is not iterable</pre></body></html>';
/** Small enough for any socket buffer to matter not. */
const KEEP_ALIVE_MS = 30_000;

type Reply = { readonly type: string; readonly body: string | Buffer; readonly status?: number };

const json = (value: object): Reply => ({ type: 'application/json; charset=UTF-8', body: JSON.stringify(value) });
const xmlReply = (body: string): Reply => ({ type: 'application/xhtml+xml; charset=UTF-8', body });

/** Latin-1 has no „ and no €: Python puts question marks there. */
function encode(text: string, latin1: boolean): Buffer {
  if (!latin1) return Buffer.from(text);
  return Buffer.from(Array.from(text, (character) => (character > '\u00ff' ? '?' : character)).join(''), 'latin1');
}

/** OpenWebif's web server, as far as a gateway can see it. */
export class WebServer {
  readonly #options: WebServerOptions;
  readonly #server: Server;

  constructor(options: WebServerOptions) {
    this.#options = options;
    this.#server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) =>
      this.#onRequest(request, response),
    );
    this.#server.on('connection', (socket) => {
      if (options.fault() === 'off') socket.destroy();
    });
  }

  async listen(host: string, port: number): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** What a box that is switched off does to connections that stand. */
  dropAll(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://box');
    this.#options.onRequest(url.pathname);
    const { login } = this.#options;
    const fault = this.#options.fault();
    const expected = login === null ? null : `Basic ${Buffer.from(`${login.user}:${login.pass}`).toString('base64')}`;
    if (fault === 'unauthorized' || (expected !== null && request.headers.authorization !== expected)) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="OpenWebif"', 'Content-Type': 'text/html' });
      response.end('<html><body><h1>Unauthorized</h1></body></html>');
      return;
    }
    const host = /^(.*?)(?::\d+)?$/.exec(request.headers.host ?? '')?.[1] ?? '127.0.0.1';
    const reply = fault === 'html' ? { type: 'text/html', body: PAGE } : this.#reply(url, host, fault);
    const send = (): void => this.#send(response, reply, fault, request.method === 'HEAD');
    if (fault === 'slow') setTimeout(send, SLOW_MS);
    else send();
  }

  #send(response: ServerResponse, reply: Reply, fault: Fault | null, head: boolean): void {
    let body = typeof reply.body === 'string' ? encode(reply.body, fault === 'latin1') : reply.body;
    const type = fault === 'latin1' ? reply.type.replace(/;.*/, '') : reply.type;
    if (fault === 'truncated') body = body.subarray(0, body.length >> 1);
    response.writeHead(reply.status ?? 200, {
      'Content-Type': type,
      'Content-Length': body.length,
      Server: 'TwistedWeb/22.4.0',
    });
    response.end(head ? undefined : body);
  }

  #reply(url: URL, host: string, fault: Fault | null): Reply {
    if (fault === 'traceback') return { type: 'text/html', body: TRACEBACK, status: 500 };
    const parameter = (name: string): string => url.searchParams.get(name) ?? '';
    const [, area, name] = /^\/(api|web)\/([a-z0-9.]+)\/?$/i.exec(url.pathname) ?? [];
    if (url.pathname.startsWith('/picon/')) return this.#picon(url.pathname.slice('/picon/'.length));
    if (area === undefined || name === undefined) return { type: 'text/html', body: PAGE };
    if (fault === 'bouquet-missing' && parameter('sRef') === BOUQUETS[1]?.ref) {
      return json({
        result: false,
        exception: "[Errno 2] No such file or directory: '/etc/enigma2/userbouquet.dbe01.tv'",
      });
    }
    if (fault === 'xml-only' && area === 'api') return { type: 'text/html', body: PAGE, status: 404 };
    return area === 'web' ? this.#web(name, parameter, host) : this.#api(name, parameter);
  }

  #api(name: string, parameter: (name: string) => string): Reply {
    const { state } = this.#options;
    const list = parameter('stype') === 'radio' || parameter('type') === 'radio' ? 'radio' : 'tv';
    switch (name) {
      case 'about':
      case 'deviceinfo':
        return json(answers.about(state));
      case 'statusinfo':
        return json(answers.statusInfo(state));
      case 'bouquets':
        return json(answers.bouquets(list));
      case 'getservices':
        return json(
          answers.getServices(parameter('sRef')) ?? { result: false, exception: 'NoneType: no such bouquet' },
        );
      case 'getallservices':
        return json(answers.getAllServices(list));
      case 'epgservice':
        return json(answers.epgService(parameter('sRef')));
      case 'epgbouquet':
      case 'epgmulti':
        return json(answers.epgBouquet(parameter('bRef')));
      case 'epgnow':
        return json(answers.epgNowNext(parameter('bRef'), ['now']));
      case 'epgnext':
        return json(answers.epgNowNext(parameter('bRef'), ['next']));
      case 'epgnownext':
        return json(answers.epgNowNext(parameter('bRef'), ['now', 'next']));
      case 'signal':
      case 'tunersignal':
        return json(answers.signal(state));
      case 'getcurrent':
        return json(answers.getCurrent(state));
      case 'serviceplayable':
        return json(answers.servicePlayable(parameter('sRef'), state));
      case 'zap':
        return json(this.#zap(parameter('sRef')));
      case 'powerstate':
        return json(this.#power(parameter('newstate')));
      case 'getpicon':
        return this.#picon(`${piconName(parameter('sRef'))}.png`);
      default: {
        const known = answers.EMPTY_ANSWERS[name];
        return known === undefined ? { type: 'text/html', body: PAGE, status: 404 } : json(known);
      }
    }
  }

  #web(name: string, parameter: (name: string) => string, host: string): Reply {
    const { state } = this.#options;
    switch (name) {
      case 'stream.m3u':
        return {
          type: 'application/x-mpegurl',
          body: xml.streamPlaylist(parameter('ref'), parameter('name'), host, state),
        };
      case 'getservices':
        return xmlReply(xml.serviceListXml(parameter('sRef')));
      case 'epgservice':
        return xmlReply(xml.eventListXml(parameter('sRef')));
      case 'about':
        return xmlReply(xml.aboutXml());
      case 'deviceinfo':
        return xmlReply(xml.deviceInfoXml());
      case 'powerstate':
        this.#power(parameter('newstate'));
        return xmlReply(xml.powerStateXml(state));
      case 'signal':
        return xmlReply(xml.signalXml());
      default:
        return { type: 'text/html', body: PAGE, status: 404 };
    }
  }

  #zap(sRef: string): object {
    const service = serviceByRef(canonicalRef(sRef));
    if (service === null) return { result: false, message: 'Service not found' };
    this.#options.state.current = service;
    return { result: true, message: `Active service is now '${service.name}'` };
  }

  #power(newState: string): object {
    const { state } = this.#options;
    if (newState === '5') state.standby = true;
    if (newState === '4') state.standby = false;
    if (newState === '0') state.standby = !state.standby;
    return { result: true, instandby: state.standby };
  }

  /** Files exist under the HD name's SD form only, as many picon sets have them. */
  #picon(file: string): Reply {
    const wanted = file.replace(/\.png$/, '');
    const index = SERVICES.findIndex(
      (service) => piconName(service.ref).replace(/^1_0_[0-9A-F]+_/, '1_0_1_') === wanted,
    );
    if (index < 0 || SERVICES[index]?.epg === 'none') return { type: 'text/html', body: PAGE, status: 404 };
    return { type: 'image/png', body: picon(index + 1) };
  }
}
