import test from 'ava';
import { durationMs, profileForTranscode } from '#daemon/hdhomerun/transcode-profiles.ts';

const OWN = ['aac', 'pass', 'night'];

for (const [text, profile] of [
  [null, null],
  ['', null],
  ['none', 'pass'],
  ['heavy', 'aac-first'],
  ['Mobile', 'aac'],
  ['internet720', 'aac'],
  ['internet240', 'aac'],
  ['night', 'night'],
] as const) {
  test(`transcode=${text} is ${profile ?? 'nothing said'}`, (t) => t.is(profileForTranscode(text, OWN), profile));
}

for (const text of ['internet9000', 'constructor', '__proto__', 'x'.repeat(5_000)]) {
  test(`transcode=${text.slice(0, 20)} is no profile`, (t) => {
    const error = t.throws(() => profileForTranscode(text, OWN), { code: 'PROFILE_UNKNOWN' });
    t.true((error?.message.length ?? 0) < 300);
  });
}

test('a duration is a number of seconds; anything else is no end', (t) => {
  t.is(durationMs('10'), 10_000);
  t.is(durationMs('0.5'), 500);
  t.is(durationMs('99999999'), 86_400_000);
  for (const text of [null, '', '0', '-5', 'NaN', 'Infinity', 'ten']) t.is(durationMs(text), null, String(text));
});
