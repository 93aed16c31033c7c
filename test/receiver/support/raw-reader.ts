import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import { type WaitOptions, waitFor } from '#test/helpers/wait-for.ts';

/** A reader without any HTTP library: what it says and hears are bytes. */
export class RawReader {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  readonly #onChange = new Set<() => void>();
  #length = 0;
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      this.#changed();
    });
    socket.on('error', () => undefined); // a reset is an end like any other; 'close' follows
    socket.once('close', () => {
      this.#closed = true;
      this.#changed();
    });
  }

  /** Connected, until the test ends. */
  static async open(t: ExecutionContext, port: number): Promise<RawReader> {
    const socket = createConnection({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    const reader = new RawReader(socket);
    t.teardown(() => {
      socket.destroy();
    });
    return reader;
  }

  /** Connected and asking for a path, in one write. */
  static async get(t: ExecutionContext, port: number, path: string, headers = ''): Promise<RawReader> {
    const reader = await RawReader.open(t, port);
    reader.say(`GET ${path} HTTP/1.0\r\n${headers}\r\n`);
    return reader;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes heard, the head included. */
  get length(): number {
    return this.#length;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Up to and with the empty line. */
  get head(): string {
    const text = this.bytes.subarray(0, 2_048).toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    return end < 0 ? text : text.slice(0, end + 4);
  }

  get body(): Buffer {
    return this.bytes.subarray(this.head.length);
  }

  say(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  /** Takes nothing more from the network. */
  stall(): void {
    this.#socket.pause();
  }

  /** Reads on after `stall`. */
  goOn(): void {
    this.#socket.resume();
  }

  leave(): void {
    this.#socket.destroy();
  }

  async waitForLength(length: number, timeoutMs = 5_000): Promise<void> {
    await this.#wait(() => this.#length >= length, { what: `${length} bytes of the box`, timeoutMs });
  }

  async waitForClose(timeoutMs = 5_000): Promise<void> {
    await this.#wait(() => this.#closed, { what: 'the end of the connection', timeoutMs });
  }

  #wait(predicate: () => boolean, options: WaitOptions): Promise<boolean> {
    const subscribe = (changed: () => void): (() => void) => {
      this.#onChange.add(changed);
      return () => this.#onChange.delete(changed);
    };
    return waitFor(subscribe, predicate, options);
  }

  #changed(): void {
    for (const changed of [...this.#onChange]) changed();
  }
}
