/** Counted from 1; null where the text does not say. */
export interface EpisodeNumber {
  readonly season: number | null;
  readonly episode: number;
  readonly total: number | null;
}

/** Season, episode and total in the order of the groups `s`, `e`, `t`. Only forms that mean nothing else. */
const PATTERNS: readonly RegExp[] = [
  /\bS(?<s>\d{1,2})\s?[-.,/]?\s?(?:E|Ep\.?)\s?(?<e>\d{1,3})\b/i,
  /\b(?:Staffel|Season|Series|Saison|Seizoen|Sesong|Sezon)\s(?<s>\d{1,2})\s?[,:;/-]?\s?(?:Folge|Episode|Ep\.?|Épisode|Aflevering|Afl\.?|Odcinek|Odc\.?)\s?(?<e>\d{1,4})(?:\s?(?:\/|von|of|av)\s?(?<t>\d{1,4}))?\b/i,
  /\b(?<s>\d{1,2})\.\s?(?:Staffel|Season)\s?[,:;/-]?\s?(?:(?:Folge|Episode)\s(?<e>\d{1,4})|(?<e2>\d{1,4})\.\s?(?:Folge|Episode))\b/i,
  /\b(?:Folge|Episode|Teil)\s(?<e>\d{1,4})(?:\s?(?:\/|von|of|av)\s?(?<t>\d{1,4}))?\b/i,
  /^\(?(?<e>\d{1,3})[/:](?<t>\d{1,3})\)?(?=[\s.,;]|$)/,
  /\((?<e>\d{1,3})\/(?<t>\d{1,3})\)/,
];

/** The episode's number from the programme's texts, the first text that names one; null when none does. */
export function findEpisodeNumber(texts: readonly string[]): EpisodeNumber | null {
  for (const text of texts) {
    for (const pattern of PATTERNS) {
      const groups = pattern.exec(text)?.groups;
      const episode = Number(groups?.['e'] ?? groups?.['e2'] ?? 0);
      if (groups === undefined || episode < 1) continue;
      const total = groups['t'] === undefined ? null : Number(groups['t']);
      if (total !== null && total < episode) continue; // a date or a time, not "2 of 6"
      return { season: groups['s'] === undefined ? null : Number(groups['s']), episode, total };
    }
  }
  return null;
}

/** XMLTV's own system: season, episode/total and part, each counted from 0, each may be empty. */
export function xmltvNs({ season, episode, total }: EpisodeNumber): string {
  const first = season === null || season < 1 ? '' : String(season - 1);
  return `${first}.${episode - 1}${total === null ? '' : `/${total}`}.`;
}

/** As people read it: S01E02, or E02 without a season. */
export function onscreen({ season, episode }: EpisodeNumber): string {
  const pad = (value: number): string => String(value).padStart(2, '0');
  return season === null ? `E${pad(episode)}` : `S${pad(season)}E${pad(episode)}`;
}
