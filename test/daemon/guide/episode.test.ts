import test from 'ava';
import { findEpisodeNumber, onscreen, xmltvNs } from '#daemon/guide/episode.ts';

const cases: ReadonlyArray<[string, string | null, string | null]> = [
  ['S01E02', '0.1.', 'S01E02'],
  ['Veteran Guy: Peter joins the Coast Guard. S16 Ep14', '15.13.', 'S16E14'],
  ['Staffel 1, Folge 2', '0.1.', 'S01E02'],
  ['3. Staffel, Folge 10: Das Ende', '2.9.', 'S03E10'],
  ['3. Staffel, 10. Folge', '2.9.', 'S03E10'],
  ['Season 2, Episode 5/8', '1.4/8.', 'S02E05'],
  ['Folge 1234', '.1233.', 'E1234'],
  ['Folge 2 von 6', '.1/6.', 'E02'],
  ['(6:6) Britisk dokumentarserie fra 2019.', '.5/6.', 'E06'],
  ['2/6. The hunters move on.', '.1/6.', 'E02'],
  ['Ein Film (1/2)', '.0/2.', 'E01'],
  ['Nachrichten um 20:15', null, null],
  ['24/7', null, null],
  ['USA 2015', null, null],
  ['Folge 0', null, null],
  ['', null, null],
];
for (const [text, ns, screen] of cases) {
  test(`"${text}" is ${screen ?? 'no episode'}`, (t) => {
    const found = findEpisodeNumber([text]);
    t.is(found === null ? null : xmltvNs(found), ns);
    t.is(found === null ? null : onscreen(found), screen);
  });
}

test('the first text that names an episode counts', (t) => {
  t.deepEqual(findEpisodeNumber(['no', 'S02E03', 'S09E09']), { season: 2, episode: 3, total: null });
});
