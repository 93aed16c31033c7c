import { XgError } from '#shared/errors.ts';
import type { Channel } from '../lineup/channel.ts';

/** What a client wants of the guide. */
export interface XmltvQuery {
  /** Ahead; null for all there are. */
  readonly days: number | null;
  /** Null for all. */
  readonly group: string | null;
  readonly ids: 'channel' | 'number';
}

const MAX_DAYS = 28;

/**
 * `days`, `bouquet` (or `group`) and `ids` of a request for the guide; others are not ours.
 *
 * @throws XgError `GUIDE_QUERY`
 */
export function parseXmltvQuery(query: Readonly<Record<string, string | string[] | undefined>>): XmltvQuery {
  const text = (name: string): string | null => {
    const value = [query[name]].flat()[0]?.trim();
    return value === undefined || value === '' ? null : value;
  };
  const days = text('days');
  if (days !== null && !(/^\d{1,2}$/.test(days) && Number(days) >= 1 && Number(days) <= MAX_DAYS)) {
    throw new XgError('GUIDE_QUERY', `days is "${days.slice(0, 40)}", expected a whole number from 1 to ${MAX_DAYS}`);
  }
  const ids = text('ids') ?? 'channel';
  if (ids !== 'channel' && ids !== 'number') {
    throw new XgError('GUIDE_QUERY', `ids is "${ids.slice(0, 40)}", expected channel or number`);
  }
  return { days: days === null ? null : Number(days), group: text('bouquet') ?? text('group'), ids };
}

/** The channels of a group, whatever the case of its name. @throws XgError `GROUP_UNKNOWN` where there is none. */
export function channelsOfGroup(channels: readonly Channel[], group: string | null): readonly Channel[] {
  if (group === null) return channels;
  const wanted = group.toLowerCase();
  const found = channels.filter((channel) => channel.groups.some((name) => name.toLowerCase() === wanted));
  if (found.length > 0) return found;
  throw new XgError('GROUP_UNKNOWN', `No channel is in a bouquet called "${group.slice(0, 80)}"`);
}
