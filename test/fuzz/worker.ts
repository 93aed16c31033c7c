/**
 * The child process of a run: case after case, each noted in a file before it begins, so that the parent knows which one
 * was at work when the process died.
 */
import { openSync, writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { memory } from '../bench/processes.ts';
import { loadCorpus } from './corpus.ts';
import { loadTargets, makeCase } from './fuzz-case.ts';
import { runCase } from './run-case.ts';

export interface WorkerOptions {
  readonly targets: string;
  readonly seed: number;
  readonly from: number;
  /** Case after the last; null runs until it is killed. */
  readonly to: number | null;
  readonly noteFile: string;
  readonly reportMs: number;
}

export type WorkerMessage =
  | { readonly kind: 'failure'; readonly index: number; readonly failure: string }
  | {
      readonly kind: 'report';
      /** Since the worker's last report. */
      readonly cases: number;
      readonly bytesIn: number;
      readonly bytesOut: number;
      /** The most so far: output by input, and CPU seconds of a case and by megabyte of input. */
      readonly ratio: number;
      readonly caseSeconds: number;
      readonly secondsPerMegabyte: number;
      readonly anonymousMb: number;
      readonly residentMb: number;
      /** V8's own part of it: heap and buffers. */
      readonly heapMb: number;
    };

/** Of small inputs the ratios say nothing. */
const MIN_RATIO_BYTES = 20_000;

/** The case at work, or null when the note is not there yet. */
export function parseNote(text: string): number | null {
  const match = /^(\d+)\n/.exec(text);
  return match?.[1] === undefined ? null : Number(match[1]);
}

async function work(options: WorkerOptions): Promise<void> {
  process.once('disconnect', () => process.exit(1)); // nobody is left to tell
  silenceFfmpegLog();
  const targets = await loadTargets(options.targets);
  const corpus = loadCorpus();
  const note = openSync(options.noteFile, 'w');
  const send = (message: WorkerMessage): void => void process.send?.(message);
  let sums = { cases: 0, bytesIn: 0, bytesOut: 0 };
  const most = { ratio: 0, caseSeconds: 0, secondsPerMegabyte: 0 };
  let reportedAt = performance.now();
  const report = async (): Promise<void> => {
    // Twice: buffers are freed in the background after the first.
    globalThis.gc?.();
    await nextTurn();
    globalThis.gc?.();
    await nextTurn();
    const { heapTotal, external } = process.memoryUsage();
    const heapMb = (heapTotal + external) / 2 ** 20;
    send({ kind: 'report', ...sums, ...most, ...memory(process.pid), heapMb });
    sums = { cases: 0, bytesIn: 0, bytesOut: 0 };
    reportedAt = performance.now();
    await nextTurn();
  };
  for (let index = options.from; index !== options.to; index++) {
    writeSync(note, `${index}\n`, 0);
    try {
      const fuzzCase = makeCase(options.seed, index, corpus, targets);
      const { bytesOut, cpuSeconds } = runCase(fuzzCase);
      const bytesIn = fuzzCase.input.bytes.length;
      sums.cases++;
      sums.bytesIn += bytesIn;
      sums.bytesOut += bytesOut;
      most.caseSeconds = Math.max(most.caseSeconds, cpuSeconds);
      if (bytesIn >= MIN_RATIO_BYTES) {
        most.ratio = Math.max(most.ratio, bytesOut / bytesIn);
        most.secondsPerMegabyte = Math.max(most.secondsPerMegabyte, (cpuSeconds * 1e6) / bytesIn);
      }
    } catch (error) {
      send({
        kind: 'failure',
        index,
        failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      await nextTurn();
    }
    if (performance.now() - reportedAt > options.reportMs) await report();
  }
  await report();
  process.exit(0);
}

if (process.argv[2] !== undefined && process.send !== undefined) {
  await work(JSON.parse(process.argv[2]) as WorkerOptions);
}
