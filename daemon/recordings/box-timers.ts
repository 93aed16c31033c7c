import { XgError } from '#shared/errors.ts';
import type { RecordingCommand } from '../receiver/client.ts';
import type { BoxTimer, CommandResult } from '../receiver/model.ts';
import { parseServiceReference, requestReference } from '../receiver/service-reference.ts';
import type { RecordingReceiver } from './recording-receiver.ts';

/** The commands of OpenWebif about timers, with what they need to be told so that nothing of a timer is lost. */

export const MAX_TIMERS = 2_000;

/** A timer is known to a box by these. */
export interface TimerKey {
  readonly ref: string;
  readonly beginSeconds: number;
  readonly endSeconds: number;
}

export function isSameTimer(left: TimerKey, right: TimerKey): boolean {
  return (
    left.beginSeconds === right.beginSeconds &&
    left.endSeconds === right.endSeconds &&
    plainReference(left.ref) === plainReference(right.ref)
  );
}

/** Without the name that some images write behind it. */
export function plainReference(ref: string): string {
  const parsed = parseServiceReference(ref);
  return parsed === null ? ref : requestReference(parsed);
}

/** What is set anew; the rest of a timer stays as it was. */
export type TimerFields = Pick<BoxTimer, 'ref' | 'name' | 'beginSeconds' | 'endSeconds'> &
  Partial<
    Pick<
      BoxTimer,
      | 'description'
      | 'eventId'
      | 'disabled'
      | 'zapOnly'
      | 'repeatedDays'
      | 'afterEvent'
      | 'folder'
      | 'tags'
      | 'alwaysZap'
    >
  >;

export function timerQuery(fields: TimerFields): Record<string, string> {
  const flag = (value: boolean | undefined): string => (value === true ? '1' : '0');
  return {
    sRef: plainReference(fields.ref),
    begin: String(fields.beginSeconds),
    end: String(fields.endSeconds),
    name: fields.name,
    description: fields.description ?? '',
    disabled: flag(fields.disabled),
    justplay: flag(fields.zapOnly),
    afterevent: String(fields.afterEvent ?? 3),
    repeated: String(fields.repeatedDays ?? 0),
    always_zap: flag(fields.alwaysZap),
    ...(fields.folder === undefined || fields.folder === '' ? {} : { dirname: fields.folder }),
    ...(fields.tags === undefined || fields.tags === '' ? {} : { tags: fields.tags }),
    ...(fields.eventId === undefined || fields.eventId === null ? {} : { eit: String(fields.eventId) }),
  };
}

/** As `timerchange` wants the timer that it is about. */
export function oldTimerQuery(timer: BoxTimer): Record<string, string> {
  return { channelOld: timer.ref, beginOld: String(timer.beginSeconds), endOld: String(timer.endSeconds) };
}

/** @throws XgError `TIMER_CONFLICT` or `RECEIVER_REFUSED` with the box's own words; the receiver's error. */
export async function command(
  receiver: RecordingReceiver,
  name: RecordingCommand,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const result = await receiver.recordingCommand(name, query, { signal });
  if (!result.ok) throw refusal(receiver, result);
}

/** Images that name no timers in the way say so in a text, in the language of their owner. */
const CONFLICT_WORDS = /conflict|konflikt|conflit|conflitto/i;

function refusal(receiver: RecordingReceiver, { message, conflicts }: CommandResult): XgError {
  const words = message === '' ? 'it gives no reason' : message.slice(0, 500);
  const data = { receiver: receiver.address, message, conflicts };
  if (conflicts.length === 0 && !CONFLICT_WORDS.test(message)) {
    return new XgError('RECEIVER_REFUSED', `The receiver refuses: ${words}`, { data });
  }
  const others = conflicts
    .slice(0, 10)
    .map(({ name, serviceName }) => (serviceName === '' ? name : `${name} (${serviceName})`))
    .filter((name) => name !== '' && !message.includes(name));
  const against = others.length === 0 ? '' : ` Against: ${others.join(', ')}`;
  return new XgError('TIMER_CONFLICT', `The receiver refuses: ${words}${against}`, { data });
}
