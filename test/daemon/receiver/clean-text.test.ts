import test from 'ava';
import { cleanBlock, cleanLine, decodeEntities } from '#daemon/receiver/clean-text.ts';
import { readSharedData } from '../support/shared-data.ts';

const entities: ReadonlyArray<[string, string]> = [
  ['Tom &amp; Jerry', 'Tom & Jerry'],
  ['&quot;Heute&quot; &#39;live&#x27;', '"Heute" \'live\''],
  ['S&uuml;ndenbock &szlig; &Eacute;t&eacute;', 'Sündenbock ß Été'],
  ['&amp;lt;', '&lt;'],
  ['A&B; &nosuch; & ;', 'A&B; &nosuch; & ;'],
  ['&#1114112;&#0;x', '\u0000x'],
];
for (const [given, expected] of entities) {
  test(`entities: ${given}`, (t) => {
    t.is(decodeEntities(given), expected);
  });
}

test("DVB's line break becomes a line break and its emphasis marks vanish, in both widths", (t) => {
  t.is(cleanBlock('a\u008ab\ue08ac'), 'a\nb\nc');
  t.is(cleanBlock('\u0086bold\u0087 \ue086x\ue087'), 'bold x');
  t.is(cleanLine(' a\u008a  b\u00a0c '), 'a b c');
});

test('control characters, lone surrogates and non-characters are dropped, whole characters stay', (t) => {
  t.is(cleanBlock('a\u0000b\u0007c\u001f\ud800d\udc00\uffff😀'), 'abcd😀');
});

test('a real description with DVB line breaks reads as lines', (t) => {
  const data = readSharedData(t, 'openwebif/quoted/timer_U008A_linebreaks_de.json');
  if (data === null) return;
  const answer = JSON.parse(data.toString('utf8')) as { timers: Array<{ descriptionextended: string }> };
  const lines = cleanBlock(answer.timers[0]?.descriptionextended ?? '').split('\n');
  t.is(lines[0], 'USA 2015');
  t.is(lines.at(-1), 'Altersfreigabe: 16');
  t.false(lines.some((line) => /[\u0080-\u009f]/.test(line)));
});
