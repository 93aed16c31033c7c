import test from 'ava';
import { MAX_TEXT, tidyText } from '#daemon/guide/quality/tidy-text.ts';

const cases: ReadonlyArray<readonly [given: string, tidied: string]> = [
  ['N/A', ''],
  ['None', ''],
  ['null', ''],
  ['-', ''],
  ['None of us', 'None of us'],
  ['Zwei  Leerzeichen \n und Zeilen', 'Zwei Leerzeichen\nund Zeilen'],
  ['Eins<br/>Zwei', 'Eins\nZwei'],
  ['Eins\\nZwei', 'Eins\nZwei'],
  ['<b>Fett</b> und <3', 'Fett und <3'],
  ['Tom &amp; Jerry', 'Tom & Jerry'],
  ['u\u0308ber', 'über'],
  ['der \u0308ubel', 'der übel'],
  ['a\n\n\n\nb', 'a\n\nb'],
  ['C:\\new', 'C:\\new'],
  ['', ''],
];
for (const [given, tidied] of cases) {
  test(`${JSON.stringify(given)} becomes ${JSON.stringify(tidied)}`, (t) => t.is(tidyText(given), tidied));
}

test('a text without end is cut at a word', (t) => {
  const cut = tidyText('wort '.repeat(10_000));
  t.true(cut.length <= MAX_TEXT);
  t.true(cut.endsWith('wort'));
});

test('a character of two halves is not cut in the middle', (t) => {
  t.notRegex(tidyText('🎬'.repeat(10_000)), /[\ud800-\udbff]$/);
});
