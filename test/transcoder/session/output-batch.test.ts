import test, { type ExecutionContext } from 'ava';
import type { StreamInfo } from '#shared/ipc/control.ts';
import { packet } from '#test/helpers/ts-builder.ts';
import { waitFor } from '#test/helpers/wait-for.ts';
import { OutputBatch } from '#transcoder/session/output-batch.ts';

const VIDEO = packet({ pid: 0x101, payload: Buffer.alloc(184, 1) });
const AAC = packet({ pid: 0x102, payload: Buffer.alloc(184, 2) });
const ADDED = packet({ pid: 0x1e00, payload: Buffer.alloc(184, 3) });
const PASSED = packet({ pid: 0x103, payload: Buffer.alloc(184, 4) });

const INFO: StreamInfo = {
  program: 1,
  tracks: [
    { pid: 0x101, codec: 'h264', action: 'pass', addedPid: null, language: null, role: null },
    { pid: 0x102, codec: 'mpeg-audio', action: 'aac', addedPid: null, language: 'deu', role: 'main' },
    { pid: 0x103, codec: 'ac3', action: 'add', addedPid: 0x1e00, language: 'deu', role: 'main' },
  ],
};

/** A batch that has just written, so that the next packets may wait. */
function batch(t: ExecutionContext) {
  const written: Buffer[] = [];
  const listeners = new Set<() => void>();
  const output = new OutputBatch((bytes, from) => {
    written.push(Buffer.from(bytes.subarray(from)));
    bytes.fill(0xee, 0, from); // the room for a head may be written
    for (const listener of listeners) listener();
    return true;
  }, 8);
  output.setProgram(INFO);
  output.add(VIDEO);
  t.is(written.splice(0).length, 1, 'the first packets of all leave at once');
  t.teardown(() => output.flush());
  const next = (): Promise<Buffer> =>
    waitFor(
      (changed) => {
        listeners.add(changed);
        return () => listeners.delete(changed);
      },
      () => written[0],
      { what: 'something to be written', timeoutMs: 2_000 },
    );
  return { output, written, next };
}

for (const [name, sound] of [
  ['sound that took the place of other sound', AAC],
  ['sound that was added', ADDED],
] as const) {
  test(`other packets wait for ${name} and leave with it, in their order`, (t) => {
    const { output, written } = batch(t);
    output.add(VIDEO);
    output.add(PASSED);
    t.is(written.length, 0);
    output.add(sound);
    t.deepEqual(written, [Buffer.concat([VIDEO, PASSED, sound])]);
  });
}

test('without sound they leave all the same', async (t) => {
  const { output, next } = batch(t);
  output.add(VIDEO);
  output.add(VIDEO);
  t.deepEqual(await next(), Buffer.concat([VIDEO, VIDEO]));
});

test('much leaves at once', (t) => {
  const { output, written } = batch(t);
  const much = Buffer.concat(Array.from({ length: 200 }, () => VIDEO));
  output.add(VIDEO);
  output.add(much);
  t.deepEqual(written, [Buffer.concat([VIDEO, much])]);
});

test('a flush writes what waits, once', (t) => {
  const { output, written } = batch(t);
  output.add(VIDEO);
  output.flush();
  output.flush();
  t.deepEqual(written, [VIDEO]);
});

test('more than a frame holds is cut between packets and stays in order', (t) => {
  const { output, written } = batch(t);
  const much = Buffer.concat(
    Array.from({ length: 7_000 }, (_, n) => packet({ pid: 0x101, payload: Buffer.alloc(184, n) })),
  );
  output.add(VIDEO);
  output.add(much);
  t.true(written.length > 1);
  t.true(written.every((bytes) => bytes.length % 188 === 0 && bytes.length <= 1024 * 1024));
  t.deepEqual(Buffer.concat(written), Buffer.concat([VIDEO, much]));
});

test('memory that the writer keeps is not written again, memory it is done with is', (t) => {
  for (const isDone of [false, true]) {
    const seen: Buffer[] = [];
    const output = new OutputBatch((bytes) => {
      seen.push(bytes);
      return isDone;
    }, 8);
    output.setProgram(INFO);
    output.add(AAC);
    const first = Buffer.from(seen[0] as Buffer);
    output.add(ADDED);
    t.is(seen[0]?.buffer === seen[1]?.buffer, isDone);
    t.is((seen[0] as Buffer).equals(first), !isDone);
  }
});
