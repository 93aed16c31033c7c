import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { inChunks } from '#daemon/guide/chunks.ts';
import { NO_DETAILS, type Programme, type ProgrammeDetails } from '#daemon/guide/programme.ts';
import { MemoryGuideStore } from '#daemon/guide/store.ts';
import { writeXmltv, type XmltvOptions, xmltvTime } from '#daemon/guide/xmltv.ts';
import type { Channel } from '#daemon/lineup/channel.ts';
import { channel } from '../support/channels.ts';

const DTD = fileURLToPath(new URL('../../fixtures/xmltv.dtd', import.meta.url));

function programme(fields: Partial<Programme> = {}): Programme {
  return {
    id: 0,
    eventId: 1,
    channelId: channel(1).id,
    title: 'Tatort',
    shortDescription: '',
    longDescription: '',
    startSeconds: 1_700_000_000,
    stopSeconds: 1_700_005_400,
    genreId: 0,
    details: NO_DETAILS,
    ...fields,
  };
}

function write(
  channels: readonly Channel[],
  programmes: readonly Programme[],
  options: Partial<XmltvOptions> = {},
): string {
  const guide = new MemoryGuideStore();
  for (const { id } of channels) {
    guide.replaceChannel(
      id,
      programmes.filter((entry) => entry.channelId === id),
    );
  }
  return [...writeXmltv({ channels, guide, baseUrl: 'http://xg2g.local:8080', ...options })].join('');
}

