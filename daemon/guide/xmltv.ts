import type { Channel } from '../lineup/channel.ts';
import type { GuideReader } from './store.ts';
import { escapeXml } from './xml-text.ts';
import { programmeElement } from './xmltv-programme.ts';

export { xmltvTime } from './xmltv-programme.ts';

export const XMLTV_CONTENT_TYPE = 'application/xml; charset=utf-8';

export interface XmltvOptions {
  readonly channels: readonly Channel[];
  readonly guide: Pick<GuideReader, 'programmes'>;
  /** Where clients reach us, without a trailing slash. */
  readonly baseUrl: string;
  /** ISO 639-1, of the programmes' texts; null where it is not known. */
  readonly language?: string | null;
  /** `number`: ids are those that an HDHomeRun calls GuideNumber; default those of the playlist's `tvg-id`. */
  readonly ids?: 'channel' | 'number';
  /** Programmes that overlap it, Unix seconds; default all. */
  readonly window?: { readonly fromSeconds: number; readonly toSeconds: number } | null;
}

/**
 * The guide as an XMLTV document, piece by piece: all channels first, then the programmes channel by channel. Elements
 * stand in the order that the DTD prescribes.
 */
export function* writeXmltv(options: XmltvOptions): Generator<string> {
  const { channels, guide, language = null, window = null } = options;
  const idOf = (channel: Channel): string => (options.ids === 'number' ? String(channel.number) : channel.id);
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n';
  yield `<tv source-info-name="Enigma2" generator-info-name="xg2g">\n`;
  for (const channel of channels) yield channelElement(channel, idOf(channel), options.baseUrl);
  for (const channel of channels) {
    const id = escapeXml(idOf(channel));
    for (const programme of guide.programmes(channel.id, window ?? undefined)) {
      yield programmeElement(programme, id, language);
    }
  }
  yield '</tv>\n';
}

function channelElement(channel: Channel, id: string, baseUrl: string): string {
  return [
    `  <channel id="${escapeXml(id)}">`,
    `    <display-name>${escapeXml(channel.name)}</display-name>`,
    `    <display-name>${channel.number}</display-name>`, // what HDHomeRun clients match their GuideNumber with
    `    <icon src="${escapeXml(`${baseUrl}/logos/${channel.id}.png`)}"/>`,
    '  </channel>\n',
  ].join('\n');
}
