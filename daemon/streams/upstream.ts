import { connect, type Socket } from 'node:net';
import { errorCode, XgError } from '#shared/errors.ts';
import { sharedReadBuffer } from '#shared/ipc/read-buffer.ts';
import type { StreamTarget } from '../receiver/model.ts';
import { judgeBody, judgeHead, tuneFailed } from './upstream-head.ts';

export interface UpstreamTimeouts {
  /** Until the TCP connection stands. */
  readonly connectMs: number;
  /** From the start until the first byte of the stream: the receiver tunes and waits for its keys meanwhile. */
  readonly firstByteMs: number;
  /** Without a byte while the stream flows. */
  readonly stallMs: number;
}

export const DEFAULT_UPSTREAM_TIMEOUTS: UpstreamTimeouts = { connectMs: 3_000, firstByteMs: 5_000, stallMs: 5_000 };

export interface UpstreamConnection {
  close(): void;
}

export interface UpstreamListener {
  /** The connection stands, or what comes nearest to it. */
  onConnect?(): void;
  /** What follows is not the successor of what came before. */
  onBreak?(reason: string): void;
  /** Bytes of the stream, as they came: a view, valid during the call. */
  onBytes(bytes: Buffer): void;
  /** Called once. `null` only after `close`. */
  onEnd(error: XgError | null): void;
}

type State =
  | { readonly name: 'connecting' }
  | { readonly name: 'head'; readonly bytes: Buffer }
  | { readonly name: 'judging'; readonly bytes: Buffer }
  | { readonly name: 'flowing' }
  | { readonly name: 'ended' };

/** Longest request that the stream server reads in one go. */
const MAX_REQUEST = 512;

/**
 * One connection to the receiver's stream server. A raw socket, since Node's HTTP parser refuses what some boxes send;
 * the request goes out in one write with the credentials right behind the request line, since the box acts on the first
 * line it sees. It is read without a pause: a reader that stalls is dropped by the box.
 */
export class Upstream implements UpstreamConnection {
  readonly #target: StreamTarget;
  readonly #address: string;
  readonly #listener: UpstreamListener;
  readonly #timeouts: UpstreamTimeouts;
  readonly #socket: Socket;
  #state: State = { name: 'connecting' };
  #timer: NodeJS.Timeout | null = null;

  constructor(
    target: StreamTarget,
    listener: UpstreamListener,
    timeouts: UpstreamTimeouts = DEFAULT_UPSTREAM_TIMEOUTS,
  ) {
    this.#target = target;
    this.#address = `${target.host}:${target.port}`;
    this.#listener = listener;
    this.#timeouts = timeouts;
    this.#socket = connect({
      host: target.host,
      port: target.port,
      noDelay: true,
      onread: sharedReadBuffer((bytes) => this.#onData(bytes)),
    });
    this.#arm(timeouts.connectMs, 'UPSTREAM_UNREACHABLE', 'did not accept the connection');
    this.#socket.once('connect', () => this.#onConnect());
    this.#socket.on('error', (error) => this.#fail(this.#socketError(error)));
    this.#socket.on('close', () => this.#onClose());
  }

  close(): void {
    this.#finish(null);
  }

  #onConnect(): void {
    this.#state = { name: 'head', bytes: Buffer.alloc(0) };
    this.#arm(this.#timeouts.firstByteMs, 'TUNE_TIMEOUT', 'sent no byte of the stream: the channel did not tune');
    const { user, pass, path, host, port } = this.#target;
    const authorization =
      user === undefined ? '' : `Authorization: Basic ${Buffer.from(`${user}:${pass ?? ''}`).toString('base64')}\r\n`;
    const request = `GET ${path} HTTP/1.0\r\n${authorization}Host: ${host}:${port}\r\n\r\n`;
    if (request.length > MAX_REQUEST || /[^\x21-\x7e]/.test(path)) {
      this.#fail(
        new XgError('UPSTREAM_BAD_URL', `the stream path of ${request.length} bytes is none the box can read`),
      );
      return;
    }
    this.#socket.write(request);
    this.#listener.onConnect?.();
  }

  #onData(bytes: Buffer): void {
    switch (this.#state.name) {
      case 'flowing':
        this.#timer?.refresh();
        this.#listener.onBytes(bytes);
        return;
      case 'head':
        this.#judgeHead(Buffer.concat([this.#state.bytes, bytes]));
        return;
      case 'judging':
        this.#judgeBody(Buffer.concat([this.#state.bytes, bytes]), false);
        return;
      case 'connecting':
      case 'ended':
        return;
    }
  }

  #judgeHead(bytes: Buffer): void {
    const verdict = judgeHead(bytes, this.#address);
    if (verdict.kind === 'refused') this.#fail(verdict.error);
    else if (verdict.kind === 'more') this.#state = { name: 'head', bytes };
    else this.#judgeBody(bytes.subarray(verdict.bodyOffset), false);
  }

  #judgeBody(bytes: Buffer, ended: boolean): void {
    const verdict = judgeBody(bytes, ended, this.#address);
    if (verdict instanceof XgError) this.#fail(verdict);
    else if (verdict === 'more') this.#state = { name: 'judging', bytes };
    else {
      this.#state = { name: 'flowing' };
      this.#arm(this.#timeouts.stallMs, 'UPSTREAM_STALLED', 'stopped sending');
      this.#listener.onBytes(bytes);
    }
  }

  #onClose(): void {
    if (this.#state.name === 'judging') this.#judgeBody(this.#state.bytes, true);
    if (this.#state.name === 'head') this.#fail(tuneFailed(this.#address));
    this.#fail(
      new XgError('UPSTREAM_CLOSED', `${this.#address} closed the stream`, { data: { address: this.#address } }),
    );
  }

  #socketError(error: Error): XgError {
    const flowing = this.#state.name === 'flowing';
    const code = flowing ? 'UPSTREAM_CLOSED' : 'UPSTREAM_UNREACHABLE';
    const what = flowing ? 'broke the stream off' : 'cannot be reached; is the receiver on, and its stream port right?';
    return new XgError(code, `${this.#address} ${what} (${errorCode(error)})`, { cause: error });
  }

  #arm(ms: number, code: string, what: string): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#fail(new XgError(code, `${this.#address} ${what} within ${ms / 1000} s`, { data: { ms } })),
      ms,
    );
  }

  #fail(error: XgError): void {
    this.#finish(error);
  }

  /** First cause wins. */
  #finish(error: XgError | null): void {
    if (this.#state.name === 'ended') return;
    this.#state = { name: 'ended' };
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#socket.destroy();
    this.#listener.onEnd(error);
  }
}