/** What xmllint says about the document; empty when it is valid. */
async function validate(document: string): Promise<string> {
  const xmllint = spawn('xmllint', ['--noout', '--nonet', '--dtdvalid', DTD, '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let complaints = '';
  xmllint.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  xmllint.stdin.end(document);
  const code = await new Promise<number | null>((resolve, reject) => {
    xmllint.once('error', reject).once('close', resolve);
  });
  return code === 0 ? '' : `${complaints} (exit ${code})`;
}

test('a guide with everything in it is valid XMLTV', async (t) => {
  const document = write(
    [channel(1, { name: 'A & B <C> "D"' }), channel(2, { name: 'Zwei\u0001' })],
    [
      programme({
        title: 'Tom & Jerry <3 "x" \u0000\u0007\u0086',
        shortDescription: 'Staffel 1, Folge 2',
        longDescription: 'Zeile 1\u008aZeile 2\ud800 😀',
        genreId: 0x55,
      }),
      programme({ startSeconds: 1_700_005_400, stopSeconds: 1_700_009_000, genreId: 0x43 }),
      programme({ channelId: channel(2).id, shortDescription: 'Only a short text', genreId: 0xf0 }),
    ],
  );
  t.is(await validate(document), '');
  t.true(document.includes('<title>Tom &amp; Jerry &lt;3 &quot;x&quot; </title>'));
  t.true(document.includes('Zeile 1\nZeile 2 😀'));
});

/** All that details can say. */
const EVERYTHING: ProgrammeDetails = {
  subtitle: 'Der <letzte> Fall',
  season: 3,
  episode: 7,
  episodeCount: 13,
  year: 2019,
  countries: ['DE', 'SE'],
  credits: [
    { role: 'guest', name: 'Gast', character: null },
    { role: 'actor', name: 'Walter & Söhne', character: 'Robert "Anders"' },
    { role: 'director', name: 'Regie', character: null },
    { role: 'presenter', name: 'Moderation', character: null },
    { role: 'writer', name: 'Buch', character: null },
    { role: 'composer', name: 'Musik', character: null },
    { role: 'producer', name: 'Produktion', character: null },
  ],
  ageRating: 12,
  starRating: 0.75,
  categories: ['Crime'],
  repeat: true,
  isNew: true,
  live: true,
  imageUrl: 'http://pictures/a?b=1&c=2',
};

test('everything that is known of a programme is written, in the order of the DTD, in the language of the guide', async (t) => {
  const document = write([channel(1)], [programme({ genreId: 0x43, details: EVERYTHING })], { language: 'de' });
  t.is(await validate(document), '');
  for (const part of [
    '<title lang="de">Tatort</title>',
    '<sub-title lang="de">Der &lt;letzte&gt; Fall</sub-title>',
    '<actor role="Robert &quot;Anders&quot;">Walter &amp; Söhne</actor>',
    '<date>2019</date>',
    '<category lang="en">Sports</category>',
    '<category lang="en">Crime</category>',
    '<category lang="de">Fußball</category>',
    '<keyword lang="en">live</keyword>',
    '<icon src="http://pictures/a?b=1&amp;c=2"/>',
    '<country>SE</country>',
    '<episode-num system="xmltv_ns">2.6/13.</episode-num>',
    '<previously-shown/>',
    '<new/>',
    '<rating system="FSK">\n      <value>12</value>',
    '<value>7.5/10</value>',
  ]) {
    t.true(document.includes(part), `${part} is not in\n${document}`);
  }
});

test('with the numbers as ids programmes and channels still belong together', async (t) => {
  const document = write([channel(7)], [programme({ channelId: channel(7).id })], { ids: 'number' });
  t.is(await validate(document), '');
  t.true(document.includes('<channel id="7">'));
  t.true(document.includes(' channel="7">'));
});

test('the validation itself notices children in the wrong order', async (t) => {
  const wrong = write([channel(1)], [programme({ longDescription: 'x' })]).replace(
    /(\s*<title>.*<\/title>)(\s*<desc>.*<\/desc>)/,
    '$2$1',
  );
  t.regex(await validate(wrong), /does not follow the DTD/);
});

test('an empty guide is valid', async (t) => {
  t.is(await validate(write([], [])), '');
  t.is(await validate(write([channel(1)], [])), '');
});

test('times are UTC with a zone, and both ends are always there', (t) => {
  t.is(xmltvTime(1_700_000_000), '20231114221320 +0000');
  const document = write([channel(1)], [programme()]);
  t.true(document.includes('start="20231114221320 +0000" stop="20231114234320 +0000" channel="c00000-1-3fb-1"'));
});

test('the channel carries its id, name, number and logo', (t) => {
  const document = write([channel(7)], []);
  t.true(document.includes('<channel id="c00000-1-3fb-7">'));
  t.true(document.includes('<display-name>Channel 7</display-name>\n    <display-name>7</display-name>'));
  t.true(document.includes('<icon src="http://xg2g.local:8080/logos/c00000-1-3fb-7.png"/>'));
});

const texts: ReadonlyArray<{ what: string; fields: Partial<Programme>; expected: string[]; absent?: string[] }> = [
  {
    what: 'the title of the episode is the sub-title and not repeated',
    fields: {
      shortDescription: 'Der letzte Fall',
      longDescription: 'Ein Mord geschieht.',
      details: { ...NO_DETAILS, subtitle: 'Der letzte Fall' },
    },
    expected: ['<sub-title>Der letzte Fall</sub-title>', '<desc>Ein Mord geschieht.</desc>'],
  },
  {
    what: 'a short text alone is the description',
    fields: { shortDescription: 'Ein Mord geschieht.' },
    expected: ['<desc>Ein Mord geschieht.</desc>'],
    absent: ['<sub-title>'],
  },
  {
    what: 'a short text that begins the long one is not repeated',
    fields: { shortDescription: 'Ein Mord', longDescription: 'Ein Mord geschieht.' },
    expected: ['<desc>Ein Mord geschieht.</desc>'],
    absent: ['<sub-title>'],
  },
  {
    what: 'a summary is no sub-title',
    fields: { shortDescription: 'x'.repeat(200), longDescription: 'Mehr.' },
    expected: [`<desc>${'x'.repeat(200)}\nMehr.</desc>`],
    absent: ['<sub-title>'],
  },
  {
    what: 'an episode number in both systems',
    fields: { genreId: 0x15, details: { ...NO_DETAILS, season: 3, episode: 12 } },
    expected: [
      '<episode-num system="xmltv_ns">2.11.</episode-num>',
      '<episode-num system="onscreen">S03E12</episode-num>',
      '<category lang="en">Series</category>',
    ],
  },
  {
    what: 'a film is a movie',
    fields: { genreId: 0x14 },
    expected: ['<category lang="en">Movie</category>', '<category lang="en">Comedy</category>'],
  },
];
for (const { what, fields, expected, absent } of texts) {
  test(what, (t) => {
    const document = write([channel(1)], [programme(fields)]);
    for (const part of expected) t.true(document.includes(part), `${part} is not in\n${document}`);
    for (const part of absent ?? []) t.false(document.includes(part), `${part} is in\n${document}`);
  });
}

test('a large guide is written in chunks of bounded size', (t) => {
  const channels = Array.from({ length: 50 }, (_, index) => channel(index + 1));
  const programmes = channels.flatMap(({ id }) =>
    Array.from({ length: 100 }, (_, index) =>
      programme({ channelId: id, startSeconds: 1_700_000_000 + index * 60, stopSeconds: 1_700_000_060 + index * 60 }),
    ),
  );
  const guide = new MemoryGuideStore();
  for (const { id } of channels)
    guide.replaceChannel(
      id,
      programmes.filter((entry) => entry.channelId === id),
    );
  const chunks = [...inChunks(writeXmltv({ channels, guide, baseUrl: 'http://x' }), 10_000)];
  t.true(chunks.length > 50);
  t.true(chunks.every((chunk) => chunk.length < 12_000));
  t.is(chunks.join('').match(/<programme /g)?.length, 5000);
});
