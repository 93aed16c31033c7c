import test from 'ava';
import { Ring } from '#daemon/streams/ring.ts';
import { XgError } from '#shared/errors.ts';
import { nullPacket } from '#test/helpers/ts-builder.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { Programme } from './support/programme.ts';

/** `count` packets, each filled with `fill`. */
function chunk(count: number, fill: number): Buffer {
  const bytes = Buffer.alloc(count * 188, fill);
  for (let at = 0; at < bytes.length; at += 188) nullPacket().copy(bytes, at, 0, 4);
  return bytes;
}

/** Everything from `position` to the end. */
function readAll(ring: Ring, position: number): Buffer {
  const parts: Buffer[] = [];
  let at = position;
  for (let bytes = ring.read(at); bytes !== null; bytes = ring.read(at)) {
    parts.push(bytes);
    at += bytes.length;
  }
  return Buffer.concat(parts);
}

test('what was appended is read back from any position', (t) => {
  const ring = new Ring();
  const chunks = [chunk(1, 1), chunk(5, 2), chunk(3, 3)];
  for (const part of chunks) ring.append(part);
  const all = Buffer.concat(chunks);
  for (let position = 0; position <= all.length; position += 47) {
    t.deepEqual(readAll(ring, position), all.subarray(position));
  }
  t.is(ring.read(all.length), null);
});

test('readers share one copy of what was appended, in pieces as large as they lie side by side', (t) => {
  const ring = new Ring();
  const part = chunk(2, 7);
  ring.append(part.subarray(0, 188));
  ring.append(part.subarray(188));
  const expected = Buffer.from(part);
  part.fill(0);
  t.deepEqual(ring.read(0), expected, 'the ring has its own');
  t.is(ring.read(0)?.buffer, ring.read(188)?.buffer);
});

test('who reads from the start of a packet gets whole packets, however much there is', (t) => {
  const ring = new Ring();
  ring.append(chunk(5_000, 1));
  let read = 0;
  for (let bytes = ring.read(0); bytes !== null; bytes = ring.read(read)) {
    t.is(bytes.length % 188, 0);
    read += bytes.length;
  }
  t.is(read, 5_000 * 188);
});

test('never more than the bound is kept, however long the stream runs', (t) => {
  const maxBytes = 160 * 188;
  const ring = new Ring({ maxBytes });
  const all: Buffer[] = [];
  for (let n = 0; n < 500; n++) {
    const part = chunk(1 + (n % 7), n & 0xff);
    all.push(part);
    ring.append(part);
    t.true(ring.end - ring.start <= maxBytes);
  }
  t.true(ring.end - ring.start > maxBytes - 17 * 188, 'no more is forgotten than has to be');
  t.deepEqual(readAll(ring, ring.start), Buffer.concat(all).subarray(ring.start));
});

test('what is older than the bound in time is forgotten, whatever its size', async (t) => {
  const ring = new Ring({ maxBytes: 160 * 188, maxMs: 50 });
  ring.append(chunk(30, 1));
  const since = performance.now();
  await eventually(() => performance.now() - since > 60, { what: 'the time to pass', everyMs: 5 });
  ring.append(chunk(1, 2));
  t.true(ring.start >= 20 * 188, `kept from ${ring.start}`);
});

test('of a push larger than the bound its end is kept', (t) => {
  const ring = new Ring({ maxBytes: 32 * 188 });
  const all = Buffer.concat([chunk(50, 1), chunk(50, 2)]);
  ring.append(all);
  t.true(ring.end - ring.start <= 32 * 188);
  t.deepEqual(readAll(ring, ring.start), all.subarray(ring.start));
});

test('memory goes round, but not what a reader has pinned', (t) => {
  const MAX = 2 * 1024 * 1024;
  const big = (fill: number): Buffer => chunk(700, fill); // a block's worth
  const ring = new Ring({ maxBytes: MAX });
  ring.append(big(1));
  const pinned = ring.read(0) as Buffer;
  const before = Buffer.from(pinned);
  const pin = ring.pin();
  pin.position = 0;
  for (let n = 2; n < 200; n++) ring.append(big(n));
  t.true(ring.start > pinned.length, 'forgotten');
  t.deepEqual(pinned, before, 'and still what it was');
  pin.position = null;
  const at = ring.start;
  const free = ring.read(at) as Buffer;
  const was = Buffer.from(free);
  for (let n = 0; n < 200; n++) ring.append(big(n));
  t.notDeepEqual(free, was, 'memory without a pin is used again');
  ring.unpin(pin);
});

