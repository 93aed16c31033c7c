import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Ring } from '#daemon/streams/ring.ts';
import { Viewer, type ViewerEnd } from '#daemon/streams/viewer.ts';
import { XgError } from '#shared/errors.ts';
import { eventually, waitFor } from '#test/helpers/wait-for.ts';
import { counterBreaks, firstMark, PMT_PID, Programme, packetsOf } from './support/programme.ts';

class Listener {
  readonly skips: number[] = [];
  readonly closes: number[] = [];
  readonly ends: ViewerEnd[] = [];
  firstBytes = 0;
  onSkip(bytes: number): void {
    this.skips.push(bytes);
  }
  onFirstBytes(): void {
    this.firstBytes++;
  }
  onClose(sentBytes: number, end: ViewerEnd): void {
    this.closes.push(sentBytes);
    this.ends.push(end);
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
  /** Until it has so many bytes; they are not put together for it. */
  untilLength(bytes: number, what: string): Promise<unknown>;
}

/** A viewer of `ring` over HTTP, and a client that reads, or does not when `paused`. */
async function serve(
  t: ExecutionContext,
  ring: Ring,
  options: { paused?: boolean; stallMs?: number } = {},
): Promise<Served> {
  const listener = new Listener();
  const { promise, resolve } = Promise.withResolvers<Viewer>();
  const server = createServer((_request, response) => {
    response.useChunkedEncodingByDefault = false; // the body as it is, up to the end of the connection
    response.writeHead(200, { 'Content-Type': 'video/mp2t', Connection: 'close' });
    resolve(new Viewer({ ring, out: response, listener, stallMs: options.stallMs ?? 30_000 }));
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
  let received = 0;
  client.on('data', (bytes) => {
    chunks.push(bytes);
    received += bytes.length;
  });
  client.write('GET / HTTP/1.0\r\n\r\n');
  if (options.paused === true) client.pause();
  const viewer = await promise;
  const body = (): Buffer => {
    const all = Buffer.concat(chunks);
    const end = all.indexOf('\r\n\r\n');
    return end < 0 ? Buffer.alloc(0) : all.subarray(end + 4);
  };
  let headLength: number | null = null;
  const bodyLength = (): number => {
    if (headLength === null) {
      const end = Buffer.concat(chunks).indexOf('\r\n\r\n');
      if (end >= 0) headLength = end + 4;
    }
    return headLength === null ? 0 : received - headLength;
  };
  const until = (predicate: () => boolean, what: string): Promise<unknown> =>
    waitFor(
      (changed) => {
        client.on('data', changed).on('close', changed);
        return () => client.off('data', changed).off('close', changed);
      },
      predicate,
      { what },
    );
  return {
    viewer,
    listener,
    client,
    body,
    untilBody: (predicate, what) => until(() => predicate(body()), what),
    untilLength: (bytes, what) => until(() => bodyLength() >= bytes, what),
  };
}

test('a viewer gets the tables, the picture and what follows, live', async (t) => {
  const ring = new Ring();
  const programme = new Programme();
  const first = programme.tables().picture('key').take();
  ring.append(first);
  const { listener, untilLength, body } = await serve(t, ring);
  await untilLength(first.length, 'the first picture');
  const second = programme.picture('other').tables().take();
  ring.append(second);
  await untilLength(first.length + second.length, 'the second');
  t.deepEqual(body(), Buffer.concat([first, second]));
  t.is(listener.firstBytes, 1);
  t.deepEqual(listener.skips, []);
});

test.serial(
  'a viewer that does not read: memory stays bounded, the others go on, and it is told what it missed',
  async (t) => {
    const maxBytes = 1024 * 1024;
    const ring = new Ring({ maxBytes });
    const programme = new Programme();
    ring.append(programme.tables().picture('key').take());
    const slow = await serve(t, ring, { paused: true, stallMs: 600_000 });
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
      await quick.untilLength(written, 'the quick viewer to keep up');
      t.true(slow.viewer.pendingBytes <= 64 * 1024 + 2 * chunkBytes);
      t.true(ring.end - ring.start <= maxBytes);
    }
    t.true(written > 20 * maxBytes);
    t.deepEqual(quick.listener.skips, []);
    t.deepEqual(slow.listener.skips, [], 'the slow one has not asked for more yet');
    t.deepEqual(counterBreaks(quick.body()), []);

    slow.client.resume();
    await eventually(
      () =>
        slow.listener.skips.length > 0 &&
        slow.viewer.pendingBytes === 0 &&
        slow.body().length === slow.viewer.sentBytes,
      { what: 'the slow viewer to catch up', timeoutMs: 20_000 },
    );
    t.is(slow.listener.skips.length, 1);
    const tables = 4 * 188; // sent again where it went on, with a packet before each that announces the gap
    t.is(slow.viewer.sentBytes + slow.listener.skipped - tables, written);
    t.true(slow.listener.skipped > 10 * maxBytes);

    const body = slow.body();
    const before = firstMark(body) ?? -1;
    t.is(packetsOf(body.subarray(before, before + 376), 0).length, 2);
    t.is(packetsOf(body.subarray(before + 376, before + 752), PMT_PID).length, 2);
    t.deepEqual(counterBreaks(body), []);
  },
);

test('a client that hangs up ends its viewer once, and the ring forgets it', async (t) => {
  const ring = new Ring();
  const programme = new Programme();
  ring.append(programme.tables().picture('key').take());
  const { viewer, listener, client, untilLength } = await serve(t, ring);
  await untilLength(1, 'the first bytes');
  client.destroy();
  await eventually(() => listener.closes.length > 0, { what: 'the end of the viewer' });
  t.deepEqual(listener.ends, ['client']);
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
  t.deepEqual(listener.ends, ['stream']);
});

test.serial('a viewer that takes nothing for too long is dropped', async (t) => {
  const ring = new Ring({ maxBytes: 1024 * 1024 });
  const programme = new Programme();
  ring.append(programme.tables().picture('key').take());
  const { listener, viewer } = await serve(t, ring, { paused: true, stallMs: 200 });
  const part = programme.tables().picture('key', 300_000).take();
  await eventually(
    () => {
      ring.append(part);
      return listener.ends.length > 0;
    },
    { what: 'it to be dropped', everyMs: 10 },
  );
  t.deepEqual(listener.ends, ['stalled']);
  const sent = viewer.sentBytes;
  ring.append(programme.picture('key').take());
  t.is(viewer.sentBytes, sent);
});

test.serial('a viewer that takes little, but something, stays', async (t) => {
  const ring = new Ring({ maxBytes: 1024 * 1024 });
  const programme = new Programme();
  ring.append(programme.tables().picture('key').take());
  const { listener, client } = await serve(t, ring, { paused: true, stallMs: 3_000 });
  const part = programme.tables().picture('key', 300_000).take();
  client.on('data', () => client.pause()); // a piece per round
  await eventually(
    () => {
      ring.append(part);
      client.resume();
      return listener.skips.length >= 3;
    },
    { what: 'it to have missed something three times', everyMs: 10, timeoutMs: 20_000 },
  );
  t.deepEqual(listener.ends, []);
});

test('a viewer that goes on with another stream gets all of the first, and is told of the change', async (t) => {
  const first = new Ring();
  const second = new Ring();
  const one = new Programme();
  first.append(one.tables().picture('key').take());
  const { viewer, body, untilBody, listener } = await serve(t, first);
  const tail = one.picture('other').take();
  first.append(tail);
  second.append(new Programme().tables().sound().picture('key', 5_000).take());
  viewer.goOnWith(second);
  first.close(null);
  first.release();
  await untilBody((bytes) => packetsOf(bytes, PMT_PID).length >= 2, 'the tables of the second');
  const all = body();
  const markedAt = firstMark(all) ?? -1;
  t.true(markedAt >= first.end, 'the first is whole');
  t.deepEqual(counterBreaks(all), [], 'no break that is not announced');
  second.close(null);
  await eventually(() => listener.ends.length === 1, { what: 'the end of the second stream' });
  t.deepEqual(listener.ends, ['stream']);
});

test('one whose listener asks for it waits at the end of its stream for what comes next', async (t) => {
  const first = new Ring();
  first.append(new Programme().tables().picture('key').take());
  const { viewer, untilLength, listener } = await serve(t, first);
  let ends = 0;
  Object.assign(listener, {
    onStreamEnd: () => {
      ends++;
      return true;
    },
  });
  first.close(new XgError('TUNER_TAKEN', 'a timer'));
  t.is(ends, 1);
  t.deepEqual(listener.ends, []);
  const second = new Ring();
  second.append(new Programme().tables().picture('key', 9_000).take());
  viewer.goOnWith(second);
  await untilLength(9_001, 'the second stream');
  viewer.finish();
  await eventually(() => listener.ends.length === 1, { what: 'the end' });
  t.is(ends, 1);
});
