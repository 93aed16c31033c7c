import test from 'ava';
import { editDistance, suggestWord } from '#daemon/config/suggest.ts';

const distances: ReadonlyArray<[string, string, number]> = [
  ['', '', 0],
  ['host', 'host', 0],
  ['host', 'hots', 1],
  ['host', 'hst', 1],
  ['kitten', 'sitting', 3],
  ['', 'abc', 3],
];
for (const [left, right, distance] of distances) {
  test(`"${left}" and "${right}" are ${distance} apart`, (t) => {
    t.is(editDistance(left, right), distance);
    t.is(editDistance(right, left), distance);
  });
}

test('the nearest word is suggested, nothing when none is near', (t) => {
  t.is(suggestWord('stream_port', ['host', 'streamPort', 'relayPort']), 'streamPort');
  t.is(suggestWord('colour', ['host', 'streamPort']), null);
});
