import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCorpus } from './corpus.ts';
import { writeCrasher } from './crasher.ts';
import { loadTargets, makeCase } from './fuzz-case.ts';
import { parseNote, type WorkerMessage, type WorkerOptions } from './worker.ts';

export interface RunnerOptions {
  /** Module that exports TARGETS. */
  readonly targets: string;
  readonly seed: number;
  readonly seconds: number;
  /** Case after the last; null: as many as there is time for. */
  readonly cases: number | null;
  /** Where crashers go. */
  readonly crasherFolder: string;
  readonly say: (text: string) => void;
  readonly reportMs?: number;
  /** A case that runs longer, by the clock on the wall, hangs. */
  readonly hangMs?: number;
}

export interface RunnerFailure {
  readonly index: number;
  readonly target: string;
  readonly failure: string;
  readonly file: string;
}

export interface RunSummary {
  readonly cases: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly highestRatio: number;
  readonly longestCaseSeconds: number;
  readonly mostSecondsPerMegabyte: number;
  /** Anonymous memory at each report, and what it grew by over the second half of the run. */
  readonly memoryMb: readonly number[];
  readonly growthMb: number;
  readonly failures: readonly RunnerFailure[];
}

const REPORT_MS = 3_000;
const HANG_MS = 120_000;
/** For the worker to load captures and targets. */
const START_MS = 60_000;
/** Hands freed memory back, so that what grows is what is held. See mallopt(3). */
const STEADY_MALLOC = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
/** Enough to know that something is wrong. */
const MAX_FAILURES = 20;

/** Runs cases in a child process until time or cases are used up; a child that dies is replaced. */
export class FuzzRunner {
  readonly #options: RunnerOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'xg2g-fuzz-'));
  readonly #noteFile = join(this.#folder, 'case');
  readonly #failures: RunnerFailure[] = [];
  readonly #sums = { cases: 0, bytesIn: 0, bytesOut: 0 };
  readonly #most = { ratio: 0, caseSeconds: 0, secondsPerMegabyte: 0 };
  /** Of the worker that lived longest; memory of different processes cannot be compared. */
  #memoryMb: number[] = [];
  #child: ChildProcess | null = null;
  #stopped = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  async run(): Promise<RunSummary> {
    await mkdir(this.#options.crasherFolder, { recursive: true });
    const timer = setTimeout(() => this.stop(), this.#options.seconds * 1_000);
    try {
      let from = 0;
      while (!this.#stopped && from !== this.#options.cases && this.#failures.length < MAX_FAILURES) {
        from = (await this.#runWorker(from)) + 1;
      }
    } finally {
      clearTimeout(timer);
      rmSync(this.#folder, { recursive: true, force: true });
    }
    return {
      ...this.#sums,
      highestRatio: this.#most.ratio,
      longestCaseSeconds: this.#most.caseSeconds,
      mostSecondsPerMegabyte: this.#most.secondsPerMegabyte,
      memoryMb: this.#memoryMb,
      growthMb: growth(this.#memoryMb),
      failures: this.#failures,
    };
  }

  stop(): void {
    this.#stopped = true;
    this.#child?.kill('SIGKILL');
  }

  /** Runs one worker to its end and gives the case it ended with. */
  async #runWorker(from: number): Promise<number> {
    const { targets, seed, cases, hangMs = HANG_MS, reportMs = REPORT_MS } = this.#options;
    const worker: WorkerOptions = { targets, seed, from, to: cases, noteFile: this.#noteFile, reportMs };
    rmSync(this.#noteFile, { force: true });
    const child = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(worker)], {
      execArgv: ['--expose-gc'],
      env: { ...process.env, ...STEADY_MALLOC },
    });
    this.#child = child;
    const memoryMb: number[] = [];
    const pending: Promise<void>[] = [];
    child.on('message', (message: WorkerMessage) => {
      if (message.kind === 'failure') pending.push(this.#fail(message.index, message.failure));
      else this.#report(message, memoryMb);
    });
    // No case is at work before the worker has read what it makes them of: that may take its time.
    let last: { index: number | null; at: number } = { index: null, at: performance.now() };
    const isHanging = (): boolean =>
      performance.now() - last.at > (last.index === null ? Math.max(START_MS, hangMs) : hangMs);
    const watch = setInterval(
      () => {
        const index = this.#noted();
        if (index !== last.index) last = { index, at: performance.now() };
        else if (isHanging()) child.kill('SIGKILL');
      },
      Math.min(1_000, hangMs / 4),
    );
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    clearInterval(watch);
    const index = this.#noted() ?? from;
    if (memoryMb.length > this.#memoryMb.length) this.#memoryMb = memoryMb;
    if (code !== 0 && !this.#stopped) {
      pending.push(
        this.#fail(
          index,
          isHanging() ? `hung for ${hangMs / 1_000} s` : `the process died: ${signal ?? `code ${code}`}`,
        ),
      );
    }
    await Promise.all(pending);
    return index;
  }

  /** The case at work; null before the first. */
  #noted(): number | null {
    try {
      return parseNote(readFileSync(this.#noteFile, 'latin1'));
    } catch {
      return null; // not written yet
    }
  }

  #report(report: Extract<WorkerMessage, { kind: 'report' }>, memoryMb: number[]): void {
    for (const key of ['cases', 'bytesIn', 'bytesOut'] as const) this.#sums[key] += report[key];
    for (const key of ['ratio', 'caseSeconds', 'secondsPerMegabyte'] as const) {
      this.#most[key] = Math.max(this.#most[key], report[key]);
    }
    memoryMb.push(report.anonymousMb);
    const { cases, bytesIn } = this.#sums;
    const memory = `anonymous ${report.anonymousMb.toFixed(0)} MB (V8 ${report.heapMb.toFixed(0)}), resident ${report.residentMb.toFixed(0)} MB`;
    this.#options.say(
      `${cases} cases, ${(bytesIn / 1e6).toFixed(0)} MB in, ${memory}, ${this.#failures.length} failures`,
    );
  }

  async #fail(index: number, failure: string): Promise<void> {
    const { seed, crasherFolder, say } = this.#options;
    const { target, input } = makeCase(seed, index, loadCorpus(), await loadTargets(this.#options.targets));
    const file = join(crasherFolder, `${target.name}-${seed}-${index}.crasher`);
    writeCrasher(file, { target: target.name, input, seed, index, failure });
    this.#failures.push({ index, target: target.name, failure, file });
    say(`FAILURE in case ${index} (${target.name}): ${failure}\n  kept in ${file}`);
    if (this.#failures.length >= MAX_FAILURES) this.stop();
  }
}

/** By how much the middle of the last quarter lies over that of the third: until then the allocator finds its size. */
function growth(samples: readonly number[]): number {
  const quarter = Math.floor(samples.length / 4);
  if (quarter === 0) return 0;
  const middle = (from: number): number =>
    samples.slice(from, from + quarter).sort((a, b) => a - b)[Math.floor(quarter / 2)] ?? 0;
  return middle(samples.length - quarter) - middle(samples.length - 2 * quarter);
}
