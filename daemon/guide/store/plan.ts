import type { Programme } from '../programme.ts';
import { fitInto, keepStarts, tidySchedule } from '../schedule.ts';
import { writeDetails } from './rows.ts';

/** A programme as the store has it. */
export interface StoredProgramme {
  readonly programme: Programme;
  readonly source: number;
  /** As it is written; compared as text. */
  readonly details: string;
}

export interface PlannedProgramme {
  readonly programme: Programme;
  readonly details: string;
  /** What it was before, of the same id; null for a new one. */
  readonly before: StoredProgramme | null;
}

/** What has to be written so that the store holds what is wanted. Nothing in it where nothing changed. */
export interface WritePlan {
  readonly removed: readonly StoredProgramme[];
  /** Cut short by what is written. */
  readonly cut: readonly { readonly before: StoredProgramme; readonly stopSeconds: number }[];
  /** Other starts or stops: written together, first, so that no programme overlaps another in between. */
  readonly moved: readonly PlannedProgramme[];
  /** The same times, other texts. */
  readonly changed: readonly PlannedProgramme[];
  readonly added: readonly PlannedProgramme[];
}

export interface PlanOptions {
  readonly source: number;
  readonly wins: boolean;
  /** `all`: nothing else stays; `span`: what the source has between the first and the last; `overlap`: what they overlap. */
  readonly replace: 'all' | 'span' | 'overlap';
}

/** An event id is used again for another programme, but not within so short a time. */
const SAME_EVENT_SECONDS = 86_400;

/** `stored` is the whole channel by start. */
export function planWrite(
  stored: readonly StoredProgramme[],
  programmes: readonly Programme[],
  options: PlanOptions,
): WritePlan {
  const all = options.replace === 'all';
  const own = all ? stored : stored.filter(({ source }) => source === options.source);
  const others = all ? [] : stored.filter(({ source }) => source !== options.source);
  const steady = tidySchedule(
    keepStarts(
      tidySchedule(programmes.map(withWholeTexts)),
      own.map(({ programme }) => programme),
    ),
  );
  const wanted = options.wins
    ? steady
    : fitInto(
        steady,
        others.map(({ programme }) => programme),
      );
  const before = matchStored(wanted, own);
  const matched = new Set(before.values());
  const from = wanted[0]?.startSeconds ?? 0;
  const to = wanted.at(-1)?.stopSeconds ?? 0;
  const removed: StoredProgramme[] = [];
  const cut: { before: StoredProgramme; stopSeconds: number }[] = [];
  for (const one of stored) {
    if (matched.has(one)) continue;
    const { startSeconds, stopSeconds } = one.programme;
    const inSpan = startSeconds < to && stopSeconds > from;
    const next = inSpan ? firstOverlapping(wanted, one.programme) : undefined;
    const isOwn = all || one.source === options.source;
    if (all) removed.push(one);
    else if (inSpan && isOwn && options.replace === 'span' && startSeconds >= from) removed.push(one);
    else if (next !== undefined && next.startSeconds > startSeconds) {
      cut.push({ before: one, stopSeconds: next.startSeconds });
    } else if (next !== undefined) removed.push(one);
  }
  return { removed, cut, ...sortOut(wanted, before) };
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Half a character cannot be stored: it would come back as another one, and differ at every comparison. */
function withWholeTexts(programme: Programme): Programme {
  const { title, shortDescription, longDescription } = programme;
  if (title.isWellFormed() && shortDescription.isWellFormed() && longDescription.isWellFormed()) return programme;
  const whole = (text: string): string => text.replace(LONE_SURROGATE, '');
  return {
    ...programme,
    title: whole(title),
    shortDescription: whole(shortDescription),
    longDescription: whole(longDescription),
  };
}

function sortOut(
  wanted: readonly Programme[],
  before: ReadonlyMap<Programme, StoredProgramme>,
): Pick<WritePlan, 'moved' | 'changed' | 'added'> {
  const moved: PlannedProgramme[] = [];
  const changed: PlannedProgramme[] = [];
  const added: PlannedProgramme[] = [];
  for (const programme of wanted) {
    const old = before.get(programme) ?? null;
    const planned = { programme, details: writeDetails(programme.details), before: old };
    if (old === null) added.push(planned);
    else if (hasOtherTimes(old.programme, programme)) moved.push(planned);
    else if (hasOtherContent(old, planned)) changed.push(planned);
  }
  return { moved, changed, added };
}

function hasOtherTimes(left: Programme, right: Programme): boolean {
  return left.startSeconds !== right.startSeconds || left.stopSeconds !== right.stopSeconds;
}

function hasOtherContent(old: StoredProgramme, next: PlannedProgramme): boolean {
  return (
    old.details !== next.details ||
    hasOtherTexts(old.programme, next.programme) ||
    old.programme.eventId !== next.programme.eventId ||
    old.programme.genreId !== next.programme.genreId
  );
}

export function hasOtherTexts(left: Programme, right: Programme): boolean {
  return (
    left.title !== right.title ||
    left.shortDescription !== right.shortDescription ||
    left.longDescription !== right.longDescription
  );
}

/** By start first, then by event id. */
function matchStored(
  wanted: readonly Programme[],
  own: readonly StoredProgramme[],
): ReadonlyMap<Programme, StoredProgramme> {
  const byStart = new Map(own.map((one) => [one.programme.startSeconds, one]));
  const matches = new Map<Programme, StoredProgramme>();
  for (const programme of wanted) {
    const old = byStart.get(programme.startSeconds);
    if (old !== undefined) matches.set(programme, old);
  }
  const taken = new Set(matches.values());
  const byEvent = new Map(
    own.flatMap((one) =>
      one.programme.eventId === 0 || taken.has(one) ? [] : [[one.programme.eventId, one] as const],
    ),
  );
  for (const programme of wanted) {
    const old = matches.has(programme) ? undefined : byEvent.get(programme.eventId);
    if (old === undefined || taken.has(old)) continue;
    if (Math.abs(old.programme.startSeconds - programme.startSeconds) > SAME_EVENT_SECONDS) continue;
    matches.set(programme, old);
    taken.add(old);
  }
  return matches;
}

function firstOverlapping(schedule: readonly Programme[], one: Programme): Programme | undefined {
  let low = 0;
  let high = schedule.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((schedule[middle] as Programme).stopSeconds <= one.startSeconds) low = middle + 1;
    else high = middle;
  }
  const found = schedule[low];
  return found !== undefined && found.startSeconds < one.stopSeconds ? found : undefined;
}
