import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { waitFor } from './wait-for.ts';

/** The part of ava's `t` that is needed here. */
export interface TeardownOwner {
  teardown(clean: () => void | Promise<void>): void;
}

export interface ProgramOptions {
  readonly command: string;
  readonly args?: readonly string[];
  /** Added to the environment of the test; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** How long the program may take after SIGTERM before SIGKILL. Default 5,000. */
  readonly termMs?: number;
}

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What it took to end the program. */
export type StopRung = 'was-gone' | 'sigterm' | 'sigkill';

/** Lines kept for `waitForLine` and error texts; older ones are dropped. */
const MAX_LINES = 10_000;

/** What dies with this process, should the tests be ended before their teardown. */
const running = new Set<ChildProcess>();

function keepUntilExit(child: ChildProcess): void {
  if (running.size === 0 && !process.listeners('exit').includes(killRunning)) process.on('exit', killRunning);
  running.add(child);
}

function killRunning(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** A program under test: its output by line, its end, and no way to survive the test. */
export class Program {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #termMs: number;
  readonly #lines: string[] = [];
  #droppedLines = 0;
  readonly #onChange = new Set<() => void>();
  #exit: ProgramExit | null = null;
  #failure: Error | null = null;

  constructor(options: ProgramOptions) {
    this.#name = [options.command, ...(options.args ?? [])].join(' ');
    this.#termMs = options.termMs ?? 5_000;
    this.#child = spawn(options.command, options.args ?? [], {
      env: { ...process.env, ...options.env },
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    keepUntilExit(this.#child);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#addLine(line));
    }
    this.#child.once('error', (error) => {
      this.#failure = error;
      this.#changed();
    });
    // 'close' comes after the last line of both outputs, 'exit' may come before.
    this.#child.once('close', (code, signal) => {
      running.delete(this.#child);
      this.#exit = { code, signal };
      this.#changed();
    });
  }

  /** @throws Error when the program could not be started. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} did not start`);
    return this.#child.pid;
  }

  /** Standard output and standard error, in order of arrival. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** null while it runs. */
  get exit(): ProgramExit | null {
    return this.#exit;
  }

  /** Number of lines so far, to be passed as `from` when a later line is meant. */
  get lineCount(): number {
    return this.#droppedLines + this.#lines.length;
  }

  /**
   * The first line, from line number `from` on, that matches; those already written count.
   *
   * @throws Error when the program ends before, or after `timeoutMs` (default 30,000); both with its last lines.
   */
  async waitForLine(
    pattern: RegExp,
    options: { readonly from?: number; readonly timeoutMs?: number } = {},
  ): Promise<string> {
    let next = Math.max(0, (options.from ?? 0) - this.#droppedLines);
    const what = `the line ${pattern} of ${this.#name}`;
    const timeoutMs = options.timeoutMs ?? 30_000;
    return this.#wait(
      () => {
        for (; next < this.#lines.length; next++) {
          const line = this.#lines[next] as string;
          if (pattern.test(line)) return line;
        }
        this.#throwOnFailure();
        if (this.#exit !== null) throw new Error(`${this.#name} ended (${describe(this.#exit)}) before ${what}`);
        return null;
      },
      what,
      timeoutMs,
    );
  }

  /** @throws Error when it could not be started or does not end within `timeoutMs` (default 30,000). */
  async waitForExit(timeoutMs = 30_000): Promise<ProgramExit> {
    return this.#wait(
      () => {
        this.#throwOnFailure();
        return this.#exit;
      },
      `the end of ${this.#name}`,
      timeoutMs,
    );
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** SIGTERM, then SIGKILL after `termMs`. Tells which rung was needed. Never throws for a program that is gone. */
  async stop(): Promise<StopRung> {
    if (this.#exit !== null || this.#failure !== null) return 'was-gone';
    let rung: StopRung = 'sigterm';
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => {
      rung = 'sigkill';
      this.#child.kill('SIGKILL');
    }, this.#termMs);
    try {
      await this.waitForExit(this.#termMs + 10_000);
    } finally {
      clearTimeout(force);
    }
    return rung;
  }

  #wait<T>(predicate: () => T | null, what: string, timeoutMs: number): Promise<T> {
    const subscribe = (changed: () => void): (() => void) => {
      this.#onChange.add(changed);
      return () => this.#onChange.delete(changed);
    };
    return waitFor(subscribe, predicate, { what, timeoutMs }).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      const tail = this.#lines.slice(-20).map((line) => `  ${line}`);
      throw new Error([`${message}; its last lines:`, ...tail].join('\n'), { cause: error });
    });
  }

  #throwOnFailure(): void {
    if (this.#failure === null) return;
    throw new Error(`${this.#name} did not start: ${this.#failure.message}`, { cause: this.#failure });
  }

  #addLine(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > 2 * MAX_LINES) {
      this.#lines.splice(0, MAX_LINES);
      this.#droppedLines += MAX_LINES;
    }
    this.#changed();
  }

  #changed(): void {
    for (const changed of [...this.#onChange]) changed();
  }
}

function describe(exit: ProgramExit): string {
  return exit.signal ?? `code ${exit.code}`;
}

/** Starts a program that ends with the test at the latest. */
export function startProgram(t: TeardownOwner, options: ProgramOptions): Program {
  const program = new Program(options);
  t.teardown(async () => {
    await program.stop();
  });
  return program;
}

/** Waits for the end and checks how it came: an exit code, or a signal's name. */
export async function assertExit(
  program: Program,
  expected: number | NodeJS.Signals,
  timeoutMs = 30_000,
): Promise<void> {
  const exit = await program.waitForExit(timeoutMs);
  const actual = exit.signal ?? exit.code;
  if (actual === expected) return;
  throw new Error(
    `expected the end with ${expected}, got ${describe(exit)}; last lines:\n${program.lines.slice(-20).join('\n')}`,
  );
}
