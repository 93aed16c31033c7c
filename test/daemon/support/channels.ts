import type { Channel } from '#daemon/lineup/channel.ts';

/** A channel with only what the test is about; the number makes id, reference and name. */
export function channel(number: number, fields: Partial<Channel> = {}): Channel {
  const sid = number.toString(16);
  const group = fields.group ?? 'Favourites';
  return {
    id: `c00000-1-3fb-${sid}`,
    ref: `1:0:19:${sid.toUpperCase()}:3FB:1:C00000:0:0:0:`,
    name: `Channel ${number}`,
    number,
    group,
    groups: [group],
    radio: false,
    kind: 'dvb',
    transponder: 'c00000:3fb:1',
    definition: 'hd',
    provider: null,
    alternatives: [],
    ...fields,
  };
}
