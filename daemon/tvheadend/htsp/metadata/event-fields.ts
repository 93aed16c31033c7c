import type { Credit, Programme } from '../../../guide/programme.ts';
import type { HtsMap } from '../wire/message.ts';

/** The fields of eventAdd, eventUpdate, getEvent and the like. `nextId`: of the programme after it; null for none. */
export function eventFields(programme: Programme, channelNumber: number, nextId: number | null): HtsMap {
  const { details } = programme;
  const subtitle = details.subtitle || programme.shortDescription;
  return {
    eventId: programme.id,
    channelId: channelNumber,
    start: programme.startSeconds,
    stop: programme.stopSeconds,
    title: programme.title,
    subtitle: subtitle || undefined,
    // Where the short text is no episode's title, it is the summary.
    summary: details.subtitle === '' ? undefined : programme.shortDescription || undefined,
    description: programme.longDescription || undefined,
    contentType: programme.genreId || undefined,
    ageRating: details.ageRating ?? undefined,
    starRating: details.starRating === null ? undefined : Math.round(details.starRating * 100),
    copyrightYear: details.year ?? undefined,
    seasonNumber: details.season ?? undefined,
    episodeNumber: details.episode ?? undefined,
    episodeCount: details.episodeCount ?? undefined,
    episodeOnscreen: onscreen(details.season, details.episode),
    isNew: details.isNew ? 1 : undefined,
    image: details.imageUrl ?? undefined,
    credits: details.credits.length === 0 ? undefined : creditFields(details.credits),
    category: details.categories.length === 0 ? undefined : details.categories,
    nextEventId: nextId ?? undefined,
  };
}

function onscreen(season: number | null, episode: number | null): string | undefined {
  if (episode === null) return undefined;
  return season === null ? `E${episode}` : `S${season}E${episode}`;
}

/** Roles by name, as clients show them. */
function creditFields(credits: readonly Credit[]): HtsMap {
  const fields: Record<string, string> = {};
  for (const { name, role } of credits) fields[name] = role;
  return fields;
}
