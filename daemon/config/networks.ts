import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Loopback, link-local and the ranges for use inside a house. RFC 1918, RFC 3927, RFC 4193, RFC 4291. */
const PRIVATE_NETWORKS = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];

/** Interfaces come and go, but not with every request. */
const INTERFACES_MS = 30_000;
/** A longer prefix than that of one link is somebody's whole allocation. RFC 4291, 2.5.4 Global Unicast Addresses. */
const LINK_PREFIX = 64;

interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Whether the text is `private`, `local`, an address, or a network such as `192.168.1.0/24`. */
export function isNetwork(text: string): boolean {
  return text === 'private' || text === 'local' || parseNetwork(text) !== null;
}

function parseNetwork(text: string): Network | null {
  const [, address = '', prefixText] = /^([0-9a-f:.]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return null;
  const bits = version === 4 ? 32 : 128;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  return prefix > bits ? null : { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

type Interfaces = () => ReturnType<typeof networkInterfaces>;

/**
 * A set of networks. `private` stands for the ranges of a house; `local` for the links that this machine is on, because
 * with IPv6 the neighbour in the same room has a public address.
 */
export class NetworkSet {
  readonly #fixed: BlockList;
  readonly #interfaces: Interfaces | null;
  #links = new BlockList();
  #linksReadMs = Number.NEGATIVE_INFINITY;

  constructor(names: readonly string[], options: { interfaces?: Interfaces } = {}) {
    this.#interfaces = names.includes('local') ? (options.interfaces ?? networkInterfaces) : null;
    this.#fixed = blockList(names.flatMap((name) => (name === 'private' ? PRIVATE_NETWORKS : [name])));
  }

  /** An IPv4, IPv6 or IPv4-mapped address, with or without a zone. What is no address is in no network. */
  has(address: string): boolean {
    const bare = bareAddress(address);
    const version = isIP(bare);
    if (version === 0) return false;
    const family = version === 4 ? 'ipv4' : 'ipv6';
    return this.#fixed.check(bare, family) || this.#currentLinks()?.check(bare, family) === true;
  }

  #currentLinks(): BlockList | null {
    if (this.#interfaces === null) return null;
    if (performance.now() - this.#linksReadMs > INTERFACES_MS) {
      const addresses = Object.values(this.#interfaces()).flatMap((list) => list ?? []);
      const links = addresses.filter(({ family, cidr }) => family === 'IPv6' && prefixOf(cidr) >= LINK_PREFIX);
      this.#links = blockList(links.map(({ cidr }) => cidr ?? ''));
      this.#linksReadMs = performance.now();
    }
    return this.#links;
  }
}

function prefixOf(cidr: string | null): number {
  return Number(cidr?.split('/')[1] ?? 0);
}

function blockList(names: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of names.map(parseNetwork)) {
    if (network !== null) list.addSubnet(network.address, network.prefix, network.family);
  }
  return list;
}

/** Without the zone (`%eth0`), and IPv4 in its own form where it came as `::ffff:192.168.1.2`. */
export function bareAddress(address: string): string {
  return address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
}
