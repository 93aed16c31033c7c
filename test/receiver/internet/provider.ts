import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ActiveFaults } from '../active-faults.ts';
import { INTERNET_SERVICE } from '../lineup/internet.ts';
import { PortHolder } from '../network/port-holder.ts';
import type { LoopLibrary } from '../playout/library.ts';
import { ConnectionManners } from '../stream/manners/connection-manners.ts';
import { Player } from '../stream/player.ts';
import { HlsPlaylists } from './hls.ts';
import { UdpSender } from './udp-sender.ts';

export interface InternetOptions {
  /** 0 (default) takes any free one. */
  readonly port?: number;
  /** Where the transport stream goes as datagrams: a multicast group, or one host. */
  readonly udp?: { readonly host: string; readonly port: number } | null;
}

export interface ProviderOptions extends InternetOptions {
  readonly library: LoopLibrary;
  readonly clock: () => number;
  readonly startPcr: number;
  readonly paced: boolean;
  readonly faults: ActiveFaults;
}

const HLS_TYPE = 'application/vnd.apple.mpegurl';
const STALL_MS = 30_000;
/** `ref` of a fault that is to hit the provider's streams, not the box's. */
export const PROVIDER_REF = 'internet';

/** Somebody on the network who sends television over HTTP, as HLS, and as datagrams. Not part of the box. */
export class InternetProvider {
  readonly #options: ProviderOptions;
  readonly #ports: PortHolder;
  readonly #server: Server;
  readonly #udp: UdpSender | null;
  readonly #hls: Promise<HlsPlaylists>;

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#ports = new PortHolder(this.#server);
    const { library, clock, startPcr, udp } = options;
    const loop = library.get(INTERNET_SERVICE, false);
    this.#hls = loop.then((found) => new HlsPlaylists({ loop: found, clock, startPcr }));
    this.#udp = udp == null ? null : new UdpSender({ ...udp, loop, clock, startPcr });
  }

  /** `udp://host:port`, a group with the `@` of its readers; null without. */
  get udpUrl(): string | null {
    return this.#udp?.url ?? null;
  }

  async listen(host: string): Promise<number> {
    await this.#hls; // a bad media directory shows here
    await this.#udp?.start(host);
    return this.#ports.listen(host, this.#options.port ?? 0);
  }

  close(): void {
    this.#udp?.close();
    this.#ports.suspend();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://provider');
    const sid = INTERNET_SERVICE.sid.toString(16);
    const head = request.method === 'HEAD';
    const text = (type: string, body: string | Buffer): void => {
      response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-cache', 'Content-Length': body.length });
      response.end(head ? undefined : body);
    };
    const hls = await this.#hls;
    const segment = /^\/hls\/[0-9a-f]+\/(\d+)\.ts$/.exec(pathname)?.[1];
    if (pathname === `/moved/${sid}.ts`) response.writeHead(302, { Location: `/live/${sid}.ts` }).end();
    else if (pathname === `/hls/${sid}/master.m3u8`) text(HLS_TYPE, hls.master());
    else if (pathname === `/hls/${sid}/index.m3u8`) text(HLS_TYPE, hls.media());
    else if (pathname === `/live/${sid}.ts`) await this.#live(response, head);
    else if (segment !== undefined && hls.has(Number(segment))) text('video/mp2t', hls.segment(Number(segment)));
    else response.writeHead(404, { 'Content-Type': 'text/plain' }).end('no such channel\n');
  }

  /** Without a length: HTTP/1.1 in chunks, to HTTP/1.0 until it closes. */
  async #live(response: ServerResponse, head: boolean): Promise<void> {
    response.writeHead(200, { 'Content-Type': 'video/mp2t' });
    if (head) {
      response.end();
      return;
    }
    response.flushHeaders();
    const { library, clock, startPcr, paced, faults } = this.#options;
    const loop = await library.get(INTERNET_SERVICE, false);
    const { pmtPid } = INTERNET_SERVICE.media;
    const manners = new ConnectionManners(faults, { ref: PROVIDER_REF, pmtPid, kind: 'internet' });
    new Player({
      loop,
      out: response,
      close: () => response.end(),
      reset: () => void response.socket?.resetAndDestroy(),
      clock,
      startPcr,
      paced,
      stallMs: STALL_MS,
      pass: manners.pass.bind(manners),
      dropAfterBytes: null,
    });
  }
}
