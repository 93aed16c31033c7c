import test from 'ava';
import { ProfileBook, type VariantWishes } from '#daemon/streams/profiles.ts';

const book = new ProfileBook({
  bitrate: 192_000,
  custom: { kids: { language: 'deu', loudness: true, bitrate: 128_000 }, surround: { bitrate: 256_000 } },
  defaultProfile: 'aac',
});

test('a request without wishes gets the default profile', (t) => {
  const { profile, audio } = book.resolve({});
  t.is(profile, 'aac');
  t.deepEqual(audio, {
    mode: 'aac',
    channels: 'stereo',
    bitrate: 192_000,
    language: null,
    loudness: false,
    night: false,
  });
});

test('pass needs no transcoder, unless it is to keep one track only', (t) => {
  t.is(book.resolve({ profile: 'pass' }).audio, null);
  t.like(book.resolve({ profile: 'pass', audio: 'fra' }).audio, { mode: 'pass', language: 'fra' });
});

test('profiles of the configuration add to those there are, and change them', (t) => {
  t.deepEqual(book.names, ['aac', 'pass', 'aac-first', 'surround', 'night', 'kids']);
  t.like(book.resolve({ profile: 'kids' }).audio, { mode: 'aac', language: 'deu', loudness: true, bitrate: 128_000 });
  t.like(book.resolve({ profile: 'surround' }).audio, { channels: 'source', bitrate: 256_000 });
});

test('wishes count for more than the profile', (t) => {
  const wishes = { profile: 'kids', audio: 'all', channels: 'source', loudness: 'off', night: 'on' };
  const { audio } = book.resolve(wishes);
  t.like(audio, { language: null, channels: 'source', loudness: false, night: true });
});

test('equal settings are one stream, whatever the way to them', (t) => {
  const one = book.resolve({ profile: 'aac', channels: 'source', audio: 'DEU' });
  const other = book.resolve({ channels: 'source', audio: 'deu' });
  t.is(one.key, other.key);
  t.not(one.key, book.resolve({ audio: 'deu' }).key);
  t.false(one.key.includes('/'));
});

const REFUSED: readonly (readonly [VariantWishes, string])[] = [
  [{ profile: 'mp3' }, 'PROFILE_UNKNOWN'],
  [{ profile: '__proto__' }, 'PROFILE_UNKNOWN'],
  [{ audio: 'german' }, 'PROFILE_OPTION'],
  [{ audio: 'deu-xx' }, 'PROFILE_OPTION'],
  [{ channels: '5.1' }, 'PROFILE_OPTION'],
  [{ night: 'yes please' }, 'PROFILE_OPTION'],
];
for (const [wishes, code] of REFUSED) {
  test(`${JSON.stringify(wishes)} is refused with what is allowed`, (t) => {
    t.throws(() => book.resolve(wishes), { code, message: /there are: |allowed is / });
  });
}

test('a default profile that is none is an error at the start', (t) => {
  t.throws(() => new ProfileBook({ bitrate: 192_000, custom: {}, defaultProfile: 'acc' }), { code: 'PROFILE_UNKNOWN' });
});
