import type { TvhChannel, TvhChannels } from '../../tvheadend/ids.ts';

/** What `channelid/7`, `tagname/News` and the like of a path mean; null for what is not there. */
export function findChannel(kind: string, id: string, channels: TvhChannels): TvhChannel | null {
  switch (kind) {
    case 'channel':
      return channels.byUuid(id);
    case 'channelid':
      return numberIn(id) === null ? null : channels.byNumber(Number(id));
    case 'channelnumber': {
      // "7.0": with the minor number that no channel of ours has.
      const number = numberIn(id.replace(/\.0$/, ''));
      return number === null ? null : channels.byChannelNumber(number);
    }
    case 'channelname':
      return channels.byName(id);
    default:
      return null;
  }
}

export function selectChannels(kind: string, id: string, channels: TvhChannels): readonly TvhChannel[] | null {
  if (kind === 'channels' && id === '') return channels.all;
  const channel = findChannel(kind, id, channels);
  if (channel !== null) return [channel];
  const number = numberIn(id);
  const tag =
    kind === 'tag'
      ? channels.tagByUuid(id)
      : kind === 'tagid' && number !== null
        ? channels.tagByNumber(number)
        : kind === 'tagname'
          ? channels.tagByName(id)
          : null;
  return tag === null ? null : channels.withTag(tag);
}

function numberIn(text: string): number | null {
  return /^\d{1,10}$/.test(text) ? Number(text) : null;
}
