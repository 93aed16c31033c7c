import { unlink } from 'node:fs/promises';
import { createConnection, type ListenOptions } from 'node:net';
import { XgError } from '../errors.ts';

/** Where a server listens: an inherited descriptor, or a socket file of its own making. */
export type ListenAddress =
  | { readonly kind: 'descriptor'; readonly fd: number }
  | { readonly kind: 'path'; readonly path: string };

/** Daemon and transcoder run as different users in one group. */
export const SOCKET_MODE = 0o660;

export function listenOptions(address: ListenAddress): ListenOptions | { fd: number } {
  return address.kind === 'descriptor' ? { fd: address.fd } : { path: address.path };
}

export function describeListenAddress(address: ListenAddress): string {
  return address.kind === 'descriptor' ? `descriptor ${address.fd}` : address.path;
}

/**
 * Clears away the socket file of a process that is gone. A file on which somebody still listens is not touched.
 *
 * @throws XgError `SOCKET_IN_USE` when another process listens there.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const alive = await new Promise<boolean>((resolve) => {
    const probe = createConnection({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (alive) {
    throw new XgError('SOCKET_IN_USE', `another process listens on ${path}; stop it, or set XG2G_TRANSCODER_URL`, {
      data: { path },
    });
  }
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
