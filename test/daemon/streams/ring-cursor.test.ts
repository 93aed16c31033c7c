import test from 'ava';
import { Ring } from '#daemon/streams/ring.ts';
import { RingCursor } from '#daemon/streams/ring-cursor.ts';
import {
  counterBreaks,
  firstMark,
  PMT_PID,
  Programme,
  packetsOf,
  VIDEO_PID,
  withoutMarks,
} from './support/programme.ts';

interface Drained {
  readonly bytes: Buffer;
  readonly skips: readonly number[];
  readonly last: 'wait' | 'end';
}

/** Reads until there is nothing more for now. */
function drain(cursor: RingCursor): Drained {
  const parts: Buffer[] = [];
  const skips: number[] = [];
  for (let reads = 0; reads < 10_000; reads++) {
    const read = cursor.next();
    if (read.kind === 'bytes') parts.push(read.bytes);
    else if (read.kind === 'skipped') skips.push(read.skippedBytes);
    else return { bytes: Buffer.concat(parts), skips, last: read.kind };
  }
  throw new Error('a cursor that never comes to rest');
}

test('joining: the tables first, then the stream from the newest access point, in unbroken counters', (t) => {
  const ring = new Ring();
  const programme = new Programme();
  ring.append(programme.tables().picture('key').sound().tables().take());
  ring.append(programme.picture('other').sound().tables().take());
  const key = programme.picture('key').sound().take();
  ring.append(key);
  ring.append(programme.tables().picture('other').tables().picture('other').take());

  const { bytes, skips, last } = drain(new RingCursor(ring));
  t.is(last, 'wait');
  t.deepEqual(skips, []);
  t.is(packetsOf(bytes.subarray(0, 188), 0).length, 1, 'the first packet is of the PAT');
  t.is(packetsOf(bytes.subarray(188, 376), PMT_PID).length, 1, 'the second of the PMT');
  t.deepEqual(bytes.subarray(376, 376 + key.length), key);
  t.deepEqual(counterBreaks(bytes), []);
});

test('two that join at the same time read the same bytes', (t) => {
  const ring = new Ring();
  const programme = new Programme();
  ring.append(programme.tables().picture('key').picture('other').take());
  const cursors = [new RingCursor(ring), new RingCursor(ring)];
  ring.append(programme.tables().picture('other').take());
  const [first, second] = cursors.map((cursor) => drain(cursor).bytes);
  t.deepEqual(first, second);
  t.true((first?.length ?? 0) > 0);
});

test('a young stream: tables go out as they come, pictures only from the first access point on', (t) => {
  const ring = new Ring();
  const programme = new Programme();
  ring.append(programme.tables().picture('other').sound().take());
  const cursor = new RingCursor(ring);
  const young = drain(cursor);
  t.is(young.last, 'wait');
  t.is(young.bytes.length, 2 * 188);
  t.is(packetsOf(young.bytes, VIDEO_PID).length, 0);

  ring.append(programme.picture('other').tables().sound().take());
  const later = drain(cursor);
  t.is(later.bytes.length, 2 * 188);

  const before = programme.picture('other').tables().take();
  const key = programme.picture('key').sound().take();
  ring.append(Buffer.concat([before, key]));
  const last = drain(cursor);
  t.deepEqual(last.bytes.subarray(2 * 188), key);
  t.deepEqual(counterBreaks(Buffer.concat([young.bytes, later.bytes, last.bytes])), []);
});

test('a cursor on an empty stream waits, then starts as any other', (t) => {
  const ring = new Ring();
  const cursor = new RingCursor(ring);
  t.is(drain(cursor).last, 'wait');
  const stream = new Programme().tables().picture('key').take();
  ring.append(stream);
  t.deepEqual(drain(cursor).bytes, stream);
});

test('a stream without any access point is played as it is after 3 MiB', (t) => {
  const ring = new Ring();
  const programme = new Programme();
  ring.append(programme.tables().take());
  const cursor = new RingCursor(ring);
  t.is(drain(cursor).bytes.length, 2 * 188);
  let given = 0;
  let appended = 0;
  while (given === 0 && appended < 6 * 1024 * 1024) {
    const part = programme.picture('other', 60_000).take();
    appended += part.length;
    ring.append(part);
    given = drain(cursor).bytes.length;
  }
  t.true(appended > 3 * 1024 * 1024 && appended < 4 * 1024 * 1024, `after ${appended} bytes`);
  const next = programme.picture('other', 60_000).take();
  ring.append(next);
  t.deepEqual(drain(cursor).bytes, next);
});

test('a reader that was overrun goes on at the newest access point, tables first, and what it lost is counted', (t) => {
  const ring = new Ring({ maxBytes: 100 * 188 });
  const programme = new Programme();
  ring.append(programme.tables().picture('key').take());
  const cursor = new RingCursor(ring);
  drain(cursor);
  const stoppedAt = cursor.position;
  while (ring.start <= stoppedAt) ring.append(programme.tables().picture('other').take());
  const key = programme.picture('key').take();
  ring.append(key);
  const after = programme.picture('other').take();
  ring.append(after);

  const { bytes, skips } = drain(cursor);
  const resumedAt = ring.end - key.length - after.length;
  t.deepEqual(skips, [resumedAt - stoppedAt]);
  t.deepEqual(withoutMarks(bytes).subarray(2 * 188), Buffer.concat([key, after]));
  t.is(firstMark(bytes), 0, 'the stream itself says that something is missing');
  t.deepEqual(counterBreaks(bytes), []);
});

test('overrun before the tables of its access point went out: it takes those of the new one', (t) => {
  const ring = new Ring({ maxBytes: 20 * 188 });
  const programme = new Programme();
  ring.append(programme.tables().picture('key').take());
  const cursor = new RingCursor(ring); // never read
  while (ring.start === 0) ring.append(programme.picture('other').take());
  const key = programme.tables().picture('key').take();
  ring.append(key);
  const { bytes, skips } = drain(cursor);
  t.is(skips.length, 1);
  t.deepEqual(bytes, key);
});

test('overrun with no access point left: it goes on with the oldest that is there', (t) => {
  const ring = new Ring({ maxBytes: 20 * 188 });
  const programme = new Programme();
  ring.append(programme.tables().picture('key').take());
  const cursor = new RingCursor(ring);
  drain(cursor);
  for (let n = 0; n < 20; n++) ring.append(programme.picture('other').take());
  const { bytes, skips } = drain(cursor);
  t.is(skips.length, 1);
  const oldest = programme.picture('other').take().length;
  t.true(bytes.length > ring.end - ring.start - oldest, 'all but the rest of a picture whose start is gone');
});

test('the end comes after the last byte, joined late or not', (t) => {
  const ring = new Ring();
  const stream = new Programme().tables().picture('key').take();
  ring.append(stream);
  const early = new RingCursor(ring);
  ring.close(null);
  for (const cursor of [early, new RingCursor(ring)]) {
    const { bytes, last } = drain(cursor);
    t.deepEqual(bytes, stream);
    t.is(last, 'end');
  }
  const young = new Ring();
  const waiting = new RingCursor(young);
  young.close(null);
  t.is(drain(waiting).last, 'end');
});
