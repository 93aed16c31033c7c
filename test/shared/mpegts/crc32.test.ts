import test from 'ava';
import { crc32Mpeg } from '#shared/mpegts/crc32.ts';
import { referenceCrc32 } from '#test/helpers/ts-builder.ts';

test('the check value of CRC-32/MPEG-2 comes out', (t) => {
  t.is(crc32Mpeg(Buffer.from('123456789')), 0x0376e6e7);
});

test('nothing gives the start value', (t) => {
  t.is(crc32Mpeg(new Uint8Array(0)), 0xffffffff);
});

test('a PAT as broadcast gives 0 with its CRC_32 included', (t) => {
  const section = Buffer.from('00b00d0001c100000001f0002ab104b2', 'hex');
  t.is(crc32Mpeg(section), 0);
  t.is(crc32Mpeg(section, 0, section.length - 4), 0x2ab104b2);
});

test('only the given range counts, in a view with an offset too', (t) => {
  const padded = Buffer.concat([Buffer.from([1, 2, 3]), Buffer.from('123456789'), Buffer.from([4])]);
  t.is(crc32Mpeg(padded, 3, 12), 0x0376e6e7);
  t.is(crc32Mpeg(padded.subarray(3, 12)), 0x0376e6e7);
});

test('the table gives what the shift register of Annex A gives, at every length', (t) => {
  const bytes = Uint8Array.from({ length: 300 }, (_, index) => (index * 167 + (index >> 3)) & 0xff);
  for (let length = 0; length <= bytes.length; length++) {
    t.is(crc32Mpeg(bytes, 0, length), referenceCrc32(bytes.subarray(0, length)));
  }
});

test('each single flipped bit is noticed', (t) => {
  const section = Buffer.from('00b00d0001c100000001f0002ab104b2', 'hex');
  for (let bit = 0; bit < section.length * 8; bit++) {
    const spoilt = Buffer.from(section);
    spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
    t.not(crc32Mpeg(spoilt), 0);
  }
});
