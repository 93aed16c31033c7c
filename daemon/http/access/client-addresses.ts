import type { IncomingMessage } from 'node:http';
import { bareAddress } from '../../config/networks.ts';

/** Whoever names more proxies than this is making them up. */
const MAX_HOPS = 16;

export interface ClientAddresses {
  /** Who is asking, as far as it can be believed. */
  readonly client: string;
  /** Everybody who may be behind the request: access for the house is for requests where all of these are in it. */
  readonly all: readonly string[];
}

/**
 * What a proxy says about the client behind it counts as an address only where the proxy is trusted. Where it is not it
 * still counts against the request: a proxy nobody told us of must not open the house to the world, and who makes
 * the header up gains nothing.
 */
export function clientAddresses(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  trusts: (address: string) => boolean,
): ClientAddresses {
  const { headers } = request;
  let client = bareAddress(request.socket.remoteAddress ?? '');
  const hops = split(headers['x-forwarded-for']);
  // From the last proxy to the first: each one vouches for the one before it.
  while (trusts(client) && hops.length > 0) client = hops.pop() ?? client;
  // Spec: RFC 7239, 4 Forwarded HTTP Header Field.
  const forwarded = split(headers['forwarded']?.replaceAll(';', ','))
    .filter((part) => /^for=/i.test(part))
    .map((part) => hopAddress(part.slice(4)));
  const others = [...hops, ...split(headers['x-real-ip']), ...forwarded];
  return { client, all: [client, ...(others.length > MAX_HOPS ? [UNBELIEVABLE] : others)] };
}

/** In no network. */
const UNBELIEVABLE = '';

function split(header: string | string[] | undefined): string[] {
  return [header ?? []]
    .flat()
    .join(',')
    .split(',')
    .map(hopAddress)
    .filter((hop) => hop !== '');
}

/** `192.0.2.1`, `192.0.2.1:4711`, `[2001:db8::1]:4711`, `2001:db8::1`. */
function hopAddress(hop: string): string {
  const text = hop.trim().replace(/^"|"$/g, '');
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1];
  return bareAddress(bracketed ?? text.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1'));
}
