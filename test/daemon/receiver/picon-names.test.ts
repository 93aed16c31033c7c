import test from 'ava';
import { imageType } from '#daemon/receiver/image-type.ts';
import { piconNames } from '#daemon/receiver/picon-names.ts';
import { parseServiceReference } from '#daemon/receiver/service-reference.ts';

test('an HD channel finds the file of its SD form, by reference and by name', (t) => {
  const ref = parseServiceReference('1:0:19:283D:3FB:1:C00000:0:0:0:');
  t.deepEqual(ref === null ? [] : piconNames(ref, 'Das Erste HD'), [
    '1_0_19_283D_3FB_1_C00000_0_0_0.png',
    '1_0_1_283D_3FB_1_C00000_0_0_0.png',
    'daserstehd.png',
    'daserste.png',
  ]);
});

test('a terrestrial or cable service finds the file without its frequency', (t) => {
  const ref = parseServiceReference('1:0:1F:A01:B03:2174:EEEE01B2:0:0:0:');
  const names = ref === null ? [] : piconNames(ref, 'ARD-UHD+');
  t.true(names.includes('1_0_1F_A01_B03_2174_EEEE0000_0_0_0.png'));
  t.true(names.includes('1_0_1_A01_B03_2174_EEEE0000_0_0_0.png'));
  t.true(names.includes('arduhdplus.png'));
});

const pictures: readonly [string, Buffer, string | null][] = [
  ['PNG', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d]), 'image/png'],
  ['JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'image/jpeg'],
  ['GIF', Buffer.from('GIF89a....'), 'image/gif'],
  ['WebP', Buffer.from('RIFF\u0010\u0000\u0000\u0000WEBPVP8 '), 'image/webp'],
  ['SVG', Buffer.from('<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="http://www.w3.org/2000/svg">'), 'image/svg+xml'],
  ['SVG with a byte order mark', Buffer.from('\ufeff<svg>'), 'image/svg+xml'],
  ['a web page', Buffer.from('<!doctype html><html><svg></svg>'), null],
  ['nothing', Buffer.alloc(0), null],
];
for (const [what, bytes, expected] of pictures) {
  test(`${what} is ${expected ?? 'no picture'}`, (t) => t.is(imageType(bytes), expected));
}
