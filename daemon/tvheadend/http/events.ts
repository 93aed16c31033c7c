import { z } from 'zod';
import type { Programme } from '../../guide/programme.ts';
import type { GuideReader } from '../../guide/store.ts';
import { displayName } from '../../lineup/display-name.ts';
import type { Timer } from '../../recordings/recordings.ts';
import { type TvhChannel, type TvhChannels, tvhId } from '../ids.ts';
import { gridArguments } from './arguments.ts';
import { iconPath } from './channels.ts';
import { compare, type GridRow, matches, textMatcher } from './grid.ts';

/** `epg/events/grid` and its like. */

type Guide = Pick<GuideReader, 'programmes' | 'programme' | 'revision'>;

const seconds = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional();
const flag = z
  .string()
  .optional()
  .transform((value) => value === '1' || value === 'true');

export const eventArguments = gridArguments.omit({ list: true }).extend({
  /** UUID, number or name. */
  channel: z.string().max(200).optional(),
  channelTag: z.string().max(200).optional(),
  title: z.string().max(200).optional(),
  /** Looks for `title` in all texts. */
  fulltext: flag,
  new: flag,
  mode: z.string().max(16).optional(),
  /** As `code × 16 + kind`; a code alone stands for all of its kinds. */
  contentType: z.coerce.number().int().min(0).max(255).optional(),
  durationMin: seconds,
  durationMax: seconds,
});
export type EventArguments = z.output<typeof eventArguments>;

interface Event {
  readonly programme: Programme;
  readonly entry: TvhChannel;
}

export interface EventPage {
  readonly totalCount: number;
  readonly events: readonly Event[];
}

/** What is asked again and again: the whole guide in the order of time. Kept until guide or lineup change. */
export class EventIndex {
  readonly #guide: Guide;
  #sorted: { readonly revision: number; readonly channels: TvhChannels; readonly events: readonly Event[] } | null =
    null;

  constructor(guide: Guide) {
    this.#guide = guide;
  }

  page(channels: TvhChannels, args: EventArguments, nowSeconds: number): EventPage {
    const found = this.#candidates(channels, args, nowSeconds).filter(selector(args));
    const { sort } = args;
    const isSorted = sort === undefined || (sort === 'start' && args.dir === 1);
    const sorted = isSorted
      ? found
      : found
          .map((event) => ({ event, key: fieldOf(event, sort) }))
          .sort((left, right) => args.dir * compare(left.key, right.key))
          .map(({ event }) => event);
    return { totalCount: found.length, events: sorted.slice(args.start, args.start + args.limit) };
  }

  #candidates(channels: TvhChannels, args: EventArguments, nowSeconds: number): readonly Event[] {
    const only = channelsOf(channels, args);
    const window = args.mode === 'now' ? { fromSeconds: nowSeconds, toSeconds: nowSeconds + 1 } : undefined;
    if (only === null && window === undefined) return this.#all(channels);
    return this.#read(only ?? channels.all, window);
  }

  #all(channels: TvhChannels): readonly Event[] {
    const { revision } = this.#guide;
    if (this.#sorted?.revision !== revision || this.#sorted.channels !== channels) {
      this.#sorted = { revision, channels, events: this.#read(channels.all) };
    }
    return this.#sorted.events;
  }

  #read(entries: readonly TvhChannel[], window?: { fromSeconds: number; toSeconds: number }): Event[] {
    const events: Event[] = [];
    for (const entry of entries) {
      for (const programme of this.#guide.programmes(entry.channel.id, window)) events.push({ programme, entry });
    }
    return events.sort(
      (left, right) =>
        left.programme.startSeconds - right.programme.startSeconds ||
        left.entry.channel.number - right.entry.channel.number,
    );
  }
}

/** Null for all. */
function channelsOf(channels: TvhChannels, args: EventArguments): readonly TvhChannel[] | null {
  const { channel, channelTag } = args;
  if (channel !== undefined && channel !== '') {
    const entry = channels.byUuid(channel) ?? channels.byName(channel);
    return entry === null ? [] : [entry];
  }
  if (channelTag === undefined || channelTag === '') return null;
  const tag = channels.tagByUuid(channelTag) ?? channels.tagByName(channelTag);
  return tag === null ? [] : channels.withTag(tag);
}

function selector(args: EventArguments): (event: Event) => boolean {
  const isTitle = args.title === undefined || args.title === '' ? null : textMatcher(args.title);
  const { contentType, durationMin, durationMax } = args;
  return (event) => {
    const { programme } = event;
    const duration = programme.stopSeconds - programme.startSeconds;
    if (durationMin !== undefined && duration < durationMin) return false;
    if (durationMax !== undefined && durationMax > 0 && duration > durationMax) return false;
    if (args.new && !programme.details.isNew) return false;
    if (contentType !== undefined && contentType !== 0) {
      const isWholeCode = contentType % 16 === 0;
      if (isWholeCode ? programme.genreId >> 4 !== contentType >> 4 : programme.genreId !== contentType) return false;
    }
    if (isTitle !== null && !textsOf(programme, args.fulltext).some(isTitle)) return false;
    return args.filter.every((rule) => matches(fieldOf(event, rule.field), rule));
  };
}

