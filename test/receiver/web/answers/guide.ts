/** The JSON answers of OpenWebif about the guide. */
import { type DemoEvent, eventsOf, nowAndNext } from '../../epg/schedule.ts';
import { servicesIn } from '../../lineup/bouquets.ts';
import type { Lineup } from '../../lineup/lineup.ts';
import { piconName } from '../../lineup/service-ref.ts';
import type { DemoService } from '../../lineup/services.ts';

export function eventRow(event: DemoEvent): object {
  const now = Math.floor(Date.now() / 1000);
  return {
    id: event.id,
    begin_timestamp: event.begin,
    duration_sec: event.durationSeconds,
    duration: Math.round(event.durationSeconds / 60),
    title: event.title,
    shortdesc: event.short,
    longdesc: event.long,
    sref: event.service.ref,
    sname: event.service.name,
    now_timestamp: now,
    remaining: Math.max(0, event.begin + event.durationSeconds - now),
    genre: event.genreId === 0 ? '' : 'Genre',
    genreid: event.genreId,
    picon: `/picon/${piconName(event.service.ref)}.png`,
  };
}

/** With the words that this call alone has beside the numbers. */
function longRow(event: DemoEvent): object {
  const now = Math.floor(Date.now() / 1000);
  const end = event.begin + event.durationSeconds;
  const clock = (seconds: number): string => new Date(seconds * 1000).toTimeString().slice(0, 5);
  const begun = event.begin <= now && now < end;
  return {
    ...eventRow(event),
    date: new Date(event.begin * 1000).toDateString().slice(0, 10),
    begin: clock(event.begin),
    end: clock(end),
    tleft: Math.floor((end - (begun ? now : event.begin)) / 60),
    progress: begun ? Math.floor(((now - event.begin) * 100) / event.durationSeconds) : 0,
  };
}

/** What runs in a window of so many minutes; without bounds where they are null. */
function inWindow(events: readonly DemoEvent[], from: number | null, minutes: number | null): DemoEvent[] {
  const begin = from ?? Number.NEGATIVE_INFINITY;
  const end = from === null || minutes === null ? Number.POSITIVE_INFINITY : from + minutes * 60;
  return events.filter((event) => event.begin < end && event.begin + event.durationSeconds > begin);
}

/** `time` and `minutes` (the parameter endTime): a window; all events without them, or where they are −1. */
export function epgService(lineup: Lineup, sRef: string, time: number | null, minutes: number | null): object {
  const service = lineup.byRef(sRef);
  if (service === null) return { result: false, events: [] };
  const events = eventsOf(service);
  const wanted = time === null ? events : inWindow(events, time, minutes);
  return { result: true, events: wanted.map(longRow) };
}

const servicesOfBouquet = (lineup: Lineup, bRef: string): DemoService[] => servicesIn(lineup.rowsOf(bRef) ?? []);

export function epgBouquet(lineup: Lineup, bRef: string): object {
  const events = servicesOfBouquet(lineup, bRef).flatMap((service) => eventsOf(service));
  return { result: true, events: events.map(eventRow) };
}

/** Events that begin from `time` on in the next `minutes`, or run then: the cheap way to the guide of a bouquet. */
export function epgMulti(lineup: Lineup, bRef: string, time: number | null, minutes: number | null): object {
  const from = time ?? Math.floor(Date.now() / 1000);
  const events = servicesOfBouquet(lineup, bRef).flatMap((service) => inWindow(eventsOf(service), from, minutes));
  return { result: true, events: events.map(eventRow) };
}

/** `which`: now, next or both. A service without EPG has an event of nulls, as on the box. */
export function epgNowNext(lineup: Lineup, bRef: string, which: readonly ('now' | 'next')[]): object {
  const events = servicesOfBouquet(lineup, bRef).flatMap((service) => {
    const found = nowAndNext(service);
    return which.map((one) => {
      const event = found[one];
      if (event !== null) return eventRow(event);
      return {
        id: null,
        begin_timestamp: null,
        duration_sec: null,
        title: null,
        shortdesc: null,
        longdesc: null,
        sref: service.ref,
        sname: service.name,
        now_timestamp: 0,
        genreid: 0,
      };
    });
  });
  return { result: true, events };
}
