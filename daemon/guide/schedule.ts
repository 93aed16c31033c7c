import type { Programme } from './programme.ts';

/** A gap as short as this is the rounding of a broadcaster's lengths, and no time without a programme. */
export const SMALL_GAP_SECONDS = 120;
/**
 * An event whose start moves by no more than this keeps its old start: clients know a programme by channel and start,
 * and a broadcaster that corrects 20:15:00 to 20:15:20 would cost them their timers.
 */
export const STEADY_START_SECONDS = 120;

/**
 * By start, one programme per start, none running into the next, small gaps closed: clients want a schedule. Of two with
 * the same start the first one counts.
 */
export function tidySchedule(programmes: readonly Programme[]): Programme[] {
  const sorted = programmes
    .filter((programme) => programme.stopSeconds > programme.startSeconds)
    .sort((left, right) => left.startSeconds - right.startSeconds);
  const tidied: Programme[] = [];
  for (const programme of sorted) {
    const previous = tidied.at(-1);
    if (previous?.startSeconds === programme.startSeconds) continue;
    if (previous !== undefined && isOutOfJoint(previous.stopSeconds, programme.startSeconds)) {
      tidied[tidied.length - 1] = { ...previous, stopSeconds: programme.startSeconds };
    }
    tidied.push(programme);
  }
  return tidied;
}

function isOutOfJoint(stopSeconds: number, nextStartSeconds: number): boolean {
  return stopSeconds !== nextStartSeconds && stopSeconds + SMALL_GAP_SECONDS >= nextStartSeconds;
}

/** Gives events whose start moved a little the start they are known by. */
export function keepStarts(programmes: readonly Programme[], known: Iterable<Programme>): Programme[] {
  const knownStarts = new Map<number, number>();
  for (const { eventId, startSeconds } of known) if (eventId !== 0) knownStarts.set(eventId, startSeconds);
  const taken = new Set(programmes.map(({ startSeconds }) => startSeconds));
  return programmes.map((programme) => {
    const startSeconds = knownStarts.get(programme.eventId);
    if (startSeconds === undefined || startSeconds === programme.startSeconds) return programme;
    if (Math.abs(startSeconds - programme.startSeconds) > STEADY_START_SECONDS) return programme;
    if (taken.has(startSeconds) || startSeconds >= programme.stopSeconds) return programme;
    taken.add(startSeconds);
    return { ...programme, startSeconds };
  });
}

/**
 * What is left of programmes beside a schedule that has precedence: those that overlap it by less than half of their
 * length are cut, the others dropped.
 */
export function fitInto(programmes: readonly Programme[], fixed: readonly Programme[]): Programme[] {
  const fitted: Programme[] = [];
  let from = 0;
  for (const programme of programmes) {
    while (from < fixed.length && (fixed[from] as Programme).stopSeconds <= programme.startSeconds) from++;
    let { startSeconds, stopSeconds } = programme;
    for (let index = from; index < fixed.length; index++) {
      const other = fixed[index] as Programme;
      if (other.startSeconds >= stopSeconds) break;
      // Within the programme the longer side of it stays.
      if (other.startSeconds - startSeconds >= stopSeconds - other.stopSeconds) stopSeconds = other.startSeconds;
      else startSeconds = Math.max(startSeconds, other.stopSeconds);
    }
    if ((stopSeconds - startSeconds) * 2 > programme.stopSeconds - programme.startSeconds) {
      fitted.push({ ...programme, startSeconds, stopSeconds });
    }
  }
  return fitted;
}
