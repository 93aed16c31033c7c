import test from 'ava';
import { type PacedSegment, SegmentPacer } from '#daemon/streams/segment-pacer.ts';
import { eventually } from '#test/helpers/wait-for.ts';

const segment = (fill: number, seconds: number, discontinuity = false): PacedSegment => ({
  bytes: Buffer.alloc(10_000, fill),
  seconds,
  discontinuity,
});

function pacer() {
  const parts: { bytes: Buffer; atMs: number }[] = [];
  const breaksAt: number[] = [];
  const startedAt = performance.now();
  const made = new SegmentPacer({
    onBytes: (bytes) => parts.push({ bytes, atMs: performance.now() - startedAt }),
    onDiscontinuity: () => breaksAt.push(Buffer.concat(parts.map((part) => part.bytes)).length),
    onRoom: () => undefined,
  });
  return { pacer: made, parts, breaksAt, all: () => Buffer.concat(parts.map((part) => part.bytes)) };
}

test('the first segment comes at once, the next over its own time, byte for byte', async (t) => {
  const { pacer: made, parts, all } = pacer();
  t.teardown(() => made.close());
  made.push(segment(1, 10));
  t.is(all().length, 10_000);
  made.push(segment(2, 0.5));
  await eventually(() => all().length === 20_000, { what: 'the second segment', everyMs: 5 });
  t.deepEqual(all(), Buffer.concat([Buffer.alloc(10_000, 1), Buffer.alloc(10_000, 2)]));
  t.true((parts.at(-1)?.atMs ?? 0) >= 450, `${parts.at(-1)?.atMs} ms`);
  t.true(parts.length > 4, 'in parts');
  t.true(made.isEmpty);
});

test('a discontinuity is told of where it stands', async (t) => {
  const { pacer: made, breaksAt, all } = pacer();
  t.teardown(() => made.close());
  made.push(segment(1, 1));
  made.push(segment(2, 0.1));
  made.push(segment(3, 0.1, true));
  await eventually(() => all().length === 30_000, { what: 'all segments', everyMs: 5 });
  t.deepEqual(breaksAt, [20_000]);
});

test('it takes two segments beyond the one that it sends', async (t) => {
  const { pacer: made, all } = pacer();
  t.teardown(() => made.close());
  made.push(segment(1, 1));
  made.push(segment(2, 5));
  await eventually(() => all().length > 10_000, { what: 'the second to begin', everyMs: 5 });
  made.push(segment(3, 5));
  t.true(made.hasRoom);
  made.push(segment(4, 5));
  t.false(made.hasRoom);
});

test('closed, it sends nothing more', async (t) => {
  const { pacer: made, all } = pacer();
  made.push(segment(1, 1));
  made.push(segment(2, 0.2));
  made.close();
  const before = all().length;
  await eventually(() => true, { what: 'a moment', everyMs: 1 });
  t.is(all().length, before);
  t.true(made.isEmpty);
});
