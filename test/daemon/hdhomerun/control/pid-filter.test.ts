import test from 'ava';
import { ALL_PIDS, parsePidFilter } from '#daemon/hdhomerun/control/pid-filter.ts';

test('a filter is a list of PIDs and ranges', (t) => {
  const filter = parsePidFilter('0x0000 0x0100-0x0102  0x1FFF');
  t.deepEqual(
    [0, 1, 0xff, 0x100, 0x102, 0x103, 0x1fff].map((pid) => filter?.has(pid)),
    [true, false, false, true, true, false, true],
  );
  t.is(filter?.text, '0x0000 0x0100-0x0102 0x1FFF');
  t.true(parsePidFilter(ALL_PIDS)?.has(0x1fff));
});

for (const text of ['', '256', '0x2000', '0x0002-0x0001', '0x0-0x1-0x2', `${'0x0001 '.repeat(65)}`]) {
  test(`"${text.slice(0, 20)}" is none`, (t) => t.is(parsePidFilter(text), null));
}
