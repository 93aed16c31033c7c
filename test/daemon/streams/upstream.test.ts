import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { StreamTarget } from '#daemon/receiver/model.ts';
import { Upstream, type UpstreamTimeouts } from '#daemon/streams/upstream.ts';
import type { XgError } from '#shared/errors.ts';
import { nullPacket } from '#test/helpers/ts-builder.ts';
import { waitFor } from '#test/helpers/wait-for.ts';

const PATIENT: UpstreamTimeouts = { connectMs: 5_000, firstByteMs: 5_000, stallMs: 5_000 };
const OK = 'HTTP/1.0 200 OK\r\nConnection: Close\r\nContent-Type: video/mpeg\r\n\r\n';
const PACKETS = Buffer.concat([nullPacket(), nullPacket(), nullPacket()]);

interface Box {
  readonly port: number;
  /** What each read of a connection gave. */
  readonly reads: Buffer[];
  readonly sockets: Socket[];
}

/** A stream server that does as told with the first read of each connection. */
async function startBox(t: ExecutionContext, answer: (socket: Socket) => unknown): Promise<Box> {
  const reads: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined); // the client hangs up when it has seen enough
    socket.on('data', (bytes) => reads.push(bytes));
    socket.once('data', () => answer(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, reads, sockets };
}

class Recorder {
  readonly chunks: Buffer[] = [];
  readonly ends: (XgError | null)[] = [];
  #changed = (): void => undefined;

  readonly listener = {
    onBytes: (bytes: Buffer): void => {
      this.chunks.push(bytes);
      this.#changed();
    },
    onEnd: (error: XgError | null): void => {
      this.ends.push(error);
      this.#changed();
    },
  };

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  until(predicate: () => boolean, what: string): Promise<boolean> {
    return waitFor(
      (changed) => {
        this.#changed = changed;
        return () => {
          this.#changed = () => undefined;
        };
      },
      predicate,
      { what },
    );
  }

  /** The code with which it ended. */
  async end(): Promise<string | undefined> {
    await this.until(() => this.ends.length > 0, 'the end of the stream');
    return this.ends[0]?.code;
  }
}

function open(
  t: ExecutionContext,
  port: number,
  options: { timeouts?: Partial<UpstreamTimeouts>; target?: Partial<StreamTarget> } = {},
): { upstream: Upstream; recorder: Recorder } {
  const target: StreamTarget = {
    kind: 'e2-stream',
    scheme: 'http',
    host: '127.0.0.1',
    port,
    path: '/1:0:19:283D:3FB:1:C00000:0:0:0:',
    programHint: null,
    ...options.target,
  };
  const recorder = new Recorder();
  const upstream = new Upstream(target, recorder.listener, { ...PATIENT, ...options.timeouts });
  t.teardown(() => upstream.close());
  return { upstream, recorder };
}

test('the packets behind the header come through, and only they', async (t) => {
  const box = await startBox(t, (socket) => socket.write(Buffer.concat([Buffer.from(OK), PACKETS])));
  const { recorder } = open(t, box.port);
  await recorder.until(() => recorder.bytes.length >= PACKETS.length, 'the packets');
  t.deepEqual(recorder.bytes, PACKETS);
  t.deepEqual(recorder.ends, []);
});

test('a box that sends no header at all is understood', async (t) => {
  const box = await startBox(t, (socket) => socket.write(PACKETS));
  const { recorder } = open(t, box.port);
  await recorder.until(() => recorder.bytes.length >= PACKETS.length, 'the packets');
  t.deepEqual(recorder.bytes, PACKETS);
});

test('a header that comes byte by byte is understood, with the packets behind it whole', async (t) => {
  const box = await startBox(t, async (socket) => {
    for (const byte of Buffer.from(OK)) {
      socket.write(Buffer.from([byte]));
      await new Promise(setImmediate); // lets each byte go out on its own
    }
    socket.write(PACKETS);
  });
  const { recorder } = open(t, box.port);
  await recorder.until(() => recorder.bytes.length >= PACKETS.length, 'the packets');
  t.deepEqual(recorder.bytes, PACKETS);
});

test('the request goes out in one write below 512 bytes, the credentials right behind the request line', async (t) => {
  const box = await startBox(t, (socket) => socket.write(OK));
  open(t, box.port, { target: { user: 'root', pass: 'pässword:1' } });
  await waitFor(
    (changed) => {
      const timer = setInterval(changed, 5);
      return () => clearInterval(timer);
    },
    () => box.reads.length > 0,
    { what: 'the request' },
  );
  t.is(box.reads.length, 1);
  const request = box.reads[0] as Buffer;
  t.true(request.length < 512);
  const lines = request.toString('latin1').split('\r\n');
  t.is(lines[0], 'GET /1:0:19:283D:3FB:1:C00000:0:0:0: HTTP/1.0');
  t.is(lines[1], `Authorization: Basic ${Buffer.from('root:pässword:1').toString('base64')}`);
  t.deepEqual(lines.slice(-2), ['', '']);
});

