import { displayName } from '../../lineup/display-name.ts';
import { type TvhChannel, type TvhTag, tvhId } from '../ids.ts';
import type { GridRow } from './grid.ts';

/** `channel/grid`, `channel/list`, `channeltag/grid`, `channeltag/list`. */

export function serviceUuid({ channel }: TvhChannel): string {
  return tvhId('service', channel.id).uuid;
}

export function channelRow(entry: TvhChannel): GridRow {
  const { channel, id } = entry;
  return {
    uuid: id.uuid,
    enabled: true,
    autoname: false,
    name: displayName(channel.name),
    number: channel.number,
    icon: iconPath(entry),
    icon_public_url: iconPath(entry),
    epgauto: true,
    epggrab: [],
    dvr_pre_time: 0,
    dvr_pst_time: 0,
    epg_running: -1,
    services: [serviceUuid(entry)],
    tags: entry.tags.map((tag) => tag.id.uuid),
    bouquet: '',
  };
}

export function tagRow({ id, name, index }: TvhTag): GridRow {
  return {
    uuid: id.uuid,
    enabled: true,
    index,
    name,
    internal: false,
    private: false,
    icon: '',
    icon_public_url: '',
    titled_icon: false,
    comment: '',
  };
}

/** Relative to where the client reaches us, as Tvheadend has it. */
export function iconPath({ id }: TvhChannel): string {
  return `imagecache/${id.number}`;
}
