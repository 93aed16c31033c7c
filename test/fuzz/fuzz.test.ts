import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { loadCorpus } from './corpus.ts';
import { readCrasher } from './crasher.ts';
import { makeCase } from './fuzz-case.ts';
import { runCase } from './run-case.ts';
import { FuzzRunner, type RunSummary } from './runner.ts';
import { TARGETS as PLANTED } from './support/planted-targets.ts';
import { TARGETS } from './targets.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');

silenceFfmpegLog();

/** Far above what a case takes on a machine that has other things to do. */
const HANG_MS = 5_000;

async function run(t: ExecutionContext, targets: string, seed: number, cases: number): Promise<RunSummary> {
  const crasherFolder = await mkdtemp(join(tmpdir(), 'xg2g-crashers-'));
  t.teardown(() => rm(crasherFolder, { recursive: true }));
  const runner = new FuzzRunner({
    targets: join(import.meta.dirname, targets),
    seed,
    seconds: 100,
    cases,
    crasherFolder,
    say: () => undefined,
    hangMs: HANG_MS,
  });
  t.teardown(() => runner.stop());
  return await runner.run();
}

test('what once broke something does so no more', async (t) => {
  const names = (await readdir(FIXTURES)).filter((name) => name.endsWith('.crasher'));
  t.true(names.length > 0);
  for (const name of names) {
    const crasher = readCrasher(join(FIXTURES, name));
    const target = TARGETS.find((one) => one.name === crasher.target);
    if (target === undefined) t.fail(`${name}: no target ${crasher.target}`);
    else t.notThrows(() => runCase({ target, input: crasher.input }), name);
  }
});

test('the same seed gives the same cases, another seed gives others', (t) => {
  const corpus = loadCorpus();
  const cases = (seed: number) =>
    Array.from({ length: 20 }, (_, index) => {
      const { target, input } = makeCase(seed, index, corpus, TARGETS);
      return { target: target.name, ...input };
    });
  t.deepEqual(cases(1), cases(1));
  t.notDeepEqual(cases(1), cases(2));
});

test('broken expectations, a killed process and a hang are found, each with the case that it was', async (t) => {
  const seed = 11;
  const cases = 10;
  const { failures } = await run(t, 'support/planted-targets.ts', seed, cases);
  const corpus = loadCorpus();
  const faults = new Map<number, RegExp>([
    [0, /what must hold does not/],
    [1, /the process died: SIGSEGV/],
    [2, /hung for 5 s/],
  ]);
  const found = failures.map(({ index, failure, file }) => ({ index, failure, kept: readCrasher(file) }));
  const expected = Array.from({ length: cases }, (_, index) => ({ index, ...makeCase(seed, index, corpus, PLANTED) }))
    .map(({ index, input }) => ({ index, input, failure: faults.get(Number(input.options['fault'])) }))
    .filter(({ failure }) => failure !== undefined);
  t.is(new Set(expected.map(({ failure }) => failure)).size, 3, 'the seed plants one of each');
  t.deepEqual(
    found.map(({ index }) => index),
    expected.map(({ index }) => index),
  );
  for (const [place, { failure, kept }] of found.entries()) {
    t.regex(failure, expected[place]?.failure ?? /never/);
    t.deepEqual(kept.input, expected[place]?.input, 'the crasher is the case');
  }
});

test('a hundred cases through engine, parsers, schemas and settings', async (t) => {
  t.timeout(120_000);
  const summary = await run(t, 'targets.ts', 1, 100);
  t.deepEqual(summary.failures, []);
  t.is(summary.cases, 100);
  t.true(summary.bytesOut > 100_000, 'something came out');
});
