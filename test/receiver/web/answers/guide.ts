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

export function epgService(lineup: Lineup, sRef: string): object {
  const service = lineup.byRef(sRef);
  return { result: service !== null, events: service === null ? [] : eventsOf(service).map(eventRow) };
}

const servicesOfBouquet = (lineup: Lineup, bRef: string): DemoService[] => servicesIn(lineup.rowsOf(bRef) ?? []);

export function epgBouquet(lineup: Lineup, bRef: string): object {
  const events = servicesOfBouquet(lineup, bRef).flatMap((service) => eventsOf(service));
  return { result: true, events: events.map(eventRow) };
}

/** Events that begin from `time` on in the next `minutes`, or run then: the cheap way to the guide of a bouquet. */
export function epgMulti(lineup: Lineup, bRef: string, time: number | null, minutes: number | null): object {
  const from = time ?? Math.floor(Date.now() / 1000);
  const to = minutes === null ? Number.POSITIVE_INFINITY : from + minutes * 60;
  const events = servicesOfBouquet(lineup, bRef)
    .flatMap((service) => eventsOf(service))
    .filter((event) => event.begin < to && event.begin + event.durationSeconds > from);
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
