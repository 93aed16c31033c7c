import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer, type ServerResponse } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { PlayableLoop } from '#test/receiver/playout/playable-loop.ts';

export interface BenchBoxOptions {
  readonly loop: PlayableLoop;
  /** All play the same loop, each from another place in it. */
  readonly channels: number;
  /**
   * `paced`: in real time, one timer for all. `windowed`: as fast as it is taken, but never more than `windowPackets`
   * ahead of what `taken` says.
   */
  readonly mode: 'paced' | 'windowed';
  /** Sees what a channel sends, in the moment before it is written. */
  readonly onSend?: (packets: Buffer, channel: number) => void;
}

const TICK_MS = 10;
const START_PCR = 3_600 * 27_000_000;
/** The distance of the channels from each other, so that they do not all do the same at the same time. */
const STAGGER_TICKS = 0.613 * 27_000_000;
const BURST_PACKETS = 348;
const BOUQUET = '1:7:1:0:0:0:0:0:0:0:FROM BOUQUET "userbouquet.bench.tv" ORDER BY bouquet';
const OK = 'HTTP/1.0 200 OK\r\nConnection: Close\r\nContent-Type: video/mpeg\r\nServer: streamserver\r\n\r\n';
const FIRST_SID = 0x1000;

interface Player {
  readonly socket: Socket;
  readonly channel: number;
  readonly offset: number;
  position: number;
}

/** A receiver with as many channels as a bench wants, and next to no work of its own. */
export class BenchBox {
  readonly #options: BenchBoxOptions;
  readonly #players = new Set<Player>();
  readonly #web: HttpServer;
  readonly #streams: Server;
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | null = null;
  /** Windowed: packets that may be sent in all. */
  #credit = 0;
  httpPort = 0;
  streamPort = 0;

  constructor(options: BenchBoxOptions) {
    this.#options = options;
    this.#web = createHttpServer((request, response) =>
      this.#answer(new URL(request.url ?? '/', 'http://box'), response),
    );
    this.#streams = createServer({ noDelay: true }, (socket) => this.#onStream(socket));
  }

  async listen(): Promise<void> {
    this.httpPort = await listen(this.#web);
    this.streamPort = await listen(this.#streams);
    if (this.#options.mode === 'paced') this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Path of a channel at the daemon, and at the box itself. */
  static channelId(index: number): string {
    return `1-1-1-${(FIRST_SID + index).toString(16)}`;
  }

  static channelUrl(streamPort: number, index: number): string {
    return `http://127.0.0.1:${streamPort}/${serviceRef(index)}`;
  }

  /** Windowed: sends up to `packets` in all. */
  allow(packets: number): void {
    this.#credit = packets;
    for (const player of this.#players) this.#pour(player);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const { socket } of this.#players) socket.destroy();
    this.#web.closeAllConnections();
    await Promise.all([once(this.#web.close(), 'close'), once(this.#streams.close(), 'close')]);
  }

  #answer(url: URL, response: ServerResponse): void {
    const services = Array.from({ length: this.#options.channels }, (_, index) => ({
      servicereference: serviceRef(index),
      servicename: `Bench ${index + 1}`,
    }));
    const answers: Record<string, unknown> = {
      '/api/bouquets': { bouquets: url.searchParams.get('stype') === 'radio' ? [] : [[BOUQUET, 'Bench']] },
      '/api/getservices': { services },
    };
    const answer = answers[url.pathname] ?? (url.pathname.startsWith('/api/') ? { events: [] } : undefined);
    if (answer === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(JSON.stringify(answer));
  }

  #onStream(socket: Socket): void {
    socket.on('error', () => socket.destroy()); // readers go away
    socket.once('data', (bytes) => {
      const sid = /^GET \S*?1:0:1:([0-9A-F]+):/i.exec(decodeURIComponent(bytes.toString('latin1')))?.[1];
      const index = Number.parseInt(sid ?? '', 16) - FIRST_SID;
      if (!(index >= 0 && index < this.#options.channels)) {
        socket.end('HTTP/1.0 400 Bad Request\r\n\r\n');
        return;
      }
      socket.resume();
      socket.write(OK);
      const offset = Math.round(index * STAGGER_TICKS);
      const windowed = this.#options.mode === 'windowed';
      const player = {
        socket,
        channel: index,
        offset,
        position: windowed ? 0 : this.#options.loop.positionAt(this.#now() + offset),
      };
      this.#players.add(player);
      socket.once('close', () => this.#players.delete(player));
      if (windowed) this.#pour(player);
    });
  }

  #now(): number {
    return (performance.now() - this.#startedAt) * 27_000;
  }

  #tick(): void {
    const now = this.#now();
    /** Players of one channel get the same bytes, made once. */
    const made = new Map<string, Buffer>();
    for (const player of this.#players) {
      const to = this.#options.loop.positionAt(now + player.offset);
      if (to <= player.position) continue;
      const key = `${player.position}/${to}`;
      const packets = made.get(key) ?? this.#read(player, to);
      made.set(key, packets);
      player.position = to;
      player.socket.write(packets);
    }
  }

  #pour(player: Player): void {
    while (player.position + BURST_PACKETS <= this.#credit) {
      const packets = this.#read(player, player.position + BURST_PACKETS);
      player.position += BURST_PACKETS;
      player.socket.write(packets);
    }
  }

  #read(player: Player, to: number): Buffer {
    const packets = this.#options.loop.read(player.position, to, START_PCR, 0);
    this.#options.onSend?.(packets, player.channel);
    return packets;
  }
}

function serviceRef(index: number): string {
  return `1:0:1:${(FIRST_SID + index).toString(16).toUpperCase()}:1:1:1:0:0:0:`;
}

async function listen(server: HttpServer | Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
