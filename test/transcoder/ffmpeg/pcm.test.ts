import test from 'ava';
import { rolesOfMask } from '#transcoder/ffmpeg/pcm.ts';

test('the roles of the layouts that broadcasts have', (t) => {
  t.deepEqual(rolesOfMask(0x4n, 1), ['FC']);
  t.deepEqual(rolesOfMask(0x3n, 2), ['FL', 'FR']);
  t.deepEqual(rolesOfMask(0x3fn, 6), ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR']);
  t.deepEqual(rolesOfMask(0x60fn, 6), ['FL', 'FR', 'FC', 'LFE', 'SL', 'SR']);
  t.deepEqual(rolesOfMask(0x63fn, 8), ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR', 'SL', 'SR']);
  t.deepEqual(rolesOfMask(0x107n, 4), ['FL', 'FR', 'FC', 'BC']);
});

test('without a mask mono and stereo are what they must be, more channels are of no known role', (t) => {
  t.deepEqual(rolesOfMask(0n, 1), ['FC']);
  t.deepEqual(rolesOfMask(0n, 2), ['FL', 'FR']);
  t.deepEqual(rolesOfMask(0n, 3), ['other', 'other', 'other']);
});

test('a mask with fewer or more bits than channels gives as many roles as channels', (t) => {
  t.deepEqual(rolesOfMask(0x3n, 3), ['FL', 'FR', 'other']);
  t.deepEqual(rolesOfMask(0x3fn, 2), ['FL', 'FR']);
  t.deepEqual(rolesOfMask(1n << 40n, 1), ['other']);
});
