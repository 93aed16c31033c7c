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

test('readers share the memory that was appended', (t) => {
  const ring = new Ring();
  const part = chunk(2, 7);
  ring.append(part);
  t.is(ring.read(0), part);
  t.is(ring.read(188)?.buffer, part.buffer);
});

test('pieces that lie behind each other in memory are read as one, from wherever a reader is', (t) => {
  const ring = new Ring({ maxBytes: 100 * 188 });
  const memory = chunk(60, 1);
  for (let packet = 0; packet < 60; packet++) memory.fill(packet, packet * 188 + 4, (packet + 1) * 188);
  ring.append(memory.subarray(0, 188));
  ring.append(memory.subarray(188, 188 * 21));
  t.is(ring.read(188 * 5)?.length, 188 * 16, 'up to the end so far');
  ring.append(memory.subarray(188 * 21, 188 * 60));
  t.is(ring.read(0)?.length, 188 * 60);
  t.is(ring.read(0)?.buffer, memory.buffer, 'nothing was copied');
  const apart = chunk(41, 2);
  ring.append(apart);
  t.is(ring.start, 188 * 60, 'one piece is forgotten at once');
  t.deepEqual(readAll(ring, ring.start), apart);
});

test('never more than the bound is kept, however long the stream runs', (t) => {
  const maxBytes = 100 * 188;
  const ring = new Ring({ maxBytes });
  for (let n = 0; n < 500; n++) {
    ring.append(chunk(1 + (n % 7), n & 0xff));
    t.true(ring.end - ring.start <= maxBytes);
  }
  t.true(ring.end - ring.start > maxBytes - 7 * 188, 'no more is forgotten than has to be');
  t.is(readAll(ring, ring.start).length, ring.end - ring.start);
});

test('a single push larger than the bound is kept whole until the next', (t) => {
  const ring = new Ring({ maxBytes: 10 * 188 });
  ring.append(chunk(20, 1));
  t.is(readAll(ring, 0).length, 20 * 188);
  ring.append(chunk(1, 2));
  t.is(ring.start, 20 * 188);
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

test('closing keeps what is there for reading, takes nothing more, and its first reason stands', (t) => {
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

test('pieces that lie side by side in memory are read as one, without being copied', (t) => {
  const ring = new Ring();
  const all = chunk(6, 9);
  for (let at = 0; at < all.length; at += 188) ring.append(all.subarray(at, at + 188));
  t.is(ring.read(0)?.length, all.length);
  t.is(ring.read(188)?.buffer, all.buffer);
  t.deepEqual(readAll(ring, 0), all);
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
