import type { Session } from '../server/session.ts';
import type { HtsMap } from '../wire/message.ts';
import type { Catalogue } from './catalogue.ts';
import { type DvrItem, dvrFields, itemNumber } from './dvr-fields.ts';
import { dvrItems } from './dvr-items.ts';

/** Tells one client of the receiver's timers and recordings, and of what becomes of them. */
export class DvrFeed {
  readonly #session: Session;
  readonly #catalogue: Catalogue;
  readonly #told = new Map<number, string>();
  #stop: (() => void) | null = null;

  constructor(session: Session, catalogue: Catalogue) {
    this.#session = session;
    this.#catalogue = catalogue;
  }

  start(): void {
    const { recordings } = this.#session.services;
    if (recordings === null) return;
    this.#stop = recordings.onChange(() => this.#tell());
    this.#tell();
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
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
