import { escapeXml } from '../guide/xml-text.ts';
import type { LineupEntry } from './answers.ts';

/** The lineup as XML: the fields of the JSON as elements. */
export function lineupXml(entries: readonly LineupEntry[]): string {
  const programs = entries.map((entry) => {
    const fields = Object.entries(entry).map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`);
    return `<Program>${fields.join('')}</Program>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Lineup>\n${programs.join('')}</Lineup>\n`;
}

/** The lineup as M3U. Names were cleaned of what would break out of a line or an attribute. */
export function lineupM3u(entries: readonly LineupEntry[]): string {
  const lines = entries.map(({ GuideNumber, GuideName, Favorite, URL }) => {
    const group = Favorite === 1 ? ' group-title="Favorites"' : '';
    const attributes = `channel-id="${GuideNumber}" channel-number="${GuideNumber}" tvg-name="${GuideName}"${group}`;
    return `#EXTINF:-1 ${attributes},${GuideNumber} ${GuideName}\n${URL}\n`;
  });
  return `#EXTM3U\n${lines.join('')}`;
}
