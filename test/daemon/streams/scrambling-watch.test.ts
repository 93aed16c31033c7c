import test from 'ava';
import { ScramblingWatch } from '#daemon/streams/scrambling-watch.ts';

/** What is said by the end of each second: `c` all clear, `s` all scrambled, `m` one in ten scrambled, `.` nothing came. */
function watch(seconds: string): string {
  const watcher = new ScramblingWatch();
  const counts = { packets: 0, scrambled: 0 };
  return [...seconds]
    .map((kind, index) => {
      if (kind !== '.') counts.packets += 1_000;
      counts.scrambled += kind === 's' ? 1_000 : kind === 'm' ? 100 : 0;
      const change = watcher.look({ ...counts }, index * 1_000);
      return change === null ? '-' : change === 'scrambled' ? 'S' : 'C';
    })
    .join('');
}

const CASES: readonly (readonly [string, string, string])[] = [
  ['a clear channel is never spoken of', 'cccccccc', '--------'],
  ['a key that comes two seconds late is no news', 'ccsscccssccc', '------------'],
  ['scrambled for good is said once, and once that it cleared', 'ccsssssssccc', '-----S---C--'],
  ['it has cleared when nothing is scrambled any more', 'csssssmmcc', '----S---C-'],
  ['a silent source says nothing', 'csss....sscc', '--------S-C-'],
  ['and it may happen again', 'ssssccssssc', '---SC----SC'],
];
for (const [title, seconds, expected] of CASES) {
  test(title, (t) => {
    t.is(watch(seconds), expected);
  });
}

test('it tells since when', (t) => {
  const watcher = new ScramblingWatch();
  let packets = 0;
  for (let second = 0; second < 5; second++) {
    packets += 100;
    watcher.look({ packets, scrambled: packets }, 50_000 + second * 1_000);
  }
  t.is(watcher.scrambledSinceMs, 50_000);
});
