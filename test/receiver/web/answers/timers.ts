/** The JSON answers of OpenWebif about timers, and what its parameters mean. */
import type { Box } from '../../box/box.ts';
import { MOVIE_DIRECTORY } from '../../box/movies.ts';
import type { Timer, TimerIdentity, TimerRequest } from '../../box/timer.ts';
import type { TimerAnswer } from '../../box/timer-list.ts';
import { eventsOf } from '../../epg/schedule.ts';
import { canonicalRef } from '../../lineup/service-ref.ts';
import type { Query } from '../reply.ts';

const PREPARE_SECONDS = 20;

export function timerRow(timer: Timer): object {
  const clock = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
  return {
    serviceref: timer.service.ref,
    servicename: timer.service.name,
    eit: timer.eit,
    name: timer.name,
    description: timer.description,
    descriptionextended: timer.description === '' ? 'N/A' : timer.description,
    disabled: timer.disabled ? 1 : 0,
    begin: timer.begin,
    end: timer.end,
    duration: timer.end - timer.begin,
    startprepare: timer.begin - PREPARE_SECONDS,
    justplay: timer.justplay ? 1 : 0,
    afterevent: timer.afterevent,
    dirname: timer.dirname === '' ? 'None' : timer.dirname,
    tags: timer.tags,
    logentries: timer.log === '' ? [] : [[Math.floor(Date.now() / 1000), 8, timer.log]],
    backoff: timer.backoff,
    firsttryprepare: timer.backoff === 0,
    state: timer.state,
    repeated: timer.repeated,
    dontsave: false,
    cancelled: false,
    toggledisabled: timer.disabled ? 0 : 1,
    filename: timer.filename,
    nextactivation: timer.begin - PREPARE_SECONDS,
    realbegin: clock(timer.begin),
    realend: clock(timer.end),
    isAutoTimer: -1,
    ice_timer_id: -1,
    always_zap: 0,
    pipzap: -1,
    vpsplugin_enabled: false,
    vpsplugin_overwrite: false,
    vpsplugin_time: -1,
    recordingtype: 'normal',
  };
}

export function timerList(box: Box): object {
  return { version: 2, result: true, timers: box.timers.all.map(timerRow), locations: [MOVIE_DIRECTORY] };
}

/** What a client has asked to do with a timer, with the words for the answer. */
export interface TimerOutcome {
  readonly ok: boolean;
  readonly message: string;
  readonly timer: Timer | null;
  readonly conflicts: readonly Timer[];
}

export const refusal = (message: string): TimerOutcome => ({ ok: false, message, timer: null, conflicts: [] });

function outcome(answer: TimerAnswer, message: string): TimerOutcome {
  return answer.ok
    ? { ok: true, message, timer: answer.timer, conflicts: [] }
    : { ok: false, message: answer.message, timer: null, conflicts: answer.conflicts };
}

/** `conflicts` only where there are some; `timer` only where it was asked for (`returntimer`). */
export function outcomeAnswer({ ok, message, timer, conflicts }: TimerOutcome, withTimer: boolean): object {
  return {
    result: ok,
    message,
    ...(conflicts.length === 0
      ? {}
      : {
          conflicts: conflicts.map((other) => ({
            serviceref: other.service.ref,
            servicename: other.service.name,
            name: other.name,
            begin: other.begin,
            end: other.end,
          })),
        }),
    ...(withTimer && timer !== null ? { timer: timerRow(timer) } : {}),
  };
}

const truthy = (text: string): boolean => text === '1' || text.toLowerCase() === 'true';

/** The first of these parameters that is missing, in the box's words; null when all are there. */
function missing(query: Query, names: readonly string[]): TimerOutcome | null {
  const absent = names.find((name) => query(name) === '');
  return absent === undefined ? null : refusal(`The parameter '${absent}' can't be empty`);
}

function identity(query: Query, ref: string, begin: string, end: string): TimerIdentity {
  return { ref: canonicalRef(query(ref)), begin: Number(query(begin)), end: Number(query(end)) };
}

function request(box: Box, query: Query): TimerRequest | null {
  const service = box.lineup.resolve(query('sRef'));
  if (service === null) return null;
  const minutes = (name: string): number => 60 * Number(query(name) || '0');
  return {
    service,
    begin: Number(query('begin')) - minutes('marginbefore'),
    end: Number(query('end')) + minutes('marginafter'),
    name: query('name'),
    description: query('description'),
    disabled: truthy(query('disabled')),
    justplay: truthy(query('justplay')),
    afterevent: Number(query('afterevent') || '3'),
    dirname: query('dirname'),
    tags: query('tags'),
    repeated: Number(query('repeated') || '0'),
    eit: Number(query('eit') || '0'),
  };
}

export function addTimer(box: Box, query: Query): TimerOutcome {
  const absent = missing(query, ['sRef', 'begin', 'end', 'name']);
  if (absent !== null) return absent;
  const wish = request(box, query);
  if (wish === null) return refusal('Unable to get service name from sRef');
  return outcome(box.timers.add(wish, truthy(query('allow_duplicate'))), `Timer '${wish.name}' added`);
}

export function addTimerByEvent(box: Box, query: Query): TimerOutcome {
  const absent = missing(query, ['sRef', 'eventid']);
  if (absent !== null) return absent;
  const service = box.lineup.resolve(query('sRef'));
  const event = service === null ? undefined : eventsOf(service).find((one) => one.id === Number(query('eventid')));
  if (event === undefined) return refusal('EventId not found');
  const more: Readonly<Record<string, string>> = {
    begin: String(event.begin),
    end: String(event.begin + event.durationSeconds),
    name: event.title,
    description: event.short,
    eit: String(event.id),
  };
  return addTimer(box, (name) => more[name] ?? query(name));
}

export function changeTimer(box: Box, query: Query): TimerOutcome {
  const absent = missing(query, ['sRef', 'begin', 'end', 'name', 'channelOld', 'beginOld', 'endOld']);
  if (absent !== null) return absent;
  const wish = request(box, query);
  if (wish === null) return refusal('Unable to get service name from sRef');
  const old = identity(query, 'channelOld', 'beginOld', 'endOld');
  return outcome(box.timers.change(old, wish), `Timer '${wish.name}' changed`);
}

export function deleteTimer(box: Box, query: Query): TimerOutcome {
  const absent = missing(query, ['sRef', 'begin', 'end']);
  if (absent !== null) return absent;
  const answer = box.timers.remove(identity(query, 'sRef', 'begin', 'end'));
  return outcome(answer, answer.ok ? `The timer '${answer.timer.name}' has been deleted successfully` : '');
}

export function toggleTimer(box: Box, query: Query): TimerOutcome {
  const absent = missing(query, ['sRef', 'begin', 'end']);
  if (absent !== null) return absent;
  const answer = box.timers.toggle(identity(query, 'sRef', 'begin', 'end'));
  return outcome(answer, answer.ok ? `The timer '${answer.timer.name}' has been toggled` : '');
}
