import { type DemoEvent, eventsOf, nowAndNext } from '../../epg/schedule.ts';
import { servicesIn } from '../../lineup/bouquets.ts';
import type { Lineup } from '../../lineup/lineup.ts';
import { clockTime } from '../clock-time.ts';
import { document, elements, within } from './elements.ts';

function eventXml(event: DemoEvent): string {
  return [
    '<e2event>',
    elements({
      e2eventid: event.id,
      e2eventstart: event.begin,
      e2eventduration: event.durationSeconds,
      e2eventcurrenttime: Math.floor(Date.now() / 1000),
      e2eventtitle: event.title,
      e2eventdescription: event.short,
      e2eventdescriptionextended: event.long,
      e2eventservicereference: event.service.ref,
      e2eventservicename: event.service.name,
    }),
    `<e2eventgenre id="${event.genreId}"></e2eventgenre>`,
    '</e2event>',
  ].join('');
}

const list = (events: readonly DemoEvent[]): string => document(within('e2eventlist', ...events.map(eventXml)));

export function eventListXml(lineup: Lineup, sRef: string): string {
  const service = lineup.byRef(sRef);
  return list(service === null ? [] : eventsOf(service));
}

/** Services without a guide are left out, as on the box. */
export function nowNextXml(lineup: Lineup, bRef: string, which: readonly ('now' | 'next')[]): string {
  const events = servicesIn(lineup.rowsOf(bRef) ?? []).flatMap((service) => {
    const found = nowAndNext(service);
    return which.map((one) => found[one]);
  });
  return list(events.filter((event) => event !== null));
}

export function currentTimeXml(): string {
  return document(within('e2currenttime', clockTime()));
}
