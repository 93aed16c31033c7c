import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Answer, decode, encode, type Packet } from 'dns-packet';
import { u8, u16be } from '#shared/mpegts/bytes.ts';
import { FloodGuard } from '../discovery/flood-guard.ts';
import type { Opened } from '../discovery/kept-open.ts';
import type { SourceLimiter } from '../discovery/source-limiter.ts';
import { additionalsFor, allRecords, answersTo, type MdnsHost, type MdnsService } from './mdns-records.ts';

export interface MdnsResponderOptions {
  /** Of the interface on which it answers. */
  readonly address: string;
  readonly host: MdnsHost;
  services(): readonly MdnsService[];
  readonly limiter: SourceLimiter;
  /** Whether whoever asks is to be answered here: every responder on this machine hears every question. */
  isFor(client: string): boolean;
  onLost(error: unknown): void;
}

const GROUP = '224.0.0.251';
const PORT = 5353;
/** Spec: RFC 6762, 8.3: at least twice, a second apart. */
const SAY_AGAIN_MS = 1_000;
/** AA of a response (RFC 6762, 18.4). */
const AUTHORITATIVE = 0x0400;
/** More questions in a packet are nobody's real wish. */
const MAX_QUESTIONS = 32;
/** Answers that a questioner knows already (RFC 6762, 7.1). */
const MAX_RECORDS = 256;
const HEADER_SIZE = 12;
/** Spec: RFC 6762, 17. */
const MAX_QUERY_SIZE = 9_000;

/**
 * Announces services over multicast DNS on one interface, and answers questions about them. It shares the port with
 * whatever responder the machine has; its names hold the device id, so that they are nobody else's.
 *
 * Spec: RFC 6762, 6 Responding, 8.3 Announcing, 10.1 Goodbye Packets.
 */
export class MdnsResponder implements Opened {
  readonly #options: MdnsResponderOptions;
  readonly #socket: Socket;
  #again: NodeJS.Timeout | null = null;
  #state: 'open' | 'closed' = 'open';

  private constructor(options: MdnsResponderOptions) {
    this.#options = options;
    this.#socket = createSocket({ type: 'udp4', reuseAddr: true });
  }

  /** @throws what binding the socket threw. */
  static async open(options: MdnsResponderOptions): Promise<MdnsResponder> {
    const responder = new MdnsResponder(options);
    const socket = responder.#socket;
    socket.bind(PORT);
    try {
      await once(socket, 'listening');
      socket.addMembership(GROUP, options.address);
      socket.setMulticastInterface(options.address);
      socket.setMulticastTTL(255);
      socket.setMulticastLoopback(true);
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.on('error', (error) => options.onLost(error));
    const flood = new FloodGuard(options.onLost);
    socket.on('message', (datagram, from) => {
      flood.count();
      responder.#onDatagram(datagram, from);
    });
    responder.#announce();
    responder.#again = setTimeout(() => responder.#announce(), SAY_AGAIN_MS).unref();
    return responder;
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    if (this.#again !== null) clearTimeout(this.#again);
    const { host, services } = this.#options;
    await this.#send({ answers: allRecords(services(), host, true) });
    this.#socket.close();
  }

  #announce(): void {
    const { host, services } = this.#options;
    void this.#send({ answers: allRecords(services(), host) });
  }

  #onDatagram(datagram: Buffer, from: RemoteInfo): void {
    if (this.#state === 'closed' || from.port === 0) return;
    const { host, services, limiter, isFor } = this.#options;
    const query = parseQuery(datagram);
    if (query === null) return;
    const questions = query.questions ?? [];
    const offered = services();
    const answers = answersTo(questions, offered, host);
    if (answers.length === 0 || !isFor(from.address) || !limiter.take(from.address)) return;
    const additionals = additionalsFor(answers, offered, host);
    // Not from 5353: a client that knows nothing of multicast wants its question back (RFC 6762, 6.7).
    const isLegacy = from.port !== PORT;
    void this.#send(
      isLegacy
        ? {
            id: query.id ?? 0,
            questions,
            answers: answers.map(withoutFlush),
            additionals: additionals.map(withoutFlush),
          }
        : { answers, additionals },
      isLegacy ? from : undefined,
    );
  }

  /** Never rejects: an interface that has gone away is found out elsewhere. */
  async #send(
    content: Packet,
    to: { readonly address: string; readonly port: number } | undefined = undefined,
  ): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    try {
      const packet = encode({ type: 'response', flags: AUTHORITATIVE, ...content });
      this.#socket.send(packet, to?.port ?? PORT, to?.address ?? GROUP, () => resolve());
    } catch {
      resolve();
    }
    await promise;
  }
}

/** Null for what is no question, or cannot be read: anybody may send anything to an open port. */
export function parseQuery(datagram: Buffer): Packet | null {
  // Spec: RFC 1035, 4.1.1. Counts come first: dns-packet makes what they promise, for a quarter of a second if need be.
  if (datagram.length < HEADER_SIZE || datagram.length > MAX_QUERY_SIZE) return null;
  if ((u8(datagram, 2) & 0x80) !== 0) return null; // QR: a response
  const questions = u16be(datagram, 4); // QDCOUNT
  const records = u16be(datagram, 6) + u16be(datagram, 8) + u16be(datagram, 10); // ANCOUNT, NSCOUNT, ARCOUNT
  if (questions === 0 || questions > MAX_QUESTIONS || records > MAX_RECORDS) return null;
  try {
    return decode(datagram);
  } catch {
    return null;
  }
}

/** Spec: RFC 6762, 6.7: the top bit of the class means nothing to such a client. */
function withoutFlush(answer: Answer): Answer {
  return 'flush' in answer ? ({ ...answer, flush: false } as Answer) : answer;
}
