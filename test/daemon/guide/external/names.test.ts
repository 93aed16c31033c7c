import test from 'ava';
import { type MatchedBy, matchChannels } from '#daemon/guide/external/mapping.ts';
import { channel } from '../../support/channels.ts';

const GUIDE = [
  { id: 'DasErste.de', names: ['Das Erste', 'ARD'] },
  { id: 'ZDF.de', names: ['ZDF'] },
  { id: 'ZDFneo.de', names: ['ZDFneo'] },
  { id: 'SuperRTL.de', names: ['Super RTL'] },
  { id: 'RTL.de', names: ['RTL', '7'] },
  { id: 'RTL2.de', names: ['RTL Zwei'] },
  { id: 'BR.de', names: ['BR Fernsehen Süd'] },
  { id: 'ITV1.uk', names: ['ITV1'] },
  { id: 'ITV1p1.uk', names: ['ITV1 +1'] },
  { id: 'ITV2.uk', names: ['ITV2'] },
  { id: 'France2.fr', names: ['France 2'] },
  { id: 'France3.fr', names: ['France 3'] },
  { id: 'Telecinco.es', names: ['Telecinco'] },
  { id: 'TVN.pl', names: ['TVN'] },
  { id: 'TVN7.pl', names: ['TVN 7'] },
  { id: 'NPO1.nl', names: ['NPO 1'] },
  { id: 'SkyCinema.it', names: ['Sky Cinema Uno'] },
  { id: 'c00000-1-3fb-63', names: ['Something else'] },
  { id: 'Sport1.de', names: ['SPORT1'] },
  { id: 'NationalGeo.de', names: ['National Geographic'] },
];

const cases: ReadonlyArray<readonly [name: string, xmltvId: string | null, by: MatchedBy]> = [
  ['ZDF', 'ZDF.de', 'name'],
  ['zdf', 'ZDF.de', 'name'],
  ['ZDF HD', 'ZDF.de', 'similar-name'],
  ['Das Erste HD', 'DasErste.de', 'similar-name'],
  ['zdf_neo HD', 'ZDFneo.de', 'similar-name'],
  ['SUPER RTL HD Austria', 'SuperRTL.de', 'similar-name'],
  ['RTL HD', 'RTL.de', 'similar-name'],
  ['RTL Zwei (DE)', 'RTL2.de', 'similar-name'],
  ['BR Fernsehen Sued HD', 'BR.de', 'similar-name'],
  ['ITV1 HD', 'ITV1.uk', 'similar-name'],
  ['ITV1+1', 'ITV1p1.uk', 'similar-name'],
  ['ITV 3', null, 'none'],
  ['FRANCE 2 HD', 'France2.fr', 'similar-name'],
  ['ES: Telecinco', 'Telecinco.es', 'similar-name'],
  ['TVN HD', 'TVN.pl', 'similar-name'],
  ['TVN7 HD', 'TVN7.pl', 'similar-name'],
  ['NPO1 HD', 'NPO1.nl', 'similar-name'],
  ['Sky Cinema Due', null, 'none'],
  ['Nat Geo Wild', null, 'none'],
  ['Unheard of', null, 'none'],
];
for (const [name, xmltvId, by] of cases) {
  test(`"${name}" is ${xmltvId ?? 'nobody'} (${by})`, (t) => {
    const [match] = matchChannels([channel(1, { name })], GUIDE, new Map());
    t.like(match, { xmltvId, by });
    t.true(xmltvId === null || (match?.score ?? 0) > 0.8);
  });
}

test('the same id counts before any name', (t) => {
  const [match] = matchChannels([channel(99, { name: 'ZDF' })], GUIDE, new Map());
  t.like(match, { xmltvId: 'c00000-1-3fb-63', by: 'id' });
});

test('what the user says counts before everything, also that there is none', (t) => {
  const channels = [channel(1, { name: 'ZDF' }), channel(2, { name: 'ARD' }), channel(3, { name: 'RTL HD' })];
  const choices = new Map<string, string | null>([
    [channel(1).id, 'ZDFneo.de'],
    [channel(2).id, null],
    ['rtl hd', 'RTL2.de'],
  ]);
  const matches = matchChannels(channels, GUIDE, choices);
  t.deepEqual(
    matches.map(({ xmltvId, by }) => [xmltvId, by]),
    [
      ['ZDFneo.de', 'user'],
      [null, 'user'],
      ['RTL2.de', 'user'],
    ],
  );
});

test('two that fit as well leave the choice to the user, and are shown', (t) => {
  const guide = [
    { id: 'a', names: ['Sport Eins DE'] },
    { id: 'b', names: ['Sport Eins AT'] },
  ];
  const [match] = matchChannels([channel(1, { name: 'Sport Eins HD' })], guide, new Map());
  t.like(match, { xmltvId: null, by: 'none' });
  t.deepEqual(match?.candidates.map(({ xmltvId }) => xmltvId).sort(), ['a', 'b']);
});

test('a thousand channels and a guide of twenty thousand are matched in one go', (t) => {
  const syllables = ['ka', 'lo', 'mi', 'ter', 'van', 'so', 'ri', 'ne', 'ba', 'du', 'fel', 'gos'];
  const nameOf = (index: number): string =>
    [1, 12, 144, 1728].map((power) => syllables[Math.floor(index / power) % 12]).join('') +
    (index % 3 === 0 ? ' Family' : '');
  const guide = Array.from({ length: 20_000 }, (_, index) => ({ id: `x${index}`, names: [nameOf(index)] }));
  const channels = Array.from({ length: 1000 }, (_, index) => channel(index + 1, { name: `${nameOf(index * 7)} HD` }));
  const before = process.cpuUsage();
  const matches = matchChannels(channels, guide, new Map());
  t.log(`${Math.round(process.cpuUsage(before).user / 1000)} ms of CPU`);
  t.is(matches.filter(({ xmltvId }, index) => xmltvId === `x${index * 7}`).length, 1000);
});
