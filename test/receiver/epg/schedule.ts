import { type DemoService, isRadio, SERVICES } from '../lineup/services.ts';

/** One event as the box has it: with all the dirt that broadcasts carry. */
export interface DemoEvent {
  readonly id: number;
  readonly service: DemoService;
  /** Unix time, seconds. */
  readonly begin: number;
  readonly durationSeconds: number;
  readonly title: string;
  readonly short: string;
  readonly long: string;
  /** content_nibble byte; 0 unknown. */
  readonly genreId: number;
}

interface Template {
  readonly title: string;
  readonly short: string;
  readonly long: string;
  readonly genreId: number;
  readonly minutes: number;
}

/** U+008A is DVB's line break, which the box lets through; entities come from the broadcaster. */
const TV: readonly Template[] = [
  {
    title: 'Tagesschau',
    short: 'Nachrichten',
    long: 'Die Nachrichten des Tages\u008amit Wetter',
    genreId: 0x21,
    minutes: 15,
  },
  {
    title: 'Der Kommissar &amp; das Meer',
    short: 'Staffel 3, Folge 7: Nebel über Gotland',
    long: 'Fernsehfilm, Deutschland/Schweden 2019\u008aMit Walter Sittler, Inger Nilsson',
    genreId: 0x11,
    minutes: 90,
  },
  { title: 'Sport am Abend', short: 'Fußball-Bundesliga', long: 'Alle Spiele, alle Tore', genreId: 0x43, minutes: 45 },
  { title: 'The Office', short: 'S02E05 Halloween', long: 'Comedy series (USA 2005), 12+', genreId: 0x14, minutes: 30 },
  {
    title: 'Terra X',
    short: 'Eine Reise in die Welt der Antike',
    long: 'Dokumentation\u008aErstsendung: 2021',
    genreId: 0x91,
    minutes: 45,
  },
  {
    title: 'Löwenzahn',
    short: '(5/13) Die Reise der Steine',
    long: 'Kinder- und Jugendfernsehen',
    genreId: 0x51,
    minutes: 25,
  },
  { title: '', short: 'ohne Titel', long: '', genreId: 0, minutes: 10 },
  {
    title: 'Spielfilm: „Die Brücke“',
    short: 'Drama (1959)',
    long: 'Regie: Bernhard Wicki \u0086 s/w \u0087',
    genreId: 0x17,
    minutes: 100,
  },
];
const RADIO: readonly Template[] = [
  { title: 'Das Morgenmagazin', short: 'Musik und Information', long: '', genreId: 0x60, minutes: 180 },
  {
    title: 'Klassik am Nachmittag',
    short: 'Werke von Bach & Händel',
    long: 'Live-Mitschnitt',
    genreId: 0x62,
    minutes: 120,
  },
];

const PAST_SECONDS = 6 * 3600;
const AHEAD_SECONDS = 8 * 86_400;
/** An event without a length, now and then: broadcasters send them. */
const ZERO_LENGTH_EVERY = 97;

/** The events of a service from six hours ago to eight days ahead, the same however often it is asked in an hour. */
export function eventsOf(service: DemoService, nowSeconds = Date.now() / 1000): DemoEvent[] {
  if (service.epg === 'none') return [];
  const templates = isRadio(service) ? RADIO : TV;
  const hour = Math.floor(nowSeconds / 3600) * 3600;
  // The templates' rounds are counted from 1970, so that a programme keeps its start and its number from one day to the next.
  const roundSeconds = templates.reduce((sum, template) => sum + template.minutes * 60, 0);
  const round = Math.floor((hour - PAST_SECONDS) / roundSeconds);
  let begin = round * roundSeconds;
  const events: DemoEvent[] = [];
  for (let index = round * templates.length + service.sid; begin < hour + AHEAD_SECONDS; index++) {
    const template = templates[index % templates.length] as Template;
    const slot = template.minutes * 60;
    if (begin + slot > hour - PAST_SECONDS) {
      const zero = index % ZERO_LENGTH_EVERY === 0;
      const id = Math.floor(begin / 60) & 0xffff;
      events.push({ ...template, id, service, begin, durationSeconds: zero ? 0 : slot });
    }
    begin += slot;
  }
  return events;
}

export function nowAndNext(
  service: DemoService,
  nowSeconds = Date.now() / 1000,
): { now: DemoEvent | null; next: DemoEvent | null } {
  const events = eventsOf(service, nowSeconds);
  const at = events.findIndex((event) => event.begin <= nowSeconds && nowSeconds < event.begin + event.durationSeconds);
  return { now: events[at] ?? null, next: at < 0 ? null : (events[at + 1] ?? null) };
}

export function eventsOfAll(services: readonly DemoService[] = SERVICES): DemoEvent[] {
  return services.flatMap((service) => eventsOf(service));
}
