import { createSocket } from 'node:dgram';
import { type Answer, decode, encode } from 'dns-packet';
import { u16be } from '#shared/mpegts/bytes.ts';

/** A receiver that announces its stream server. */
export interface FoundReceiver {
  /** As it calls itself. */
  readonly name: string;
  readonly host: string;
  readonly address: string;
  readonly streamPort: number;
}

export interface DiscoveryOptions {
  /** Where the question goes. Default: the mDNS group. */
  readonly target?: { readonly host: string; readonly port: number };
  readonly waitMs?: number;
}

const SERVICE = '_e2stream._tcp.local';
const GROUP = { host: '224.0.0.251', port: 5353 };
const WAIT_MS = 1_500;
/** A datagram may be lost. */
const ASK_AGAIN_MS = 400;
/** No house has more. */
const MAX_FOUND = 64;
/** Of a DNS message. */
const HEADER_SIZE = 12;
/** More than a receiver has to say of itself. */
const MAX_RECORDS = 64;

/**
 * Asks the local network for receivers, once, and gives what has answered after a moment. A one-shot question from a port
 * of its own: whoever has an answer sends it there, and nothing has to listen on 5353.
 *
 * Spec: RFC 6762, 5.1 One-Shot Multicast DNS Queries; RFC 6763, 4 Service Instance Enumeration. Never rejects: without a
 * network nothing is found.
 */
export async function discoverReceivers(options: DiscoveryOptions = {}): Promise<FoundReceiver[]> {
  const { host, port } = options.target ?? GROUP;
  const found = new Map<string, FoundReceiver>();
  const socket = createSocket('udp4');
  const { promise: over, resolve: finish } = Promise.withResolvers<void>();
  const question = encode({ type: 'query', id: 0, questions: [{ type: 'PTR', name: SERVICE }] });
  const ask = (): void => socket.send(question, port, host, (error) => error !== null && finish());
  socket.once('error', () => finish());
  socket.on('message', (datagram, { address }) => {
    for (const receiver of readAnswer(datagram, address)) {
      if (found.size < MAX_FOUND) found.set(`${receiver.address}:${receiver.streamPort}`, receiver);
    }
  });
  const timers = [setTimeout(ask, ASK_AGAIN_MS), setTimeout(finish, options.waitMs ?? WAIT_MS)];
  socket.bind(0, ask);
  await over;
  for (const timer of timers) clearTimeout(timer);
  socket.close();
  return [...found.values()].sort((one, other) => one.name.localeCompare(other.name));
}

/** What a datagram tells of receivers; none for one that cannot be read. `from`: its sender, where it names no address. */
export function readAnswer(datagram: Buffer, from: string): FoundReceiver[] {
  // Spec: RFC 1035, 4.1.1. Counts come first: dns-packet makes what they promise, for a quarter of a second if need be.
  if (datagram.length < HEADER_SIZE || recordCount(datagram) > MAX_RECORDS) return [];
  let records: Answer[];
  try {
    const packet = decode(datagram);
    records = [...(packet.answers ?? []), ...(packet.additionals ?? [])];
  } catch {
    return []; // anybody may send anything to an open port
  }
  const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
  return records.flatMap((record): FoundReceiver[] => {
    if (record.type !== 'PTR' || !same(record.name, SERVICE)) return [];
    const instance = record.data;
    const service = records.find((one) => one.type === 'SRV' && same(one.name, instance));
    if (service?.type !== 'SRV') return [];
    const { target, port } = service.data;
    const address = records.find((one) => one.type === 'A' && same(one.name, target));
    return [
      {
        name: cleanName(instance.slice(0, -SERVICE.length - 1)),
        host: cleanName(target),
        address: address?.type === 'A' ? address.data : from,
        streamPort: port,
      },
    ];
  });
}

/** QDCOUNT, ANCOUNT, NSCOUNT and ARCOUNT together. */
function recordCount(datagram: Buffer): number {
  return u16be(datagram, 4) + u16be(datagram, 6) + u16be(datagram, 8) + u16be(datagram, 10);
}

/** Names come from whoever wants to send them. */
function cleanName(text: string): string {
  return text.replace(/\p{C}/gu, ' ').slice(0, 100);
}
