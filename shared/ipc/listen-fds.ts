/**
 * Sockets handed over by systemd (or whoever speaks its protocol).
 *
 * Spec: sd_listen_fds(3): descriptors begin at 3, LISTEN_PID names the receiver, LISTEN_FDNAMES their names.
 */
import { XgError } from '../errors.ts';

const FIRST_DESCRIPTOR = 3;

export interface ListenEnvironment {
  readonly LISTEN_PID?: string | undefined;
  readonly LISTEN_FDS?: string | undefined;
  readonly LISTEN_FDNAMES?: string | undefined;
}

/**
 * The inherited descriptors by name. Empty when none were passed or they are meant for another process. Unnamed ones get
 * `unknown`, as systemd calls them; of equal names the first counts.
 *
 * @throws XgError `LISTEN_FDS` when LISTEN_FDS is no count.
 */
export function inheritedSockets(environment: ListenEnvironment, pid: number): ReadonlyMap<string, number> {
  const sockets = new Map<string, number>();
  if (environment.LISTEN_FDS === undefined || environment.LISTEN_PID !== String(pid)) return sockets;
  const count = Number(environment.LISTEN_FDS);
  if (!Number.isInteger(count) || count < 0 || count > 64) {
    throw new XgError('LISTEN_FDS', `LISTEN_FDS is "${environment.LISTEN_FDS}", expected a count from 0 to 64`);
  }
  const names = (environment.LISTEN_FDNAMES ?? '').split(':');
  for (let index = 0; index < count; index++) {
    const name = names[index] === undefined || names[index] === '' ? 'unknown' : (names[index] as string);
    if (!sockets.has(name)) sockets.set(name, FIRST_DESCRIPTOR + index);
  }
  return sockets;
}
