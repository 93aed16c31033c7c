import type { Bouquet, ServiceEntry } from '../receiver/model.ts';
import { parseServiceReference } from '../receiver/service-reference.ts';
import type { BouquetSource } from './bouquet-rows.ts';

/** How far a reading of the lineup is. `total` grows when bouquets are found within others. */
export interface ReadingProgress {
  /** Bouquets. */
  readonly done: number;
  readonly total: number;
  /** Entries that may become channels, each as often as it stands in a bouquet. */
  readonly channels: number;
}

/** A source that counts what is read from it. */
export class MeasuredSource implements BouquetSource {
  readonly #source: BouquetSource;
  #listed = 0;
  #done = 0;
  #channels = 0;
  /** Radio is asked for when TV has been read. */
  #lists = 0;

  constructor(source: BouquetSource) {
    this.#source = source;
  }

  get progress(): ReadingProgress {
    const listsToCome = Math.max(0, 2 - this.#lists);
    return { done: this.#done, total: Math.max(this.#listed, this.#done) + listsToCome, channels: this.#channels };
  }

  async bouquets(list: 'tv' | 'radio', options: { signal?: AbortSignal | undefined }): Promise<Bouquet[]> {
    const bouquets = await this.#source.bouquets(list, options);
    this.#lists++;
    this.#listed += bouquets.length;
    return bouquets;
  }

  async services(bouquetRef: string, options: { signal?: AbortSignal | undefined }): Promise<ServiceEntry[]> {
    const entries = await this.#source.services(bouquetRef, options);
    if (parseServiceReference(bouquetRef)?.kind !== 'bouquet') return entries; // a group of alternatives
    this.#done++;
    for (const { ref } of entries) {
      const kind = parseServiceReference(ref)?.kind;
      if (kind === 'dvb' || kind === 'iptv' || kind === 'alternatives') this.#channels++;
    }
    return entries;
  }
}
