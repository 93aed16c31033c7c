import test from 'ava';
import { decodeDvbText, encodeDvbText } from '#shared/mpegts/dvb-text.ts';

const text = test.macro<[string, readonly number[], string]>({
  exec(t, _name, bytes, expected) {
    const view = Buffer.from([0x15, 0xff, ...bytes]).subarray(2);
    t.is(decodeDvbText(view), expected);
  },
  title: (_, name) => name,
});

const latin = (value: string): number[] => [...Buffer.from(value, 'latin1')];
/** The same six bytes under each selector: only the table tells what they mean. */
const SAMPLE = [0x41, 0xb1, 0xc4, 0xd0, 0xe9, 0xf1];

test(text, 'no bytes are no text', [], '');
test(text, 'plain ASCII needs no selector', latin('Das Erste HD'), 'Das Erste HD');
test(text, 'without a selector letters are read as Latin-1, which broadcasters send', latin('BR Süd'), 'BR Süd');
test(text, 'selector 0x01 is ISO 8859-5', [0x01, ...SAMPLE], 'AБФащё');
test(text, 'selector 0x02 is ISO 8859-6', [0x02, 0x41, 0xc4, 0xd0, 0xe9], 'Aؤذى');
test(text, 'selector 0x03 is ISO 8859-7', [0x03, ...SAMPLE], 'A±ΔΠιρ');
test(text, 'selector 0x04 is ISO 8859-8', [0x04, 0x41, 0xb1, 0xe9, 0xf1], 'A±יס');
test(text, 'selector 0x05 is ISO 8859-9', [0x05, ...SAMPLE], 'A±ÄĞéñ');
test(text, 'selector 0x06 is ISO 8859-10', [0x06, ...SAMPLE], 'AąÄÐéņ');
test(text, 'selector 0x07 is ISO 8859-11', [0x07, ...SAMPLE], 'Aฑฤะ้๑');
test(text, 'selector 0x09 is ISO 8859-13', [0x09, ...SAMPLE], 'A±ÄŠéń');
test(text, 'selector 0x0a is ISO 8859-14', [0x0a, ...SAMPLE], 'AḟÄŴéñ');
test(text, 'selector 0x0b is ISO 8859-15', [0x0b, 0x41, 0xa4, 0xbc], 'A€Œ');
test(text, 'selector 0x08 is reserved and its text readable all the same', [0x08, ...latin('Süd')], 'Süd');
test(text, 'selector 0x10 0x00 0x01 is ISO 8859-1', [0x10, 0, 1, ...latin('Süd')], 'Süd');
test(text, 'selector 0x10 0x00 0x02 is ISO 8859-2', [0x10, 0, 2, ...SAMPLE], 'AąÄĐéń');
test(text, 'selector 0x10 0x00 0x04 is ISO 8859-4', [0x10, 0, 4, ...SAMPLE], 'AąÄĐéņ');
test(text, 'selector 0x10 0x00 0x05 is ISO 8859-5', [0x10, 0, 5, ...SAMPLE], 'AБФащё');
test(text, 'selector 0x10 0x00 0x09 is ISO 8859-9', [0x10, 0, 9, ...SAMPLE], 'A±ÄĞéñ');
test(text, 'selector 0x10 0x00 0x0b is ISO 8859-11', [0x10, 0, 11, ...SAMPLE], 'Aฑฤะ้๑');
test(text, 'selector 0x10 0x00 0x0f is ISO 8859-15', [0x10, 0, 15, 0xa4], '€');
test(text, 'a part that does not exist is read as Latin-1', [0x10, 0, 12, ...latin('Süd')], 'Süd');
test(text, 'a three-byte selector cut short is no text', [0x10, 0], '');
test(text, 'selector 0x11 is two bytes per letter', [0x11, 0x00, 0x41, 0x04, 0x16, 0x20, 0xac], 'AЖ€');
test(text, 'selector 0x12 is Korean', [0x12, 0xc7, 0xd1, 0xb1, 0xb9], '한국');
test(text, 'selector 0x13 is simplified Chinese', [0x13, 0xd6, 0xd0, 0xb9, 0xfa], '中国');
test(text, 'selector 0x14 is two bytes per letter too', [0x14, 0x4e, 0x2d, 0x57, 0x0b], '中國');
test(text, 'selector 0x15 is UTF-8', [0x15, ...Buffer.from('Süd – €')], 'Süd – €');
test(text, 'other control codes at the start are skipped', [0x1f, ...latin('x')], 'x');
test(text, '0x8a breaks the line', [...latin('a'), 0x8a, ...latin('b')], 'a\nb');
test(text, 'emphasis on and off are dropped', [0x86, ...latin('ARD'), 0x87, ...latin(' HD')], 'ARD HD');
test(text, 'emphasis is dropped under a selector too', [0x05, 0x86, ...latin('ARD'), 0x87], 'ARD');
test(text, 'in UTF-8 control codes are U+E080 to U+E09F', [0x15, ...Buffer.from('\ue086a\ue087\ue08ab')], 'a\nb');
test(text, 'in UTF-8 the one-byte codes count as well', [0x15, ...Buffer.from('\u0086a\u0087\u008ab')], 'a\nb');
test(text, 'two-byte text has them as 0xe08a', [0x11, 0, 0x61, 0xe0, 0x8a, 0, 0x62, 0xe0, 0x87], 'a\nb');
test(text, 'broken UTF-8 is shown as such and does not throw', [0x15, 0x61, 0xff], 'a\ufffd');

test('every first byte and every part gives a text, never an error', (t) => {
  for (let first = 0; first < 256; first++) {
    for (let part = 0; part < 256; part += first === 0x10 ? 1 : 255) {
      t.is(typeof decodeDvbText(Buffer.from([first, 0, part, 0x41, 0xe4])), 'string');
    }
  }
});

test('text is written so that it is read again', (t) => {
  for (const value of ['', 'Das Erste HD', 'BR Süd', 'Первый', '日本', '😀 TV', '~', ' ']) {
    t.is(decodeDvbText(encodeDvbText(value, 255)), value);
  }
});

test('ASCII is written without a selector, all else as UTF-8', (t) => {
  t.deepEqual(encodeDvbText('ARD', 10), Buffer.from('ARD'));
  t.is(encodeDvbText('Süd', 10)[0], 0x15);
});

test('text is cut between letters, and never longer than the limit', (t) => {
  for (const value of ['abcdef', 'äöüäöü', '日本日本', '😀😀😀']) {
    for (let limit = 1; limit < 20; limit++) {
      const bytes = encodeDvbText(value, limit);
      t.true(bytes.length <= limit);
      t.true(value.startsWith(decodeDvbText(bytes)), `${value} in ${limit} bytes`);
    }
  }
});
