/** An architecture under its names: Debian's, RPM's, Node's, and the prefix of its binutils. */
export interface Architecture {
  readonly deb: 'amd64' | 'arm64';
  readonly rpm: string;
  readonly node: string;
  readonly gnu: string;
}

const ARCHITECTURES: readonly Architecture[] = [
  { deb: 'amd64', rpm: 'x86_64', node: 'x64', gnu: 'x86_64-linux-gnu' },
  { deb: 'arm64', rpm: 'aarch64', node: 'arm64', gnu: 'aarch64-linux-gnu' },
];

/**
 * The architecture by any of its names; this machine's without one.
 *
 * @throws Error for one we do not build for.
 */
export function architecture(name: string = process.arch): Architecture {
  const found = ARCHITECTURES.find((one) => [one.deb, one.rpm, one.node].includes(name));
  if (found === undefined) throw new Error(`ARCH is "${name}", expected amd64 or arm64`);
  return found;
}
