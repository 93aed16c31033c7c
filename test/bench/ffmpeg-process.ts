import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** ffmpeg doing the like to a stream: picture copied, all sound to AAC, as a transport stream to nobody. */
export function ffmpegArguments(input: string): string[] {
  const codecs = ['-c:v', 'copy', '-c:a', 'aac', '-b:a', '192k', '-ac', '2'];
  return ['-v', 'quiet', '-nostdin', '-i', input, '-map', '0:v', '-map', '0:a', ...codecs, '-f', 'mpegts'];
}

const START_MS = 20_000;

/** An ffmpeg that runs until it is stopped. */
export class FfmpegProcess {
  readonly #child: ChildProcess;

  constructor(input: string) {
    this.#child = spawn('ffmpeg', [...ffmpegArguments(input), 'pipe:1'], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#child.stdout?.resume();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when output comes: it has looked at its input by then. @throws Error when none comes. */
  async started(): Promise<void> {
    if (this.#child.stdout === null) throw new Error('ffmpeg has no output');
    const signal = AbortSignal.timeout(START_MS);
    const ended = once(this.#child, 'exit', { signal }).then(([code]) => {
      throw new Error(`ffmpeg ended at once with ${code}`);
    });
    await Promise.race([once(this.#child.stdout, 'data', { signal }), ended]);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
