import test from 'ava';
import { isSameLanguage } from '#shared/mpegts/language.ts';

/** ISO 639-2: the twenty languages with a bibliographic and a terminology code. */
const PAIRS = [
  ['alb', 'sqi'],
  ['arm', 'hye'],
  ['baq', 'eus'],
  ['bur', 'mya'],
  ['chi', 'zho'],
  ['cze', 'ces'],
  ['dut', 'nld'],
  ['fre', 'fra'],
  ['geo', 'kat'],
  ['ger', 'deu'],
  ['gre', 'ell'],
  ['ice', 'isl'],
  ['mac', 'mkd'],
  ['mao', 'mri'],
  ['may', 'msa'],
  ['per', 'fas'],
  ['rum', 'ron'],
  ['slo', 'slk'],
  ['tib', 'bod'],
  ['wel', 'cym'],
] as const;

test('both codes of a language mean the same, in either order and any case', (t) => {
  for (const [bibliographic, terminology] of PAIRS) {
    t.true(isSameLanguage(bibliographic, terminology));
    t.true(isSameLanguage(terminology, bibliographic));
    t.true(isSameLanguage(bibliographic.toUpperCase(), terminology));
    t.true(isSameLanguage(terminology, terminology));
  }
});

test('no two of them mean the same language', (t) => {
  for (const [index, pair] of PAIRS.entries()) {
    for (const other of PAIRS.slice(index + 1)) for (const code of pair) t.false(isSameLanguage(code, other[0]));
  }
});

test('other codes mean only themselves, those for private use too', (t) => {
  t.true(isSameLanguage('eng', 'ENG'));
  t.true(isSameLanguage('qad', 'qad'));
  t.false(isSameLanguage('eng', 'deu'));
  t.false(isSameLanguage('qad', 'qaa'));
  t.false(isSameLanguage('slo', 'slv'), 'Slovak is not Slovenian');
});
