import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface SupervisedOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly restartMs: number;
  readonly onLine: (line: string) => void;
  readonly onRestart: (how: string) => void;
  /** It ends at once every time. */
  readonly onGivenUp: (error: Error) => void;
}

/** Node keeps what it compiled here: a process that is started again is there in half the time. */
const NODE_COMPILE_CACHE = join(import.meta.dirname, '..', '..', '.cache', 'node');
/** A child that ends this soon after its start will not do better the next time. */
const HOPELESS_MS = 2_000;
const HOPELESS_STARTS = 3;
/** Between SIGTERM and SIGKILL. */
const TERM_MS = 5_000;

/** One program that is started again when it dies, until `stop`. */
export class Supervised {
  readonly #options: SupervisedOptions;
  #child: ChildProcess | null = null;
  #stopped = false;
  #quickEnds = 0;
  readonly #waiting = new Set<{ pattern: RegExp; resolve: (line: string) => void; reject: (error: Error) => void }>();

  constructor(options: SupervisedOptions) {
    this.#options = options;
  }

  start(): void {
    const startedAt = Date.now();
    const child = spawn(this.#options.command, this.#options.args, {
      env: { NODE_COMPILE_CACHE, ...this.#options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // Ctrl-C reaches us alone: we stop the children in order
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.#onLine(line));
    }
    child.once('close', (code, signal) => this.#onClose(signal ?? `code ${code}`, Date.now() - startedAt));
  }

  /** The first line that matches. Rejects when the program is given up. */
  waitForLine(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => this.#waiting.add({ pattern, resolve, reject }));
  }

  /** Process id of the running program. @throws Error when it does not run. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.#options.name} does not run`);
    return pid;
  }

  /** Ends the running process without stopping the supervision. Gives its process id. */
  kill(signal: NodeJS.Signals): number {
    const { pid } = this;
    this.#child?.kill(signal);
    return pid;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), TERM_MS);
    await closed;
    clearTimeout(force);
  }

  #onLine(line: string): void {
    this.#options.onLine(line);
    for (const waiter of [...this.#waiting]) {
      if (!waiter.pattern.test(line)) continue;
      this.#waiting.delete(waiter);
      waiter.resolve(line);
    }
  }

  #onClose(how: string, livedMs: number): void {
    if (this.#stopped) return;
    this.#quickEnds = livedMs < HOPELESS_MS ? this.#quickEnds + 1 : 0;
    if (this.#quickEnds >= HOPELESS_STARTS) {
      const error = new Error(`${this.#options.name} ends at once (${how}); its last lines above say why`);
      for (const waiter of this.#waiting) waiter.reject(error);
      if (this.#waiting.size === 0) this.#options.onGivenUp(error);
      return;
    }
    this.#options.onRestart(how);
    setTimeout(() => {
      if (!this.#stopped) this.start();
    }, this.#options.restartMs);
  }
}