test('without a login there is no Authorization line', async (t) => {
  const box = await startBox(t, (socket) => socket.end(Buffer.concat([Buffer.from(OK), PACKETS])));
  const { recorder } = open(t, box.port);
  await recorder.end();
  t.false(Buffer.concat(box.reads).toString('latin1').includes('Authorization'));
});

const PATHS: readonly (readonly [string, string])[] = [
  ['longer than the box reads', `/${'a'.repeat(600)}`],
  ['with a line break, which would end the request line', '/1:0:1:1:1:1:1:0:0:0:\r\nX: y'],
  ['with a blank', '/a b'],
];

for (const [what, path] of PATHS) {
  test(`a path ${what} is never sent`, async (t) => {
    const box = await startBox(t, () => undefined);
    const { recorder } = open(t, box.port, { target: { path } });
    t.is(await recorder.end(), 'UPSTREAM_BAD_URL');
    t.deepEqual(box.reads, []);
  });
}

const ENDINGS: readonly (readonly [string, (socket: Socket) => void, string])[] = [
  ['a login wanted', (socket) => socket.end('HTTP/1.0 401 Unauthorized\r\n\r\n'), 'UPSTREAM_AUTH'],
  ['200, then a text that no tuner is free', (socket) => socket.end(`${OK}HTTP/1.0 503 Busy\r\n\r\n`), 'NO_TUNER'],
  [
    '200, then that text on a connection left open',
    (socket) => socket.write(`${OK}HTTP/1.0 400 X\r\n\r\n`),
    'NO_TUNER',
  ],
  ['200, then not a byte', (socket) => socket.end(OK), 'TUNE_FAILED'],
  ['hung up on without a word', (socket) => socket.end(), 'TUNE_FAILED'],
  ['half a header', (socket) => socket.end('HTTP/1.0 20'), 'TUNE_FAILED'],
  ['packets, then the end', (socket) => socket.end(Buffer.concat([Buffer.from(OK), PACKETS])), 'UPSTREAM_CLOSED'],
];

for (const [what, answer, code] of ENDINGS) {
  test(`${what}: ends once, with ${code}`, async (t) => {
    const box = await startBox(t, answer);
    const { recorder, upstream } = open(t, box.port);
    t.is(await recorder.end(), code);
    upstream.close();
    t.is(recorder.ends.length, 1);
  });
}

test('a reset after packets is a closed stream, and says so', async (t) => {
  const box = await startBox(t, (socket) => socket.write(Buffer.concat([Buffer.from(OK), PACKETS])));
  const { recorder } = open(t, box.port);
  await recorder.until(() => recorder.chunks.length > 0, 'the packets');
  box.sockets[0]?.resetAndDestroy();
  t.is(await recorder.end(), 'UPSTREAM_CLOSED');
  t.regex(recorder.ends[0]?.message ?? '', /ECONNRESET/);
});

test('a channel that never tunes ends with TUNE_TIMEOUT, header or none', async (t) => {
  for (const answer of ['', OK, `${OK}HTTP/1.0 4`]) {
    const box = await startBox(t, (socket) => socket.write(answer));
    const { recorder } = open(t, box.port, { timeouts: { firstByteMs: 60 } });
    t.is(await recorder.end(), 'TUNE_TIMEOUT');
    t.deepEqual(recorder.chunks, []);
  }
});

test('a stream that stops is given up after the stall time, counted from its last byte', async (t) => {
  const stallMs = 300;
  let lastSentMs = 0;
  const box = await startBox(t, (socket) => {
    socket.write(Buffer.concat([Buffer.from(OK), PACKETS]));
    let left = 4; // longer than the stall time, in steps well below it
    const timer = setInterval(() => {
      socket.write(nullPacket());
      lastSentMs = performance.now();
      if (--left === 0) clearInterval(timer);
    }, stallMs / 3);
    t.teardown(() => clearInterval(timer));
  });
  const { recorder } = open(t, box.port, { timeouts: { stallMs } });
  t.is(await recorder.end(), 'UPSTREAM_STALLED');
  t.is(recorder.bytes.length, PACKETS.length + 4 * 188);
  t.true(performance.now() - lastSentMs >= stallMs - 5);
});

test('nobody listening: UPSTREAM_UNREACHABLE, with the address and what to look at', async (t) => {
  const box = await startBox(t, () => undefined);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  t.not(port, box.port);
  const { recorder } = open(t, port);
  t.is(await recorder.end(), 'UPSTREAM_UNREACHABLE');
  t.regex(recorder.ends[0]?.message ?? '', new RegExp(`127.0.0.1:${port} .*ECONNREFUSED`));
});

test('closing hangs up on the box at once, and no byte comes after', async (t) => {
  const box = await startBox(t, (socket) => socket.write(Buffer.concat([Buffer.from(OK), PACKETS])));
  const { recorder, upstream } = open(t, box.port);
  await recorder.until(() => recorder.chunks.length > 0, 'the packets');
  const socket = box.sockets[0] as Socket;
  const closed = once(socket, 'close');
  upstream.close();
  socket.write(PACKETS);
  await closed;
  t.deepEqual(recorder.ends, [null]);
  t.is(recorder.bytes.length, PACKETS.length);
});
