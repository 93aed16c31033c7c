/** A client of HTSP with a codec of its own: what it says and understands was written from the protocol, not from ours. */
import { createHash } from 'node:crypto';
import { createConnection, type Socket } from 'node:net';

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
export type Fields = Record<string, any>;

export function encodeFields(fields: Fields | readonly unknown[]): Buffer {
  const entries = Array.isArray(fields) ? fields.map((value) => ['', value] as const) : Object.entries(fields);
  return Buffer.concat(entries.map(([name, value]) => encodeField(String(name), value)));
}

function encodeField(name: string, value: unknown): Buffer {
  const [type, data] = payloadOf(value);
  const head = Buffer.alloc(6);
  head[0] = type;
  head[1] = Buffer.byteLength(name);
  head.writeUInt32BE(data.length, 2);
  return Buffer.concat([head, Buffer.from(name), data]);
}

function payloadOf(value: unknown): [number, Buffer] {
  if (typeof value === 'number') {
    const all = Buffer.alloc(8);
    all.writeBigInt64LE(BigInt(value));
    let length = 8;
    while (length > 0 && all[length - 1] === 0) length--;
    return [2, all.subarray(0, length)];
  }
  if (typeof value === 'string') return [3, Buffer.from(value)];
  if (Buffer.isBuffer(value)) return [4, value];
  if (Array.isArray(value)) return [5, encodeFields(value)];
  return [1, encodeFields(value as Fields)];
}

export function encodeRequest(fields: Fields): Buffer {
  const body = encodeFields(fields);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

export function decodeFields(bytes: Buffer): Fields {
  const fields: Fields = {};
  each(bytes, (name, value) => {
    fields[name] = value;
  });
  return fields;
}

function each(bytes: Buffer, take: (name: string, value: unknown) => void): void {
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + 6 + bytes.readUInt8(at + 1);
    const end = nameEnd + bytes.readUInt32BE(at + 2);
    take(bytes.toString('utf8', at + 6, nameEnd), fieldValue(bytes.readUInt8(at), bytes.subarray(nameEnd, end)));
    at = end;
  }
}

function fieldValue(type: number, data: Buffer): unknown {
  if (type === 1) return decodeFields(data);
  if (type === 2) {
    const all = Buffer.alloc(8);
    data.copy(all);
    return Number(all.readBigInt64LE());
  }
  if (type === 3) return data.toString('utf8');
  if (type === 5) {
    const list: unknown[] = [];
    each(data, (_, value) => list.push(value));
    return list;
  }
  if (type === 6) return data.readDoubleLE();
  if (type === 7) return data.length > 0 && data[0] !== 0;
  return Buffer.from(data);
}

export class HtspClient {
  readonly socket: Socket;
  /** Everything that was no answer, oldest first. */
  readonly messages: Fields[] = [];
  readonly #answers = new Map<number, (fields: Fields) => void>();
  readonly #waiting = new Set<() => void>();
  #buffer: Buffer = Buffer.alloc(0);
  #seq = 0;
  isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isClosed = true;
      for (const wake of [...this.#waiting]) wake();
    });
  }

  static async connect(port: number, host = '127.0.0.1'): Promise<HtspClient> {
    const socket = createConnection({ port, host });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new HtspClient(socket);
  }

  ask(method: string, fields: Fields = {}, timeoutMs = 8_000): Promise<Fields> {
    const seq = ++this.#seq;
    this.socket.write(encodeRequest({ method, seq, ...fields }));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${method}`)), timeoutMs);
      this.#answers.set(seq, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
  }

  async hello(): Promise<Fields> {
    return this.ask('hello', { clientname: 'test', htspversion: 35 });
  }

  async login(username: string, password: string): Promise<Fields> {
    const { challenge } = await this.hello();
    const digest = createHash('sha1').update(password).update(challenge).digest();
    return this.ask('authenticate', { username, digest });
  }

  /** All messages up to the end of the first round. */
  async metadata(wishes: Fields = {}): Promise<Fields[]> {
    await this.ask('enableAsyncMetadata', wishes);
    await this.waitFor((message) => message['method'] === 'initialSyncCompleted');
    return this.messages;
  }

  /** The first message, of those that were kept or are to come, that is as wanted. */
  async waitFor(wanted: (message: Fields) => boolean, timeoutMs = 10_000): Promise<Fields> {
    const deadline = performance.now() + timeoutMs;
    for (let from = 0; ; ) {
      for (; from < this.messages.length; from++) {
        const message = this.messages[from] as Fields;
        if (wanted(message)) return message;
      }
      const left = deadline - performance.now();
      if (left <= 0 || this.isClosed) {
        const seen = [...new Set(this.messages.map((message) => message['method']))].join(', ');
        throw new Error(
          `waited in vain for a message; seen: ${seen}${this.isClosed ? '; the connection is closed' : ''}`,
        );
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(wake, left);
        const { add, delete: forget } = {
          add: this.#waiting.add.bind(this.#waiting),
          delete: this.#waiting.delete.bind(this.#waiting),
        };
        function wake(): void {
          clearTimeout(timer);
          forget(wake);
          resolve();
        }
        add(wake);
      });
    }
  }

  waitForMethod(method: string, timeoutMs?: number): Promise<Fields> {
    return this.waitFor((message) => message['method'] === method, timeoutMs);
  }

  packets(stream?: number): Fields[] {
    return this.messages.filter(
      (message) => message['method'] === 'muxpkt' && (stream === undefined || message['stream'] === stream),
    );
  }

  async waitForClose(timeoutMs = 5_000): Promise<void> {
    if (this.isClosed) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the connection stays open')), timeoutMs);
      this.socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  close(): void {
    this.socket.destroy();
  }

  #onData(bytes: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    while (this.#buffer.length >= 4) {
      const end = 4 + this.#buffer.readUInt32BE(0);
      if (this.#buffer.length < end) return;
      const message = decodeFields(this.#buffer.subarray(4, end));
      this.#buffer = this.#buffer.subarray(end);
      const answer = this.#answers.get(message['seq']);
      if (answer === undefined) this.messages.push(message);
      else {
        this.#answers.delete(message['seq']);
        answer(message);
      }
      for (const wake of [...this.#waiting]) wake();
    }
  }
}
