import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { errorCode, XgError } from '#shared/errors.ts';
import type { StreamTarget } from '../receiver/model.ts';
import { datagramPayload } from './rtp.ts';
import type { UpstreamConnection, UpstreamListener, UpstreamTimeouts } from './upstream.ts';

/** A second of 16 Mbit/s: what arrives while the process is busy. The system may grant less. */
const RECEIVE_BUFFER = 2 * 1024 * 1024;

/** A transport stream in datagrams: a multicast group that is joined, or packets that somebody sends to this machine. */
export class DatagramUpstream implements UpstreamConnection {
  readonly #target: StreamTarget;
  readonly #address: string;
  readonly #listener: UpstreamListener;
  readonly #timeouts: UpstreamTimeouts;
  readonly #socket: Socket;
  #state: 'waiting' | 'flowing' | 'ended' = 'waiting';
  #timer: NodeJS.Timeout | null = null;

  constructor(target: StreamTarget, listener: UpstreamListener, timeouts: UpstreamTimeouts) {
    this.#target = target;
    this.#address = `${target.scheme}://${target.host}:${target.port}`;
    this.#listener = listener;
    this.#timeouts = timeouts;
    this.#socket = createSocket({ type: isIPv6(target.host) ? 'udp6' : 'udp4', reuseAddr: true });
    this.#arm(
      timeouts.firstByteMs,
      'TUNE_TIMEOUT',
      'brought no packet: nobody sends there, or the network keeps it back',
    );
    this.#socket.on('error', (error) => this.#finish(this.#socketError(error)));
    this.#socket.on('message', (datagram) => this.#onDatagram(datagram));
    this.#socket.bind({ port: target.port, address: target.host }, () => this.#onBound());
  }

  close(): void {
    this.#finish(null);
  }

  #onBound(): void {
    if (this.#state === 'ended') return;
    try {
      if (isMulticast(this.#target.host)) this.#socket.addMembership(this.#target.host);
      this.#socket.setRecvBufferSize(RECEIVE_BUFFER);
    } catch (error) {
      this.#finish(this.#socketError(error));
      return;
    }
    this.#listener.onConnect?.();
  }

  #onDatagram(datagram: Buffer): void {
    const packets = datagramPayload(datagram);
    if (packets === null || this.#state === 'ended') return;
    if (this.#state === 'waiting') {
      this.#state = 'flowing';
      this.#arm(this.#timeouts.stallMs, 'UPSTREAM_STALLED', 'brought no more packets');
    } else this.#timer?.refresh();
    this.#listener.onBytes(packets);
  }

  #socketError(error: unknown): XgError {
    const why =
      errorCode(error) === 'EADDRNOTAVAIL'
        ? 'that is an address of another machine: only packets sent to this one, or to a group, can be received'
        : errorCode(error);
    return new XgError('UPSTREAM_BAD_URL', `${this.#address} cannot be listened on: ${why}`, { cause: error });
  }

  #arm(ms: number, code: string, what: string): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#finish(new XgError(code, `${this.#address} ${what} within ${ms / 1000} s`, { data: { ms } })),
      ms,
    );
  }

  /** First cause wins. */
  #finish(error: XgError | null): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#socket.close();
    this.#listener.onEnd(error);
  }
}

/** Spec: RFC 5771, 3 (224.0.0.0/4); RFC 4291, 2.7 (ff00::/8). */
function isMulticast(host: string): boolean {
  return isIPv6(host) ? /^ff/i.test(host) : (Number(host.split('.')[0]) & 0xf0) === 0xe0;
}
