import { errorMessage } from '#shared/errors.ts';
import type { Bouquet, ServiceEntry } from '../receiver/model.ts';
import { type BouquetSource, isFatal } from './bouquet-rows.ts';

/** What a receiver said when its lineup was read: enough to build the same lineup again without it. */
export interface ReceiverAnswers {
  readonly lists: { readonly tv: readonly Bouquet[]; readonly radio: readonly Bouquet[] };
  /** Rows by the reference of their bouquet or group of alternatives. */
  readonly services: ReadonlyMap<string, readonly ServiceEntry[]>;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** One reading of a receiver. What cannot be read now is as it was last time; all answers are kept for the next one. */
export class RememberedSource implements BouquetSource {
  readonly #source: BouquetSource;
  readonly #known: ReceiverAnswers | null;
  readonly #lists: { tv: readonly Bouquet[]; radio: readonly Bouquet[] } = { tv: [], radio: [] };
  readonly #services = new Map<string, readonly ServiceEntry[]>();
  readonly #names = new Map<string, string>();
  readonly #warnings: string[] = [];
  #fresh = 0;
  #firstFailure: unknown = null;

  constructor(source: BouquetSource, known: ReceiverAnswers | null) {
    this.#source = source;
    this.#known = known;
  }

  get answers(): ReceiverAnswers {
    return { lists: this.#lists, services: this.#services };
  }

  /** What is older than this reading, and why. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Set when nothing at all could be read: then it is the receiver that fails, and not one of its bouquets. */
  get failure(): unknown {
    return this.#fresh === 0 ? this.#firstFailure : null;
  }

  async bouquets(list: 'tv' | 'radio', options: CallOptions): Promise<Bouquet[]> {
    let bouquets: readonly Bouquet[];
    try {
      bouquets = await this.#source.bouquets(list, options);
    } catch (error) {
      const known = this.#known?.lists[list] ?? [];
      if (list === 'tv' || options.signal?.aborted === true || isFatal(error) || known.length === 0) throw error;
      this.#warnings.push(`The list of radio bouquets cannot be read (${errorMessage(error)}); it stays as it was`);
      bouquets = known;
    }
    this.#lists[list] = bouquets;
    for (const { ref, name } of bouquets) this.#names.set(ref, name);
    return [...bouquets];
  }

  async services(ref: string, options: CallOptions): Promise<ServiceEntry[]> {
    let entries: readonly ServiceEntry[];
    try {
      entries = await this.#source.services(ref, options);
      this.#fresh++;
    } catch (error) {
      const known = this.#known?.services.get(ref);
      if (options.signal?.aborted === true || isFatal(error) || known === undefined) throw error;
      this.#firstFailure ??= error;
      const name = this.#names.get(ref) ?? ref;
      this.#warnings.push(`"${name}" cannot be read (${errorMessage(error)}); its channels stay as they were`);
      entries = known;
    }
    this.#services.set(ref, entries);
    for (const entry of entries) this.#names.set(entry.ref, entry.name);
    return [...entries];
  }
}

/** The answers of a receiver as a source of their own: for a start before the receiver has answered. */
export function answersAsSource(answers: ReceiverAnswers): BouquetSource {
  return {
    bouquets: async (list) => [...answers.lists[list]],
    services: async (ref) => [...(answers.services.get(ref) ?? [])],
  };
}
