import test from 'ava';
import { encodeTlv, parseTlvs, textOf, u32sOf, zeroTerminated } from '#daemon/hdhomerun/wire/tlv.ts';

test('lengths below 128 take one byte, others two: the low 7 bits first', (t) => {
  t.is(encodeTlv(3, Buffer.alloc(127)).subarray(0, 2).toString('hex'), '037f');
  t.is(encodeTlv(3, Buffer.alloc(128)).subarray(0, 3).toString('hex'), '038001');
  t.is(encodeTlv(3, Buffer.alloc(300)).subarray(0, 3).toString('hex'), '03ac02');
});

for (const length of [0, 1, 126, 127, 128, 129, 255, 256, 1400]) {
  test(`a value of ${length} bytes comes back as it was`, (t) => {
    const value = Buffer.alloc(length, 0x61);
    t.deepEqual(parseTlvs(encodeTlv(0x27, value)), [{ tag: 0x27, value }]);
  });
}

test('a value that is cut off ends the list, wherever it is cut', (t) => {
  const whole = Buffer.concat([encodeTlv(1, Buffer.from('abc')), encodeTlv(2, Buffer.alloc(200, 7))]);
  for (let length = 5; length < whole.length; length++)
    t.is(parseTlvs(whole.subarray(0, length)).length, 1, `${length}`);
  t.is(parseTlvs(whole).length, 2);
  t.is(parseTlvs(Buffer.from([1, 0x80])).length, 0);
});

test('texts of get and set end with a zero byte, which is counted', (t) => {
  t.is(zeroTerminated('/sys/model').length, 11);
  t.is(textOf(zeroTerminated('/sys/model')), '/sys/model');
  t.is(textOf(Buffer.from('no zero byte')), 'no zero byte');
  t.is(textOf(Buffer.from('a\0b')), 'a');
});

test('numbers that are not whole are no numbers', (t) => {
  t.deepEqual(u32sOf(Buffer.from('0000000100000005', 'hex')), [1, 5]);
  t.deepEqual(u32sOf(Buffer.from('000000010000', 'hex')), []);
});
