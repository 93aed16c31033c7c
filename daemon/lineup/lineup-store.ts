import { join } from 'node:path';
import { z } from 'zod';
import type { ReceiverAnswers } from './remembered-source.ts';
import { StateFile, type StateFileOptions } from './state-file.ts';

const bouquets = z.array(z.tuple([z.string(), z.string()])).max(2_000);
const rows = z.array(z.tuple([z.string(), z.string(), z.string().nullable()])).max(50_000);
const stored = z.object({
  address: z.string(),
  savedAtMs: z.number().int().positive(),
  tv: bouquets,
  radio: bouquets,
  services: z.array(z.tuple([z.string(), rows])).max(10_000),
});
const file = z.object({ version: z.literal(1), receivers: z.record(z.string(), z.unknown()) });

export interface StoredAnswers {
  readonly answers: ReceiverAnswers;
  /** When the receiver gave them. */
  readonly savedAtMs: number;
}

/** Where one receiver's answers are kept. */
export interface AnswerMemory {
  load(): StoredAnswers | null;
  save(stored: StoredAnswers): void;
}

/**
 * `lineup.json` in the data folder: what each receiver said last, so that a start needs none of them. Of another address
 * than a receiver has now it is not used.
 */
export class LineupStore {
  readonly #file: StateFile<typeof file>;
  readonly #onWarning: (text: string) => void;
  #receivers: Record<string, unknown> | null = null;

  constructor(options: {
    readonly dataFolder: string;
    readonly onWarning: (text: string) => void;
    readonly writeText?: StateFileOptions<typeof file>['writeText'];
  }) {
    const { dataFolder, onWarning, writeText } = options;
    this.#onWarning = onWarning;
    const path = join(dataFolder, 'lineup.json');
    this.#file = new StateFile({ path, schema: file, onWarning, ...(writeText === undefined ? {} : { writeText }) });
  }

  /** Why the last lineup is not on the disk; null while all is well. */
  get problem(): string | null {
    return this.#file.problem;
  }

  of(receiver: string, address: () => string): AnswerMemory {
    return {
      load: () => this.#load(receiver, address()),
      save: ({ answers, savedAtMs }) => {
        const entry: z.input<typeof stored> = {
          address: address(),
          savedAtMs,
          tv: answers.lists.tv.map(({ ref, name }) => [ref, name]),
          radio: answers.lists.radio.map(({ ref, name }) => [ref, name]),
          services: [...answers.services].map(([ref, entries]) => [
            ref,
            entries.map((row) => [row.ref, row.name, row.provider]),
          ]),
        };
        this.#receivers = { ...this.#all(), [receiver]: entry };
        void this.#file.write({ version: 1, receivers: this.#receivers });
      },
    };
  }

  #all(): Record<string, unknown> {
    this.#receivers ??= this.#file.read()?.receivers ?? {};
    return this.#receivers;
  }

  #load(receiver: string, address: string): StoredAnswers | null {
    const entry = this.#all()[receiver];
    if (entry === undefined) return null;
    const parsed = stored.safeParse(entry);
    if (!parsed.success) {
      this.#onWarning(
        `lineup.json: what it holds of ${receiver} cannot be used (${z.prettifyError(parsed.error).replace(/\s+/g, ' ').slice(0, 300)})`,
      );
      return null;
    }
    const { tv, radio, services, savedAtMs } = parsed.data;
    if (parsed.data.address !== address) return null;
    const list = (entries: readonly (readonly [string, string])[]) => entries.map(([ref, name]) => ({ ref, name }));
    return {
      savedAtMs,
      answers: {
        lists: { tv: list(tv), radio: list(radio) },
        services: new Map(
          services.map(([ref, entries]) => [
            ref,
            entries.map(([row, name, provider]) => ({ ref: row, name, provider })),
          ]),
        ),
      },
    };
  }
}
