import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** An address of this machine. */
export interface LocalAddress {
  readonly interfaceName: string;
  readonly family: 4 | 6;
  readonly address: string;
  /** Such as `192.168.1.5/24`. */
  readonly cidr: string | null;
  readonly internal: boolean;
  /** The interface's number where an IPv6 address needs it; else 0. */
  readonly scope: number;
}

/** Bridges and cable ends of containers and virtual machines: nobody behind them watches television. */
const VIRTUAL =
  /^(?:docker\d+|br-[0-9a-f]{12}|veth[0-9a-f]{6,}|virbr\d+(?:-nic)?|lxc(?:br)?\d+|cni\d+|podman\d+|flannel\.\d+|cali[0-9a-f]+)$/;

/** None where the system does not tell (a sandbox without netlink). */
export function localAddresses(): LocalAddress[] {
  let interfaces: ReturnType<typeof networkInterfaces>;
  try {
    interfaces = networkInterfaces();
  } catch {
    return [];
  }
  return Object.entries(interfaces).flatMap(([interfaceName, addresses]) =>
    (addresses ?? []).map((one) => ({
      interfaceName,
      family: one.family === 'IPv4' ? (4 as const) : (6 as const),
      address: one.address,
      cidr: one.cidr,
      internal: one.internal,
      scope: one.family === 'IPv6' ? (one.scopeid ?? 0) : 0,
    })),
  );
}

/**
 * Those on which we announce ourselves: of the interfaces that are named, or, where none is, of all but loopback and
 * those of containers.
 */
export function announcedAddresses(wanted: readonly string[], all: readonly LocalAddress[]): LocalAddress[] {
  if (wanted.length > 0) return all.filter(({ interfaceName }) => wanted.includes(interfaceName));
  return all.filter(({ internal, interfaceName }) => !internal && !VIRTUAL.test(interfaceName));
}

/**
 * The address of ours by which a client reaches us: that in its own subnet. A client with a link-local address, which is
 * nothing to build a URL with, gets another address of the same interface where there is one. Null: it came through a
 * router, so that none is nearer than another.
 */
export function addressFor(client: string, all: readonly LocalAddress[]): string | null {
  const [plain = '', zone = ''] = client.replace(/^::ffff:(?=\d)/i, '').split('%');
  const family = isIPv4(plain) ? 4 : 6;
  const near = all.find((one) => one.family === family && isInside(plain, one) && isZone(one, zone));
  if (near === undefined) return null;
  if (!isLinkLocal(near.address)) return near.address;
  const same = all.filter((one) => one.interfaceName === near.interfaceName && !isLinkLocal(one.address));
  return (same.find((one) => one.family === 6) ?? same[0] ?? near).address;
}

/** As the host of a URL. */
export function urlHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function isInside(client: string, { address, cidr, family }: LocalAddress): boolean {
  const prefix = Number(cidr?.split('/')[1]);
  if (!Number.isInteger(prefix)) return client === address;
  const block = new BlockList();
  block.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return block.check(client, family === 4 ? 'ipv4' : 'ipv6');
}

/** Every interface has the same link-local subnet: the zone tells which one is meant. */
function isZone(one: LocalAddress, zone: string): boolean {
  return zone === '' || !isLinkLocal(one.address) || zone === one.interfaceName || zone === String(one.scope);
}

function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}
