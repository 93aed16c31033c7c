import type { TimerClaim } from './box-picture.ts';
import type { BoxState, Collision, Lease, Refusal, RefusalReason, Revocation, TunerUse, TunerUser } from './state.ts';
import type { GrantReason } from './transition.ts';

/** The arbiter's decisions, for people. Texts begin in small letters where they are parts of sentences. */

export function refusalText(refusal: Refusal): string {
  const { service, boxes } = refusal;
  if (boxes.length === 0) return `No tuner for ${service.name}: no receiver has this channel`;
  const reasons = boxes.map(({ box, reason }) => refusalReasonText(box, reason));
  return `No tuner for ${service.name}: ${reasons.join('. ')}`;
}

function refusalReasonText(box: BoxState, reason: RefusalReason): string {
  switch (reason.kind) {
    case 'full':
      return `${tunersOf(box, reason.tuners)} in use: ${usesText(reason.uses)}`;
    case 'kept-free':
      return `the last free tuner of ${box.name} is kept for its television: ${usesText(reason.uses)}`;
    case 'no-such-tuner':
      return `${box.name} has no tuner for what this channel is broadcast over`;
    case 'lost':
      return `${box.name} does not answer (${reason.why})`;
  }
}

function tunersOf(box: BoxState, count: number): string {
  return count === 1 ? `the one tuner of ${box.name} is` : `all ${count} tuners of ${box.name} are`;
}

/**
 * A refusal as lines to be shown: the heading, then who has the tuners of each box, one to a line, and until when where a
 * timer will end it. Empty lines part the boxes.
 */
export function refusalLines({ service, boxes }: Refusal): string[] {
  if (boxes.length === 0) return [`No tuner for ${service.name}`, 'No receiver has this channel.'];
  const perBox = boxes.map(({ box, reason }) => {
    const uses = reason.kind === 'full' || reason.kind === 'kept-free' ? reason.uses : [];
    const [head = ''] = refusalReasonText(box, reason).split(': ');
    return [
      `${capital(head)}${uses.length === 0 ? '.' : ':'}`,
      ...uses.map((use) => `– ${useText(use)}${untilText(use)}`),
    ];
  });
  return [
    `No free tuner for ${service.name}`,
    ...perBox.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])),
  ];
}

/** The timer that ends the first of the leases on a transponder. */
function untilText(use: TunerUse): string {
  const collisions = use.by.flatMap((user) => (user.kind === 'lease' ? (user.lease.collision ?? []) : []));
  const [first] = collisions.toSorted((one, other) => one.atMs - other.atMs);
  return first === undefined ? '' : `, until ${clockTime(first.timer.beginMs)} (${timerText(first.timer)})`;
}

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

export function usesText(uses: readonly TunerUse[]): string {
  const texts = uses.map(useText);
  return texts.length === 0 ? 'nothing' : texts.join('; ');
}

/** One transponder, and everybody on it. */
export function useText(use: TunerUse): string {
  return use.by.length === 0 ? 'something the receiver does not tell' : use.by.map(userText).join(', ');
}

function userText(user: TunerUser): string {
  switch (user.kind) {
    case 'television':
      return `the television shows ${user.service.name}`;
    case 'recording':
      return `${timerText(user.timer)} is recorded until ${clockTime(user.timer.endMs)}`;
    case 'timer':
      return `${timerText(user.timer)} begins at ${clockTime(user.timer.beginMs)}`;
    case 'other-stream':
      return `another client of the receiver streams ${user.service.name}`;
    case 'lease':
      return leaseText(user.lease);
  }
}

export function leaseText(lease: Pick<Lease, 'service' | 'viewers'>): string {
  const [first, ...others] = lease.viewers;
  if (first === undefined) return `${lease.service.name} has just been left`;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${lease.service.name} is watched by ${first.name}${more}`;
}

export function revocationText(lease: Pick<Lease, 'service'>, why: Revocation): string {
  const what = `The tuner of ${lease.service.name} was taken away`;
  switch (why.cause) {
    case 'timer':
      return `${what}: ${timerText(why.timer)} begins at ${clockTime(why.timer.beginMs)}`;
    case 'television':
      return `${what}: the television in the living room needs it for ${why.service.name}`;
    case 'viewer':
      return `${what}: ${why.who} wants ${why.service.name} (${why.class})`;
  }
}

export function collisionText(collision: Collision): string {
  return `${timerText(collision.timer)} needs the tuner at ${clockTime(collision.timer.beginMs)}`;
}

export function grantText(why: GrantReason): string {
  switch (why) {
    case 'no-tuner-needed':
      return 'it is no broadcast and needs no tuner';
    case 'shared':
      return 'its transponder is received already, so it costs no further tuner';
    case 'free':
      return 'a tuner is free';
    case 'preempted':
      return 'somebody of lower rank gave way';
    case 'box-says-so':
      return 'by our count none is free, but the receiver says that it has one';
  }
}

function timerText(timer: TimerClaim): string {
  const kind = timer.zapOnly ? 'the zap timer' : 'the timer';
  return `${kind} "${timer.name}" on ${timer.service.name}`;
}

/** Hours and minutes, in this machine's time zone. */
export function clockTime(unixMs: number): string {
  const time = new Date(unixMs);
  return [time.getHours(), time.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
}
