import type { Channel } from '../lineup/channel.ts';
import { findEpisodeNumber, onscreen, xmltvNs } from './episode.ts';
import { genreCategories } from './genre.ts';
import type { Programme } from './programme.ts';
import type { GuideReader } from './store.ts';
import { escapeXml } from './xml-text.ts';

export const XMLTV_CONTENT_TYPE = 'application/xml; charset=utf-8';

export interface XmltvOptions {
  readonly channels: readonly Channel[];
  readonly guide: Pick<GuideReader, 'programmes'>;
  /** Where clients reach us, without a trailing slash. */
  readonly baseUrl: string;
}

/**
 * The guide as an XMLTV document, piece by piece: all channels first, then the programmes channel by channel. Elements
 * stand in the order that the DTD prescribes. `channel` ids are those of the playlist's `tvg-id`.
 */
export function* writeXmltv(options: XmltvOptions): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n';
  yield `<tv source-info-name="Enigma2" generator-info-name="xg2g">\n`;
  for (const channel of options.channels) yield channelElement(channel, options.baseUrl);
  for (const channel of options.channels) {
    for (const programme of options.guide.programmes(channel.id)) yield programmeElement(programme, channel);
  }
  yield '</tv>\n';
}

function channelElement(channel: Channel, baseUrl: string): string {
  return [
    `  <channel id="${escapeXml(channel.id)}">`,
    `    <display-name>${escapeXml(channel.name)}</display-name>`,
    `    <display-name>${channel.number}</display-name>`, // what HDHomeRun clients match their GuideNumber with
    `    <icon src="${escapeXml(`${baseUrl}/logos/${channel.id}.png`)}"/>`,
    '  </channel>\n',
  ].join('\n');
}

function programmeElement(programme: Programme, channel: Channel): string {
  const start = xmltvTime(programme.startSeconds);
  const stop = xmltvTime(programme.stopSeconds);
  const { subTitle, description } = describe(programme);
  const episode = findEpisodeNumber([programme.title, programme.shortDescription, programme.longDescription]);
  const element = (name: string, text: string, attributes = ''): string =>
    `    <${name}${attributes}>${escapeXml(text)}</${name}>\n`;
  let body = element('title', programme.title);
  if (subTitle !== null) body += element('sub-title', subTitle);
  if (description !== null) body += element('desc', description);
  for (const category of genreCategories(programme.genreId, episode !== null)) {
    body += element('category', category, ' lang="en"');
  }
  if (episode !== null) {
    body += element('episode-num', xmltvNs(episode), ' system="xmltv_ns"');
    body += element('episode-num', onscreen(episode), ' system="onscreen"');
  }
  return `  <programme start="${start}" stop="${stop}" channel="${escapeXml(channel.id)}">\n${body}  </programme>\n`;
}

/** Longer than this the broadcaster's short text is a summary and no episode title. */
const MAX_SUB_TITLE_LENGTH = 120;

/** DVB has a short and a long text; the short one is often the episode's title, often a summary, sometimes the same. */
function describe(programme: Programme): { subTitle: string | null; description: string | null } {
  const { title, shortDescription: short, longDescription: long } = programme;
  if (short === '' || short === title || long.startsWith(short)) {
    return { subTitle: null, description: long === '' ? null : long };
  }
  if (long === '') return { subTitle: null, description: short };
  if (short.length <= MAX_SUB_TITLE_LENGTH && !short.includes('\n')) return { subTitle: short, description: long };
  return { subTitle: null, description: `${short}\n${long}` };
}

/** `YYYYMMDDhhmmss +0000`, in UTC. */
export function xmltvTime(unixSeconds: number): string {
  const iso = new Date(unixSeconds * 1000).toISOString(); // 2026-11-24T03:30:12.000Z
  return `${iso.slice(0, 19).replace(/\D/g, '')} +0000`;
}
