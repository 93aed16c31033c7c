import { isIPv4 } from 'node:net';

/** Where a tuner sends its stream. */
export interface StreamDestination {
  readonly protocol: 'udp' | 'rtp';
  readonly address: string;
  readonly port: number;
}

/** `udp://192.168.1.5:5000`, `rtp://…`, or the address alone, which means UDP. Null for anything else. */
export function parseDestination(text: string): StreamDestination | null {
  const [, protocol = 'udp', address = '', port = ''] =
    /^(?:(udp|rtp):\/\/)?(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})$/i.exec(text.trim()) ?? [];
  const number = Number(port);
  if (!isIPv4(address) || number < 1 || number > 65_535) return null;
  return { protocol: protocol.toLowerCase() === 'rtp' ? 'rtp' : 'udp', address, port: number };
}

export function destinationText({ protocol, address, port }: StreamDestination): string {
  return `${protocol}://${address}:${port}`;
}

/** Spec: RFC 5771, 3: 224.0.0.0/4. */
export function isMulticastAddress(address: string): boolean {
  const first = Number(address.split('.')[0]);
  return first >= 224 && first <= 239;
}

/** Everybody's: nobody asks for a stream to the whole network. 224.0.0.0/24 is the routers' own (RFC 5771, 4). */
export function isForbiddenAddress(address: string): boolean {
  return address === '255.255.255.255' || address.startsWith('0.') || address.startsWith('224.0.0.');
}
