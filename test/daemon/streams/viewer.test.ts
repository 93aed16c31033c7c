import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { Ring } from '#daemon/streams/ring.ts';
import { Viewer } from '#daemon/streams/viewer.ts';
import { XgError } from '#shared/errors.ts';
import { waitFor } from '#test/helpers/wait-for.ts';
import { counterBreaks, PMT_PID, Programme, packetsOf } from './support/programme.ts';

class Listener {
  readonly skips: number[] = [];
  readonly closes: number[] = [];
  firstBytes = 0;
  onSkip(bytes: number): void {
    this.skips.push(bytes);
  }
  onFirstBytes(): void {
    this.firstBytes++;
  }
  onClose(sentBytes: number): void {
    this.closes.push(sentBytes);
  }
  get skipped(): number {
    return this.skips.reduce((sum, bytes) => sum + bytes, 0);
  }
}

interface Served {
  readonly viewer: Viewer;
  readonly listener: Listener;
  readonly client: Socket;
  /** What the client has read of the body so far. */
  body(): Buffer;
  untilBody(predicate: (body: Buffer) => boolean, what: string): Promise<unknown>;
}

/** A viewer of `ring` over HTTP, and a client that reads, or does not when `paused`. */
async function serve(t: ExecutionContext, ring: Ring, options: { paused?: boolean } = {}): Promise<Served> {
  const listener = new Listener();
  const viewer = new Viewer(ring, listener);
  const server = createServer((_request, response) => {
    response.useChunkedEncodingByDefault = false; // the body as it is, up to the end of the connection
    response.writeHead(200, { 'Content-Type': 'video/mp2t', Connection: 'close' });
    pipeline(viewer, response, () => undefined); // how it ended is the listener's to tell
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.teardown(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  const chunks: Buffer[] = [];
  client.on('error', () => undefined);
  client.on('data', (bytes) => chunks.push(bytes));
  const connected = once(server, 'request');
  client.write('GET / HTTP/1.0\r\n\r\n');
  if (options.paused === true) client.pause();
  await connected;
  const body = (): Buffer => {
    const all = Buffer.concat(chunks);
    const end = all.indexOf('\r\n\r\n');
    return end < 0 ? Buffer.alloc(0) : all.subarray(end + 4);
  };
  const untilBody = (predicate: (body: Buffer) => boolean, what: string): Promise<unknown> =>
    waitFor(
      (changed) => {
        client.on('data', changed).on('close', changed);
        return () => client.off('data', changed).off('close', changed);
      },
      () => predicate(body()),
      { what },
    );
  return { viewer, listener, client, body, untilBody };
}

test('a viewer gets the tables, the picture and what follows, live', async (t) => {
  const ring = new Ring();
  const programme = new Programme();
  const first = programme.tables().picture('key').take();
  ring.append(first);
  const { listener, untilBody, body } = await serve(t, ring);
  await untilBody((bytes) => bytes.length >= first.length, 'the first picture');
  const second = programme.picture('other').tables().take();
  ring.append(second);
  await untilBody((bytes) => bytes.length >= first.length + second.length, 'the second');
  t.deepEqual(body(), Buffer.concat([first, second]));
  t.is(listener.firstBytes, 1);
  t.deepEqual(listener.skips, []);
});

test('a viewer that does not read: memory stays bounded, the others go on, and it is told what it missed', async (t) => {
  const maxBytes = 1024 * 1024;
  const ring = new Ring({ maxBytes });
  const programme = new Programme();
  ring.append(programme.tables().picture('key').take());
  const slow = await serve(t, ring, { paused: true });
  const quick = await serve(t, ring);

  let written = ring.end;
  const chunkBytes = 60_000;
  for (let n = 0; n < 400; n++) {
    const part = programme
      .tables()
      .picture(n % 10 === 9 ? 'key' : 'other', chunkBytes)
      .take();
    ring.append(part);
    written += part.length;
    await quick.untilBody((bytes) => bytes.length === written, 'the quick viewer to keep up');
    t.true(slow.viewer.readableLength <= 256 * 1024 + 2 * chunkBytes);
    t.true(ring.end - ring.start <= maxBytes);
  }
  t.true(written > 20 * maxBytes);
  t.deepEqual(quick.listener.skips, []);
  t.deepEqual(slow.listener.skips, [], 'the slow one has not asked for more yet');
  t.deepEqual(counterBreaks(quick.body()), []);

  slow.client.resume();
  await waitFor(
    (changed) => {
      slow.client.on('data', changed);
      return () => slow.client.off('data', changed);
    },
    () =>
      slow.listener.skips.length > 0 &&
      slow.viewer.readableLength === 0 &&
      slow.body().length === slow.viewer.sentBytes,
    { what: 'the slow viewer to catch up' },
  );
  t.is(slow.listener.skips.length, 1);
  const tables = 2 * 188; // sent again where it went on
  t.is(slow.viewer.sentBytes + slow.listener.skipped - tables, written);
  t.true(slow.listener.skipped > 10 * maxBytes);

  // Where the counters break, a PAT and a PMT come first.
  const body = slow.body();
  const before = body.length - (ring.end - (ring.newestAccessPoint?.position ?? 0)) - tables;
  t.is(packetsOf(body.subarray(before, before + 188), 0).length, 1);
  t.is(packetsOf(body.subarray(before + 188, before + 376), PMT_PID).length, 1);
  t.deepEqual(counterBreaks(body.subarray(before)), []);
});

test('a client that hangs up ends its viewer once, and the ring forgets it', async (t) => {
  const ring = new Ring();
  const programme = new Programme();
  ring.append(programme.tables().picture('key').take());
  const { viewer, listener, client, untilBody } = await serve(t, ring);
  await untilBody((bytes) => bytes.length > 0, 'the first bytes');
  const closed = once(viewer, 'close');
  client.destroy();
  await closed.catch(() => undefined); // a premature close is an error to the pipeline, not to us
  t.is(listener.closes.length, 1);
  const sent = viewer.sentBytes;
  ring.append(programme.picture('other').take());
  t.is(viewer.sentBytes, sent);
});

test('the end of the stream ends the body, after its last byte', async (t) => {
  const ring = new Ring();
  const stream = new Programme().tables().picture('key').take();
  ring.append(stream);
  const { client, body, listener } = await serve(t, ring);
  ring.close(new XgError('UPSTREAM_CLOSED', 'the box went away'));
  await once(client, 'close');
  t.deepEqual(body(), stream);
  t.deepEqual(listener.closes, [stream.length]);
});
