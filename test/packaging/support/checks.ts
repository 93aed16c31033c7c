import { writeFile } from 'node:fs/promises';

/** Measured values by name, with their units in the name. */
export type Figures = Record<string, number | string | readonly number[]>;

/** Checks one after the other on one machine: each builds on what those before it left. */
export class Checks {
  readonly #label: string;
  readonly #figures: Figures = {};
  #passed = 0;
  #failed = 0;

  constructor(label: string) {
    this.#label = label;
  }

  /** A failure is reported and the next check goes on. */
  async check(title: string, body: () => Promise<void>): Promise<void> {
    const startedMs = performance.now();
    try {
      await body();
      this.#passed++;
      console.log(`ok - ${this.#label}: ${title} (${Math.round(performance.now() - startedMs)} ms)`);
    } catch (error) {
      this.#failed++;
      console.log(`not ok - ${this.#label}: ${title}`);
      console.log(String(error instanceof Error ? error.stack : error).replace(/^/gm, '    '));
    }
  }

  /** Keeps a measured value for the report. */
  figure(name: string, value: Figures[string]): void {
    this.#figures[name] = value;
  }

  /** Prints the figures and gives all. */
  end(): Result {
    for (const [name, value] of Object.entries(this.#figures)) console.log(`# ${this.#label}: ${name}: ${value}`);
    return { passed: this.#passed, failed: this.#failed, figures: this.#figures };
  }

  /** As `end`, for a process of its own: writes all to a file. Gives the exit code. */
  async finish(path: string): Promise<number> {
    const result = this.end();
    await writeFile(path, JSON.stringify(result, null, 2));
    return result.failed === 0 ? 0 : 1;
  }
}

export interface Result {
  readonly passed: number;
  readonly failed: number;
  readonly figures: Figures;
}
