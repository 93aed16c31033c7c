import { createHash } from 'node:crypto';
import { XgError } from '#shared/errors.ts';
import type { Channel, LineupBouquet } from '../lineup/channel.ts';
import { PLAYLIST_FORMATS, type PlaylistFormat } from './m3u.ts';

/** Which part of the channels a list holds. Null leaves the choice open. */
export interface PlaylistSelection {
  /** Name or reference. */
  readonly bouquet: string | null;
  readonly group: string | null;
  readonly radio: boolean | null;
  readonly format: PlaylistFormat;
}

/**
 * `?bouquet=`, `?group=`, `?radio=` and `?format=`; the first of several counts.
 *
 * @throws XgError `PLAYLIST_OPTION` for a value that means nothing.
 */
export function parseSelection(query: NodeJS.Dict<string | string[]>): PlaylistSelection {
  const value = (name: string): string | null => {
    const text = [query[name] ?? ''].flat()[0]?.trim() ?? '';
    return text === '' ? null : text;
  };
  const format = value('format') ?? 'full';
  const known = PLAYLIST_FORMATS.find((name) => name === format);
  if (known === undefined) {
    throw optionError(`format=${format.slice(0, 40)} is unknown; there are: ${PLAYLIST_FORMATS.join(', ')}`);
  }
  return { bouquet: value('bouquet'), group: value('group'), radio: radioOf(value('radio')), format: known };
}

function radioOf(text: string | null): boolean | null {
  if (text === null) return null;
  if (/^(?:1|true|yes|only)$/i.test(text)) return true;
  if (/^(?:0|false|no)$/i.test(text)) return false;
  throw optionError(`radio=${text.slice(0, 40)} is unknown; there are: true (radio alone), false (no radio)`);
}

function optionError(text: string): XgError {
  return new XgError('PLAYLIST_OPTION', text);
}

/** @throws XgError `PLAYLIST_UNKNOWN` when there is no such bouquet or group. */
export function selectChannels(
  channels: readonly Channel[],
  bouquets: readonly LineupBouquet[],
  { bouquet, group, radio }: Pick<PlaylistSelection, 'bouquet' | 'group' | 'radio'>,
): readonly Channel[] {
  // Rules may make groups of their own, so a bouquet is looked for by its name among the groups too.
  const byReference = bouquets.find(({ ref }) => ref === bouquet)?.name;
  const names = [bouquet === null ? null : (byReference ?? bouquet), group].filter((name) => name !== null);
  let chosen = channels;
  for (const name of names) {
    const wanted = comparable(name);
    const inside = channels.filter(({ groups }) => groups.some((one) => comparable(one) === wanted));
    if (inside.length === 0) throw unknownList(name, channels);
    const ids = new Set(inside);
    chosen = chosen.filter((channel) => ids.has(channel));
  }
  return radio === null ? chosen : chosen.filter((channel) => channel.radio === radio);
}

/**
 * The group that a list's name in a URL means: its letters and digits in lower case with hyphens between them. Where two
 * groups have the same, the first has it alone and any has it with its mark behind, which does not change.
 *
 * @throws XgError `PLAYLIST_UNKNOWN`.
 */
export function groupOfSlug(channels: readonly Channel[], slug: string): string {
  const groups = groupSlugs(channels);
  const wanted = slug.toLowerCase();
  const found = groups.find((one) => one.slug === wanted) ?? groups.find((one) => one.marked === wanted);
  if (found === undefined) throw unknownList(slug, channels);
  return found.group;
}

export interface GroupSlug {
  readonly group: string;
  readonly slug: string;
  readonly marked: string;
  readonly channels: number;
}

/** Every group with the name of its list, in the lineup's order. */
export function groupSlugs(channels: readonly Channel[]): GroupSlug[] {
  const sizes = new Map<string, number>();
  for (const { groups } of channels) for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const taken = new Set<string>();
  return [...sizes].map(([group, size]) => {
    const letters = slugOf(group);
    const mark = createHash('sha256').update(group).digest('hex').slice(0, 6);
    const marked = letters === '' ? `group-${mark}` : `${letters}-${mark}`;
    const slug = letters === '' || taken.has(letters) ? marked : letters;
    taken.add(slug);
    return { group, slug, marked, channels: size };
  });
}

function slugOf(text: string): string {
  return text
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replaceAll('&', ' and ')
    .replaceAll('+', ' plus ')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-|-$/g, '');
}

function unknownList(name: string, channels: readonly Channel[]): XgError {
  const known = groupSlugs(channels).map(({ group, slug }) => `"${group}" (${slug}.m3u)`);
  const shown = known.slice(0, 20).join(', ');
  const more = known.length > 20 ? ` and ${known.length - 20} more` : '';
  return new XgError(
    'PLAYLIST_UNKNOWN',
    `There is no bouquet or group "${name.slice(0, 80)}". There are: ${shown}${more}`,
  );
}

function comparable(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ');
}
