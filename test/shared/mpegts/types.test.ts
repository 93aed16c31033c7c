import test from 'ava';
import { XgError } from '#shared/errors.ts';
import {
  asPid,
  asProgramNumber,
  asSectionVersion,
  asStreamType,
  PCR_MODULO,
  TIMESTAMP_MODULO,
  wrapPcr,
  wrapPts,
} from '#shared/mpegts/types.ts';

const range = test.macro<[(value: number) => number, number]>({
  exec(t, parse, last) {
    t.is(parse(0), 0);
    t.is(parse(last), last);
    for (const bad of [-1, last + 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const error = t.throws(() => parse(bad), { instanceOf: XgError });
      t.is(error?.code, 'TS_RANGE');
      t.true(error?.message.includes(String(bad)), 'the message names the value');
      t.is(error?.data['value'], bad);
    }
  },
  title: (_, parse, last) => `${parse.name} takes 0 to ${last} and nothing else`,
});
test(range, asPid, 0x1fff);
test(range, asProgramNumber, 0xffff);
test(range, asSectionVersion, 31);
test(range, asStreamType, 0xff);

test('the clocks wrap at 2^33 of 90 kHz and 300 times that of 27 MHz', (t) => {
  t.is(TIMESTAMP_MODULO, 2 ** 33);
  t.is(PCR_MODULO, 2 ** 33 * 300);
});

const wrapped = test.macro<[number, number]>({
  exec(t, ticks, expected) {
    t.is(wrapPts(ticks), expected as ReturnType<typeof wrapPts>);
    t.is(wrapPcr(ticks * 300), (expected * 300) as ReturnType<typeof wrapPcr>);
  },
  title: (_, ticks, expected) => `${ticks} ticks go onto the wire as ${expected}`,
});
test(wrapped, 0, 0);
test(wrapped, 2 ** 31, 2 ** 31);
test(wrapped, 2 ** 32, 2 ** 32);
test(wrapped, 2 ** 33 - 1, 2 ** 33 - 1);
test(wrapped, 2 ** 33, 0);
test(wrapped, 2 ** 33 + 7, 7);
test(wrapped, 100 * 2 ** 33 + 7, 7);
test(wrapped, -1, 2 ** 33 - 1);
test(wrapped, -(2 ** 33), 0);
test(wrapped, -(2 ** 34) - 5, 2 ** 33 - 5);
