import test from 'ava';
import { wantsCard } from '#daemon/streams/client-kind.ts';

const CASES: readonly (readonly [string | null, boolean, string])[] = [
  ['VLC/3.0.21 LibVLC/3.0.21', true, 'somebody sits in front of it'],
  ['Kodi/21.1 (X11; Linux x86_64) App_Bitness/64', true, 'somebody sits in front of it'],
  ['TiviMate/4.7.0 (Android 11)', true, 'somebody sits in front of it'],
  ['SomeTelevision/1.0', true, 'unknown players are players'],
  ['PlexMediaServer/1.40.1', false, 'it tells its own users, and records'],
  ['Jellyfin-Server/10.9.0', false, 'it tells its own users, and records'],
  ['Lavf/60.16.100', false, 'a media server may stand behind it'],
  ['Tvheadend/4.3', false, 'it has other tuners to try'],
  ['curl/8.5.0', false, 'a script wants the status'],
  [null, false, 'a script wants the status'],
];
for (const [userAgent, expected, why] of CASES) {
  test(`${userAgent ?? 'no User-Agent'} ${expected ? 'is shown a card' : 'gets the error'}: ${why}`, (t) => {
    t.is(wantsCard(userAgent), expected);
  });
}
