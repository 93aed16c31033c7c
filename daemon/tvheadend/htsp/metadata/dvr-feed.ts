import { setTimeout as delay } from 'node:timers/promises';
import type { Session } from '../server/session.ts';
import type { HtsMap } from '../wire/message.ts';
import type { Catalogue } from './catalogue.ts';
import { type DvrItem, dvrFields, itemNumber } from './dvr-fields.ts';
import { dvrItems } from './dvr-items.ts';

/** How often the receiver is asked for its timers, while somebody is told of them; for recordings less. */
const ASK_MS = 60_000;
const FIRST_ASK_MS = 2_000;

/** Tells one client of the receiver's timers and recordings, and of what becomes of them. */
export class DvrFeed {
  readonly #session: Session;
  readonly #catalogue: Catalogue;
  readonly #told = new Map<number, string>();
  #stop: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(session: Session, catalogue: Catalogue) {
    this.#session = session;
    this.#catalogue = catalogue;
  }

  /** Tells what there is. What the receiver has not told lately it is asked for first, if that takes no long time. */
  async start(): Promise<void> {
    const { recordings } = this.#session.services;
    if (recordings === null) return;
    this.#stop = recordings.onChange(() => this.#tell());
    await Promise.race([this.#freshen(), delay(FIRST_ASK_MS, undefined, { ref: false })]);
    if (this.#stop === null) return;
    this.#tell();
    this.#timer = setInterval(() => void this.#freshen(), ASK_MS);
    this.#timer.unref();
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Clients are only told, and never ask. */
  async #freshen(): Promise<void> {
    const { recordings } = this.#session.services;
    await recordings?.freshen('timers', { maxAgeMs: ASK_MS });
    await recordings?.freshen('movies', { maxAgeMs: 5 * ASK_MS });
  }

  #tell(): void {
    const gone = new Set(this.#told.keys());
    for (const [id, fields] of dvrEntries(this.#session, this.#catalogue)) {
      gone.delete(id);
      const text = JSON.stringify(fields);
      const before = this.#told.get(id);
      if (before === text) continue;
      this.#told.set(id, text);
      this.#session.send(before === undefined ? 'dvrEntryAdd' : 'dvrEntryUpdate', fields);
    }
    for (const id of gone) {
      this.#told.delete(id);
      this.#session.send('dvrEntryDelete', { id });
    }
  }
}

/** All entries by number, with their fields. */
export function dvrEntries(session: Session, catalogue: Catalogue): Map<number, HtsMap> {
  const entries = new Map<number, HtsMap>();
  const { recordings, guide } = session.services;
  if (recordings === null) return entries;
  for (const item of dvrItems(recordings)) {
    const id = itemNumber(item);
    const { channelId } = item.kind === 'timer' ? item.timer : item.movie;
    const channel = channelId === null ? null : catalogue.channelNumber(channelId);
    entries.set(id, dvrFields(item, { id, channel, event: eventOf(item) }));
  }
  return entries;

  function eventOf(item: DvrItem): number | null {
    if (item.kind !== 'timer') return null;
    const { channelId, eventId, beginSeconds, endSeconds } = item.timer;
    if (channelId === null || eventId === null) return null;
    for (const programme of guide.programmes(channelId, { fromSeconds: beginSeconds, toSeconds: endSeconds })) {
      if (programme.eventId === eventId) return programme.id;
    }
    return null;
  }
}
