import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { AccessPolicy } from '../config/access-policy.ts';

/** RFC 1918, RFC 3927, RFC 4193, RFC 4291: loopback, link-local, and what is for use inside a house. */
const NETWORKS: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
];

const networks = new BlockList();
for (const [address, prefix, family] of NETWORKS) networks.addSubnet(address, prefix, family);

/** Private networks and nobody else. */
export const PRIVATE_ACCESS: Pick<AccessPolicy, 'allowsAnonymous'> = {
  allowsAnonymous: (address) =>
    (isIPv4(address) && networks.check(address, 'ipv4')) || (isIPv6(address) && networks.check(address, 'ipv6')),
};
