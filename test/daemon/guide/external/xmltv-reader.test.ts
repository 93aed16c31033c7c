import test from 'ava';
import { externalProgramme } from '#daemon/guide/external/external-programme.ts';
import { type ExternalChannel, XMLTV_LIMITS, XmltvReader } from '#daemon/guide/external/xmltv-reader.ts';
import { parseXmltvTime } from '#daemon/guide/external/xmltv-time.ts';
import type { XgError } from '#shared/errors.ts';

const DOCUMENT = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tv SYSTEM "xmltv.dtd">
<tv generator-info-name="somebody">
  <channel id="DasErste.de"><display-name lang="de">Das Erste</display-name><display-name>ARD &amp; Co</display-name></channel>
  <programme start="20260101201500 +0100" stop="20260101214500 +0100" channel="DasErste.de">
    <title lang="en">Crime Scene</title><title lang="de">Tatort</title>
    <sub-title lang="de">Borowski und der Engel</sub-title>
    <desc lang="de"><![CDATA[Ein Fall für <Borowski>.]]></desc>
    <credits><director>Claudia Garde</director><actor role="Borowski">Axel Milberg</actor></credits>
    <date>2019</date><category lang="en">Crime</category><category>Series</category>
    <icon src="https://img.example/1.jpg"/><country>DE</country>
    <episode-num system="onscreen">S44E03</episode-num><episode-num system="xmltv_ns">43.2/10.0/1</episode-num>
    <previously-shown/><rating system="FSK"><value>12</value></rating><star-rating><value>4/5</value></star-rating>
  </programme>
  <programme start="20260101220000" channel="DasErste.de"><title>Tagesthemen</title><live/></programme>
  <programme start="soon" channel="DasErste.de"><title>Nothing</title></programme>
</tv>
`;

function read(document: string, pieceLength = document.length || 1, limits = XMLTV_LIMITS) {
  const channels: ExternalChannel[] = [];
  const programmes: ReturnType<typeof externalProgramme>[] = [];
  const reader = new XmltvReader(
    {
      onChannel: (channel) => channels.push(channel),
      onProgramme: (element) => programmes.push(externalProgramme(element, 'de')),
    },
    limits,
  );
  for (let from = 0; from < document.length; from += pieceLength)
    reader.write(document.slice(from, from + pieceLength));
  reader.close();
  return { channels, programmes };
}

test('everything that a programme says is read, in the wanted language', (t) => {
  const { channels, programmes } = read(DOCUMENT);
  t.deepEqual(channels, [{ id: 'DasErste.de', names: ['Das Erste', 'ARD & Co'] }]);
  t.is(programmes.length, 3);
  t.like(programmes[0], {
    title: 'Tatort',
    description: 'Ein Fall für <Borowski>.',
    startSeconds: Date.UTC(2026, 0, 1, 19, 15) / 1000,
    stopSeconds: Date.UTC(2026, 0, 1, 20, 45) / 1000,
  });
  t.deepEqual(programmes[0]?.details, {
    subtitle: 'Borowski und der Engel',
    season: 44,
    episode: 3,
    episodeCount: 10,
    year: 2019,
    countries: ['DE'],
    credits: [
      { role: 'director', name: 'Claudia Garde', character: null },
      { role: 'actor', name: 'Axel Milberg', character: 'Borowski' },
    ],
    ageRating: 12,
    starRating: 0.8,
    categories: ['Crime', 'Series'],
    repeat: true,
    isNew: false,
    live: false,
    imageUrl: 'https://img.example/1.jpg',
  });
  t.like(programmes[1], { title: 'Tagesthemen', stopSeconds: null, details: { live: true } });
  t.is(programmes[2], null);
});

test('where the document is split makes no difference', (t) => {
  const whole = read(DOCUMENT);
  for (const length of [1, 2, 3, 7, 64]) t.deepEqual(read(DOCUMENT, length), whole);
});

const BROKEN: ReadonlyArray<readonly [what: string, document: string, message: RegExp]> = [
  [
    'an element that is not closed',
    '<tv>\n<programme start="20260101">\n<title>Breaking Bad\n</programme>\n</tv>',
    /^line 4, column \d+: /,
  ],
  ['a document that ends early', '<tv>\n<channel id="a">', /^line 2, column \d+: .*unclosed/i],
  ['an entity nobody knows', '<tv>\n<channel id="&bomb;"/></tv>', /^line 2.*entity/i],
  ['a web page', '<!DOCTYPE html><html><body>Sign in</body></html>', /begins with <html>, not with <tv>/],
  ['plain text', 'Not found', /line 1/],
  ['nothing', '', /no <tv> element/],
  ['elements without end inside each other', `<tv>${'<a>'.repeat(100)}`, /more than 12 deep/],
  ['a text without end', `<tv><programme><title>${'x'.repeat(2_000_000)}`, /longer than 262144 characters/],
  ['a tag without end', `<tv><programme ${'x'.repeat(2_000_000)}`, /longer than 262144 characters/],
];
for (const [what, document, message] of BROKEN) {
  test(`${what} is refused with its line and the reason`, (t) => {
    const error = t.throws<XgError>(() => read(document));
    t.is(error?.code, 'XMLTV_BROKEN');
    t.regex(error?.message ?? '', message);
    t.true((error?.message.length ?? 0) < 300);
  });
}

test('entities that a document declares itself are not expanded', (t) => {
  t.throws(() => read('<!DOCTYPE tv [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><tv><channel id="&b;"/></tv>'), {
    code: 'XMLTV_BROKEN',
  });
});

test('a guide with more channels than any has is refused', (t) => {
  const document = `<tv>${'<channel id="a"/>'.repeat(11)}</tv>`;
  t.throws(() => read(document, 5, { ...XMLTV_LIMITS, channels: 10 }), { message: /more than 10 channels/ });
});

const TIMES: ReadonlyArray<readonly [string, string | null]> = [
  ['20260101201500 +0100', '2026-01-01T19:15:00.000Z'],
  ['20260101201500 -0530', '2026-01-02T01:45:00.000Z'],
  ['20260101201500', '2026-01-01T20:15:00.000Z'],
  ['202601012015 UTC', '2026-01-01T20:15:00.000Z'],
  ['20260101', '2026-01-01T00:00:00.000Z'],
  ['2026', '2026-01-01T00:00:00.000Z'],
  ['20261301', null],
  ['20260101206000', null],
  ['tomorrow', null],
  ['', null],
];
for (const [text, iso] of TIMES) {
  test(`the time "${text}" is ${iso ?? 'none'}`, (t) => {
    const seconds = parseXmltvTime(text);
    t.is(seconds === null ? null : new Date(seconds * 1000).toISOString(), iso);
  });
}
