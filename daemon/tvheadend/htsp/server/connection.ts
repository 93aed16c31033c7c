import type { Socket } from 'node:net';
import { errorMessage, XgError } from '#shared/errors.ts';
import type { ItemWriter, MediaQueue, QueuedItem } from '../live/media-queue.ts';
import { decodeMessage } from '../wire/decode.ts';
import { encodeMessage } from '../wire/encode.ts';
import type { HtsMap } from '../wire/message.ts';
import { MessageReader } from '../wire/message-reader.ts';

/** Why a connection is gone. */
export type ConnectionEnd = 'client' | 'broken' | 'stalled' | 'silent' | 'stopping';

export interface ConnectionListener {
  onMessage(message: HtsMap): void;
  /** Called once. */
  onClose(end: ConnectionEnd, why: string | null): void;
}

/** Answers and messages that the socket has not taken; beyond it nothing more is read from the client. */
const MAX_UNSENT = 4 * 1024 * 1024;
/** Who takes nothing for so long is dropped. */
const STALL_MS = 30_000;
/** Who connects has to say something within it. */
const HELLO_MS = 15_000;
/** Packets go out in groups of about so many bytes: one system call for each. */
const GROUP_BYTES = 64 * 1024;

/**
 * One client's socket: messages in, messages and packets out. Packets wait in the queues of their subscriptions until the
 * socket takes more; messages go first. A client that reads nothing is left behind and then dropped, and costs the
 * others nothing.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #listener: ConnectionListener;
  readonly #reader: MessageReader;
  readonly #queues = new Set<MediaQueue>();
  readonly #drained = new Set<() => void>();
  #end: { readonly how: ConnectionEnd; readonly why: string | null } | null = null;
  #helloTimer: NodeJS.Timeout | null;
  #takenBytes = 0;
  #takenAt = performance.now();

  constructor(socket: Socket, listener: ConnectionListener) {
    this.#socket = socket;
    this.#listener = listener;
    this.#reader = new MessageReader((bytes) => this.#onMessage(bytes));
    this.#helloTimer = setTimeout(() => this.close('silent'), HELLO_MS);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('drain', () => this.#onDrain());
    socket.on('error', () => undefined); // 'close' follows
    socket.once('close', () => this.#onClose());
  }

  /** Of the client, without the prefix of IPv4 in IPv6. */
  get address(): string {
    return (this.#socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  }

  get localAddress(): string {
    return (this.#socket.localAddress ?? '').replace(/^::ffff:/, '');
  }

  get isClosed(): boolean {
    return this.#end !== null;
  }

  send(message: HtsMap): void {
    if (this.#end !== null) return;
    this.#socket.write(encodeMessage(message));
    if (this.#socket.writableLength > MAX_UNSENT) this.#socket.pause();
  }

  /** Resolves when the socket takes more, or is closed. */
  async ready(): Promise<void> {
    if (!this.#socket.writableNeedDrain || this.#end !== null) return;
    await new Promise<void>((resolve) => this.#drained.add(resolve));
  }

  addQueue(queue: MediaQueue): void {
    this.#queues.add(queue);
  }

  removeQueue(queue: MediaQueue): void {
    this.#queues.delete(queue);
  }

  /** Sends what waits in the queues, as far as the socket takes it. */
  pump(): void {
    if (this.#end !== null || this.#socket.writableNeedDrain) return;
    this.#socket.cork();
    let grouped = 0;
    const write: ItemWriter = ({ head, payload }: QueuedItem) => {
      this.#socket.write(head);
      if (payload !== null) this.#socket.write(payload);
      grouped += head.length + (payload?.length ?? 0);
      if (grouped < GROUP_BYTES) return !this.#socket.writableNeedDrain;
      grouped = 0;
      this.#socket.uncork();
      this.#socket.cork();
      return !this.#socket.writableNeedDrain;
    };
    for (const queue of this.#queues) queue.drain(write);
    this.#socket.uncork();
  }

  /** To be called now and then: drops a client that takes nothing. */
  checkStall(): void {
    const now = performance.now();
    const taken = this.#socket.bytesWritten - this.#socket.writableLength;
    if (taken > this.#takenBytes || this.#socket.writableLength === 0) {
      this.#takenBytes = taken;
      this.#takenAt = now;
    } else if (now - this.#takenAt > STALL_MS) this.close('stalled');
  }

  close(how: ConnectionEnd, why: string | null = null): void {
    this.#end ??= { how, why };
    if (how === 'stopping') {
      this.#socket.end();
      this.#socket.destroySoon();
    } else this.#socket.destroy();
  }

  #onData(bytes: Buffer): void {
    try {
      this.#reader.push(bytes);
    } catch (error) {
      if (!(error instanceof XgError)) throw error;
      this.close('broken', errorMessage(error));
    }
  }

  #onMessage(bytes: Buffer): void {
    if (this.#end !== null) return;
    const message = decodeMessage(bytes);
    if (this.#helloTimer !== null) clearTimeout(this.#helloTimer);
    this.#helloTimer = null;
    this.#listener.onMessage(message);
  }

  #onDrain(): void {
    if (this.#socket.isPaused() && this.#socket.writableLength <= MAX_UNSENT) this.#socket.resume();
    this.#wake();
    this.pump();
  }

  #onClose(): void {
    if (this.#helloTimer !== null) clearTimeout(this.#helloTimer);
    const { how, why } = this.#end ?? { how: 'client', why: null };
    this.#end = { how, why };
    this.#wake();
    this.#listener.onClose(how, why);
  }

  #wake(): void {
    const waiting = [...this.#drained];
    this.#drained.clear();
    for (const resolve of waiting) resolve();
  }
}
