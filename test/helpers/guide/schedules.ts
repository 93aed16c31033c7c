import { NO_DETAILS, type Programme } from '#daemon/guide/programme.ts';
import type { EpgEvent } from '#daemon/receiver/model.ts';
import { Random } from '../../fuzz/random.ts';

const MINUTES = [5, 10, 15, 30, 45, 60, 90, 120] as const;
const TEXT =
  'Kommissarin Höß und ihr Kollege ermitteln in einem Fall, der bis in die Kindheit des Opfers reicht. Wer log damals, und warum schweigt das ganze Dorf? ';

/** A service's events from a time on, without gaps; another seed gives other lengths and titles. */
export function makeEvents(options: { ref: string; seed: number; fromSeconds: number; count: number }): EpgEvent[] {
  const random = new Random(options.seed);
  let startSeconds = options.fromSeconds;
  return Array.from({ length: options.count }, (_, index) => {
    const durationSeconds = random.pick(MINUTES) * 60;
    const event: EpgEvent = {
      id: 1 + (index % 0xffff),
      ref: options.ref,
      title: `Sendung ${random.below(5_000)}`,
      shortDescription: random.chance(0.5) ? `Folge ${1 + random.below(30)}: Nebel über der Küste` : '',
      longDescription: TEXT.repeat(1 + random.below(3)),
      startSeconds,
      durationSeconds,
      genreId: random.pick([0, 0x11, 0x15, 0x21, 0x43, 0x51, 0x91]),
    };
    startSeconds += durationSeconds;
    return event;
  });
}

/** The same as programmes, with what a good half of them say. */
export function makeProgrammes(channelId: string, events: readonly EpgEvent[]): Programme[] {
  return events.map((event) => ({
    id: 0,
    eventId: event.id,
    channelId,
    title: event.title,
    shortDescription: event.shortDescription,
    longDescription: event.longDescription,
    startSeconds: event.startSeconds,
    stopSeconds: event.startSeconds + event.durationSeconds,
    genreId: event.genreId,
    details:
      event.shortDescription === ''
        ? NO_DETAILS
        : {
            ...NO_DETAILS,
            subtitle: event.shortDescription,
            season: 2,
            episode: 1 + (event.id % 20),
            year: 2019,
            countries: ['DE'],
            credits: [
              { role: 'director', name: 'Bernhard Wicki', character: null },
              { role: 'actor', name: 'Inger Nilsson', character: 'Ewa Svensson' },
            ],
          },
  }));
}
