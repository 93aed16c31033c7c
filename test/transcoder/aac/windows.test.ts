import test from 'ava';
import { LONG_LINES, SHORT_LINES, shortSlopeInLong, sineSlope } from '#transcoder/aac/windows.ts';

for (const [name, slope] of [
  ['long slope', sineSlope(LONG_LINES)],
  ['short slope', sineSlope(SHORT_LINES)],
  ['short slope in a long half', shortSlopeInLong()],
] as const) {
  test(`${name}: squares of a place and of its mirror add up to one, so frames join without a seam`, (t) => {
    const last = slope.length - 1;
    for (const [i, value] of slope.entries())
      t.true(Math.abs(value ** 2 + (slope[last - i] as number) ** 2 - 1) < 1e-12);
    t.true((slope[0] as number) < (slope[last] as number));
  });
}
