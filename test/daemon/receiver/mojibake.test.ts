import test from 'ava';
import { cleanBlock, cleanLine } from '#daemon/receiver/clean-text.ts';
import { repairIso6937, repairUtf8 } from '#daemon/receiver/mojibake.ts';

/** Correct in their languages, with the letters, capitals and punctuation that broken text looks like. */
const CORRECT = [
  'Für Elise – Größe, Straße, ÄÖÜ und „Anführung“ … äöüß',
  'JÄGER … ÖSTERREICH',
  'Ça va ? « Déjà vu », l’été à Nîmes, Œuvre, CAFÉ…',
  'CAFÉ… ET THÉ…',
  'DÉJÀ – ÉTÉ',
  '«ÉCOLE»',
  'À la carte, Île de Ré, Êtes-vous prêts ? Âge mûr',
  'Zażółć gęślą jaźń – ŁÓDŹ, „Świat”',
  'Perché no? È così: città, virtù, «È VERO»',
  '¿Qué pasa, señor? ¡Olé! ESPAÑA… «ÑANDÚ» º ª',
  'São Paulo, IRMÃO, IRMÃ… “MÃE”, Ã',
  'IRMû',
  'Één geïnteresseerde coördinator, België',
  'Smørrebrød på ø, ÆØÅ, Ålesund, Å…',
  'Příliš žluťoučký kůň úpěl ďábelské ódy',
  'Árvíztűrő tükörfúrógép',
  'Ελληνικά και ΑΘΗΝΑ…',
  'Добрый вечер, «Москва»',
  'Şişli, İstanbul, ığdır',
  'Crème brûlée & Co. – 50 % € 12,50 §5 ©2020 ®',
  'McÉtienne, DiÁngelo',
  'Naïve Ïle',
  'An hÁit seo, a hÍosa',
  'Sinn Féin – Tír na nÓg, nÉireann, hÉireann, tÚdarás',
  '日本語のテスト',
  'עברית',
  '🎬 Film ½ ¾ 5° 10² µm',
];
for (const text of CORRECT) {
  test(`a correct text stays as it is: "${text}"`, (t) => {
    t.is(cleanBlock(text), text);
    t.is(repairUtf8(text), text);
    t.is(repairIso6937(text), text);
  });
  test(`UTF-8 read as ISO 8859-1 is put right, unless it is not sure: "${text}"`, (t) => {
    const broken = Buffer.from(text, 'utf8').toString('latin1');
    const repaired = repairUtf8(broken);
    t.true(repaired === text || repaired === broken, repaired);
  });
}

test('what was read in the wrong alphabet is put right, but for what may be correct', (t) => {
  const foreign = new Set(['日本語のテスト', 'עברית', '🎬 Film ½ ¾ 5° 10² µm']);
  const left = CORRECT.filter(
    (text) => !foreign.has(text) && repairUtf8(Buffer.from(text, 'utf8').toString('latin1')) !== text,
  );
  t.deepEqual(left, ['IRMû']); // one single letter, which could be a capital and a mark
});

const BROKEN: ReadonlyArray<readonly [broken: string, right: string]> = [
  ['FÃ¼r GroÃ\u009fe', 'Für Große'],
  ['FÃ¼r GroÃŸe', 'Für Große'],
  ['DÃ©jÃ\u00a0 vu', 'Déjà vu'],
  ['Itâ€™s â€œnewâ€\u009d', 'It’s “new”'],
  ['ZaÅ¼Ã³Å‚Ä‡', 'Zażółć'],
  ['FÃƒÂ¼r', 'Für'],
  ['MÃ¼nchen am StraÃ', 'München am Stra'],
  ['MÈunchen', 'München'],
  ['Die Èuberraschung fÈur alle', 'Die Überraschung für alle'.replace('Ü', 'ü')],
  ['ConfÂerence de presse', 'Conférence de presse'],
  ['It\u0092s here \u0096 now', 'It’s here – now'],
  ['Eins\u008aZwei \u0086betont\u0087', 'Eins\nZwei betont'],
  ['Tom &amp; Jerry &ndash; K&ouml;ln', 'Tom & Jerry – Köln'],
];
for (const [broken, right] of BROKEN) {
  test(`${JSON.stringify(broken)} is put right`, (t) => t.is(cleanBlock(broken), right));
}

test('a line has no line breaks', (t) => t.is(cleanLine('FÃ¼r\u008auns'), 'Für uns'));
