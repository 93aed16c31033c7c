import test from 'ava';
import { PlaylistTexts } from '#daemon/http/playlist-texts.ts';

test('a list is written once for the same channels, and again for new ones', (t) => {
  const texts = new PlaylistTexts();
  const [one, two] = [[], []];
  let written = 0;
  const write = (): string[] => [`list ${++written}`];
  const first = texts.get(one, 'a', write);
  t.is(texts.get(one, 'a', write), first);
  t.is(String(texts.get(one, 'b', write).text), 'list 2');
  const third = texts.get(two, 'a', write);
  t.is(String(third.text), 'list 3');
  t.not(third.etag, first.etag);
});

test('lists of many addresses do not add up', (t) => {
  const texts = new PlaylistTexts();
  const channels: object[] = [];
  let written = 0;
  const write = (): string[] => [`${++written}`.padEnd(1_000_000)];
  for (let key = 0; key < 10; key++) texts.get(channels, String(key), write);
  texts.get(channels, '9', write);
  t.is(written, 10);
  texts.get(channels, '0', write);
  t.is(written, 11);
});