test('access points that were forgotten with their bytes are no longer offered', (t) => {
  const programme = new Programme();
  const ring = new Ring({ maxBytes: 40 * 188 });
  ring.append(programme.tables().take());
  ring.append(programme.picture('key').take());
  const first = ring.oldestAccessPoint?.position;
  t.is(ring.newestAccessPoint?.position, first);
  while (ring.start <= (first ?? 0)) ring.append(programme.picture('other').take());
  t.is(ring.oldestAccessPoint, null);
  ring.append(programme.picture('key').take());
  t.true((ring.oldestAccessPoint?.position ?? -1) >= ring.start);
});

test('closing keeps what is there for who still reads, takes nothing more, and its first reason stands', (t) => {
  const ring = new Ring();
  let calls = 0;
  ring.subscribe(() => calls++);
  ring.append(chunk(1, 1));
  const first = new XgError('TUNE_FAILED', 'first');
  ring.close(first);
  ring.close(new XgError('OTHER', 'second'));
  ring.append(chunk(1, 2));
  t.is(ring.closed?.error, first);
  t.is(ring.end, 188);
  t.is(readAll(ring, 0).length, 188);
  t.is(calls, 2);
});

test('who subscribes from within a call hears of the next append only, so no append lasts for ever', (t) => {
  const ring = new Ring();
  let calls = 0;
  const again = (): void => {
    calls++;
    if (calls > 1_000) throw new Error('called for ever');
    unsubscribe();
    unsubscribe = ring.subscribe(again);
  };
  let unsubscribe = ring.subscribe(again);
  ring.append(chunk(1, 1));
  t.is(calls, 1);
  ring.append(chunk(1, 1));
  t.is(calls, 2);
  // The same with listeners that are new every time.
  let made = 0;
  const multiply = (): void => {
    if (++made > 1_000) throw new Error('called for ever');
    ring.subscribe(() => multiply());
  };
  ring.subscribe(multiply);
  ring.append(chunk(1, 1));
  t.is(made, 1);
});

test('a listener that another one unsubscribed in the same call is not called any more', (t) => {
  const ring = new Ring();
  const called: string[] = [];
  ring.subscribe(() => {
    called.push('first');
    stop();
  });
  const stop = ring.subscribe(() => called.push('second'));
  ring.append(chunk(1, 1));
  t.deepEqual(called, ['first']);
});

test('a crowd of patient listeners is told of several appends together, a few at once, others always at once', async (t) => {
  const ring = new Ring();
  const calls = { few: 0, crowd: 0, others: 0 };
  ring.subscribe(() => calls.others++);
  ring.subscribe(() => calls.few++, { mayWait: true });
  ring.append(chunk(1, 1));
  t.deepEqual(calls, { few: 1, crowd: 0, others: 1 });
  for (let n = 0; n < 200; n++) ring.subscribe(() => calls.crowd++, { mayWait: true });
  for (let n = 0; n < 5; n++) ring.append(chunk(1, n));
  t.deepEqual(calls, { few: 1, crowd: 0, others: 6 });
  await eventually(() => calls.crowd > 0, { what: 'the round', everyMs: 5 });
  t.deepEqual(calls, { few: 2, crowd: 200, others: 6 });
  ring.append(chunk(1, 1));
  ring.close(null);
  t.is(calls.crowd, 400, 'the end is told at once');
});

test('who joins gets half a second of the stream at once, where there is an access point for it', async (t) => {
  const ring = new Ring();
  const programme = new Programme();
  ring.append(programme.tables().picture('key').take());
  const first = ring.joinPoint;
  t.is(first, ring.newestAccessPoint, 'a young stream: whatever there is');
  const since = performance.now();
  await eventually(() => performance.now() - since > 550, { what: 'half a second' });
  ring.append(programme.picture('other').picture('key').take());
  t.not(ring.newestAccessPoint?.position, first?.position);
  t.is(ring.joinPoint?.position, first?.position);
});