function textsOf({ title, shortDescription, longDescription, details }: Programme, isAll: boolean): string[] {
  return isAll ? [title, shortDescription, longDescription, details.subtitle] : [title];
}

function fieldOf({ programme, entry }: Event, name: string): unknown {
  switch (name) {
    case 'start':
      return programme.startSeconds;
    case 'stop':
      return programme.stopSeconds;
    case 'duration':
      return programme.stopSeconds - programme.startSeconds;
    case 'channelNumber':
      return entry.channel.number;
    default:
      return eventRow({ programme, entry }, { next: null, timer: null })[name];
  }
}

export interface EventSurroundings {
  readonly next: Programme | null;
  readonly timer: Timer | null;
}

export function eventRow({ programme, entry }: Event, { next, timer }: EventSurroundings): GridRow {
  const { details } = programme;
  // What is not there is undefined, which JSON leaves out.
  return {
    eventId: programme.id,
    channelName: displayName(entry.channel.name),
    channelUuid: entry.id.uuid,
    channelNumber: String(entry.channel.number),
    channelIcon: iconPath(entry),
    start: programme.startSeconds,
    stop: programme.stopSeconds,
    title: programme.title,
    subtitle: details.subtitle || undefined,
    summary: programme.shortDescription || undefined,
    description: programme.longDescription || undefined,
    image: details.imageUrl ?? undefined,
    genre: programme.genreId === 0 ? undefined : [programme.genreId],
    category: details.categories.length === 0 ? undefined : details.categories,
    credits:
      details.credits.length === 0
        ? undefined
        : Object.fromEntries(details.credits.map(({ name, role }) => [name, role])),
    starRating: details.starRating === null ? undefined : Math.round(details.starRating * 10),
    ageRating: details.ageRating ?? undefined,
    copyright_year: details.year ?? undefined,
    seasonNumber: details.season ?? undefined,
    episodeNumber: details.episode ?? undefined,
    episodeCount: details.episodeCount ?? undefined,
    episodeOnscreen: onscreen(details.season, details.episode),
    hd: entry.channel.definition === 'sd' || entry.channel.definition === null ? undefined : 1,
    new: details.isNew ? 1 : undefined,
    repeat: details.repeat ? 1 : undefined,
    nextEventId: next?.id,
    dvrUuid: timer === null ? undefined : tvhId('timer', timer.id).uuid,
    dvrState: timer === null ? undefined : timer.state === 'running' ? 'recording' : 'scheduled',
  };
}

function onscreen(season: number | null, episode: number | null): string | undefined {
  const two = (letter: string, number: number | null): string =>
    number === null ? '' : `${letter}${String(number).padStart(2, '0')}`;
  return [two('s', season), two('e', episode)].filter((part) => part !== '').join('.') || undefined;
}

/** The rows of a page one by one: a client may ask for the whole guide at once. */
export function* eventRows(guide: Guide, events: readonly Event[], timers: readonly Timer[]): Generator<GridRow> {
  const byEvent = new Map<string, Timer>();
  for (const timer of timers) {
    if (timer.eventId !== null && timer.state !== 'ended') byEvent.set(`${timer.channelId} ${timer.eventId}`, timer);
  }
  const nextOf = followers(guide, events);
  for (const event of events) {
    const { channelId, eventId } = event.programme;
    yield eventRow(event, { next: nextOf(event.programme), timer: byEvent.get(`${channelId} ${eventId}`) ?? null });
  }
}

/** From so many events of one channel on its whole list is read once. */
const MANY = 8;

/** What comes after a programme on its channel, without a gap. */
function followers(guide: Guide, events: readonly Event[]): (programme: Programme) => Programme | null {
  const counts = new Map<string, number>();
  for (const { entry } of events) counts.set(entry.channel.id, (counts.get(entry.channel.id) ?? 0) + 1);
  const lists = new Map<string, ReadonlyMap<number, Programme>>();
  return ({ channelId, stopSeconds }) => {
    if ((counts.get(channelId) ?? 0) < MANY) {
      const [next] = guide.programmes(channelId, { fromSeconds: stopSeconds, toSeconds: stopSeconds + 1 });
      return next ?? null;
    }
    let byStart = lists.get(channelId);
    if (byStart === undefined) {
      byStart = new Map([...guide.programmes(channelId)].map((programme) => [programme.startSeconds, programme]));
      lists.set(channelId, byStart);
    }
    return byStart.get(stopSeconds) ?? null;
  };
}

/** Spec: ETSI EN 300 468, 6.2.9, table 29, content_nibble_level_1. */
const CONTENT_TYPES: readonly (readonly [number, string])[] = [
  [0x10, 'Movie / Drama'],
  [0x20, 'News / Current affairs'],
  [0x30, 'Show / Game show'],
  [0x40, 'Sports'],
  [0x50, "Children's / Youth programs"],
  [0x60, 'Music / Ballet / Dance'],
  [0x70, 'Arts / Culture (without music)'],
  [0x80, 'Social / Political issues / Economics'],
  [0x90, 'Education / Science / Factual topics'],
  [0xa0, 'Leisure hobbies'],
];

export function contentTypes(): object {
  return { entries: CONTENT_TYPES.map(([key, val]) => ({ key, val })) };
}
