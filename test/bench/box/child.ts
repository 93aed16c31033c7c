/** Helpers of the bench that run in processes of their own, so that they do not disturb what is measured. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A child that answers one message per message. */
export class BenchChild<Ask, Answer> {
  readonly #child: ChildProcess;

  /** `script`: a file in this folder. */
  constructor(script: string, args: readonly string[]) {
    this.#child = fork(join(import.meta.dirname, script), args);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async ask(message: Ask): Promise<Answer> {
    const answer = once(this.#child, 'message');
    this.#child.send(message as object);
    return (await answer)[0] as Answer;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'exit');
    this.#child.disconnect();
    await closed;
  }
}

/** In the child: answers until the parent goes. */
export function answerParent<Ask, Answer>(answer: (message: Ask) => Answer | Promise<Answer>): void {
  process.on('message', async (message: Ask) => {
    process.send?.(await answer(message));
  });
  process.once('disconnect', () => process.exit(0));
}
