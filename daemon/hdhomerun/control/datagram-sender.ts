import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { errorCode } from '#shared/errors.ts';
import { PACKET_SIZE, pidAt } from '#shared/mpegts/packet.ts';
import type { Ring } from '../../streams/ring.ts';
import { RingCursor } from '../../streams/ring-cursor.ts';
import type { PidFilter } from './pid-filter.ts';
import { isMulticastAddress, type StreamDestination } from './target.ts';

/** Spec: RFC 2250, 2: whole packets; seven fill a frame of Ethernet. */
const PACKETS_PER_DATAGRAM = 7;
const PAYLOAD_SIZE = PACKETS_PER_DATAGRAM * PACKET_SIZE;
/** Spec: RFC 3550, 5.1; RFC 3551, 6: payload type 33 is MP2T, its clock runs at 90 kHz. */
const RTP_HEADER_SIZE = 12;
const RTP_PAYLOAD_TYPE = 33;
const RTP_TICKS_PER_MS = 90;

/**
 * The half second with which a reader of a ring begins must not overflow the client's socket (some 200 kB where nothing
 * else is set): no more than so many datagrams at once, then the next after a pause. 170 Mbit/s at most.
 */
const DATAGRAMS_PER_ROUND = 32;
const ROUND_MS = 2;
/** Datagrams that the system has not taken yet; the ring keeps what follows, or skips it. */
const MAX_QUEUED = 64;

export interface DatagramSenderOptions {
  readonly ring: Ring;
  readonly destination: StreamDestination;
  /** Asked for each packet: it may change. */
  filter(): PidFilter | null;
  /** Once. `unreachable`: there is nobody (any more); `stream`: it has ended. */
  onEnd(why: 'unreachable' | 'stream', code: string | null): void;
}

/** Sends a stream to a client as datagrams of seven packets, plain or in RTP, until it is stopped or nobody is there. */
export class DatagramSender {
  readonly #options: DatagramSenderOptions;
  readonly #socket: Socket;
  readonly #cursor: RingCursor;
  readonly #unsubscribe: () => void;
  readonly #rtp: { sequence: number; readonly source: Buffer } | null;
  readonly #startedAt = performance.now();
  #state: 'connecting' | 'sending' | 'closed' = 'connecting';
  #pause: NodeJS.Timeout | null = null;
  #queued = 0;
  #pending: Buffer = Buffer.alloc(PAYLOAD_SIZE);
  #pendingBytes = 0;
  #chunk: Buffer | null = null;
  #chunkAt = 0;
  #sentDatagrams = 0;

  constructor(options: DatagramSenderOptions) {
    this.#options = options;
    const { ring, destination } = options;
    this.#cursor = new RingCursor(ring);
    this.#rtp =
      destination.protocol === 'rtp' ? { sequence: randomBytes(2).readUInt16BE(), source: randomBytes(4) } : null;
    this.#socket = createSocket('udp4');
    this.#socket.on('error', (error) => this.#end('unreachable', errorCode(error)));
    this.#unsubscribe = ring.subscribe(() => this.#pump());
    this.#socket.connect(destination.port, destination.address, () => {
      if (this.#state !== 'connecting') return;
      if (isMulticastAddress(destination.address)) this.#socket.setMulticastTTL(2);
      this.#state = 'sending';
      this.#pump();
    });
  }

  get sentDatagrams(): number {
    return this.#sentDatagrams;
  }

  /** Without `onEnd`. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#unsubscribe();
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#socket.close();
  }

  #end(why: 'unreachable' | 'stream', code: string | null): void {
    if (this.#state === 'closed') return;
    this.close();
    this.#options.onEnd(why, code);
  }

  #pump(): void {
    if (this.#state !== 'sending' || this.#pause !== null) return;
    for (let round = 0; round < DATAGRAMS_PER_ROUND; round++) {
      if (this.#queued >= MAX_QUEUED || !this.#fill()) return;
      this.#send();
    }
    this.#pause = setTimeout(() => {
      this.#pause = null;
      this.#pump();
    }, ROUND_MS);
  }

  /** Gathers packets for a datagram. False while there are not enough of them. */
  #fill(): boolean {
    const filter = this.#options.filter();
    while (this.#pendingBytes < PAYLOAD_SIZE) {
      const chunk = this.#nextChunk();
      if (chunk === null) return false;
      const at = this.#chunkAt;
      this.#chunkAt += PACKET_SIZE;
      if (filter !== null && !filter.has(pidAt(chunk, at))) continue;
      chunk.copy(this.#pending, this.#pendingBytes, at, at + PACKET_SIZE);
      this.#pendingBytes += PACKET_SIZE;
    }
    return true;
  }

  #nextChunk(): Buffer | null {
    while (this.#chunk === null || this.#chunkAt + PACKET_SIZE > this.#chunk.length) {
      const read = this.#cursor.next();
      if (read.kind === 'end') this.#end('stream', null);
      if (read.kind === 'end' || read.kind === 'wait') return null;
      if (read.kind === 'skipped') continue;
      this.#chunk = Buffer.from(read.bytes); // a copy: the ring's memory goes round, and we may pause within it
      this.#chunkAt = 0;
    }
    return this.#chunk;
  }

  #send(): void {
    const head = this.#rtp === null ? Buffer.alloc(0) : this.#rtpHeader(this.#rtp);
    const datagram = Buffer.concat([head, this.#pending]); // a copy: the system sends it later
    this.#pendingBytes = 0;
    this.#queued++;
    this.#sentDatagrams++;
    this.#socket.send(datagram, (error) => {
      this.#queued--;
      // An earlier datagram came back: nobody listens there.
      if (error !== null) this.#end('unreachable', errorCode(error));
      else if (this.#queued === MAX_QUEUED - 1) this.#pump();
    });
  }

  #rtpHeader(rtp: { sequence: number; readonly source: Buffer }): Buffer {
    const header = Buffer.alloc(RTP_HEADER_SIZE);
    header[0] = 0x80; // V=2, P=0, X=0, CC=0
    header[1] = RTP_PAYLOAD_TYPE; // M=0, PT
    header.writeUInt16BE(rtp.sequence, 2); // sequence number
    const ticks = Math.round((performance.now() - this.#startedAt) * RTP_TICKS_PER_MS);
    header.writeUInt32BE(ticks % 0x1_0000_0000, 4); // timestamp
    rtp.source.copy(header, 8); // SSRC
    rtp.sequence = (rtp.sequence + 1) & 0xffff;
    return header;
  }
}
