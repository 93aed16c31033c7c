import test from 'ava';
import { readEnvironment } from '#transcoder/environment.ts';

test('what is not set has its default', (t) => {
  t.deepEqual(readEnvironment({}), { transcoderUrl: 'unix:/run/xg2g', logLevel: 'info', audioEncoder: 'auto' });
});

test('an encoder that there is not is refused with the names of those there are', (t) => {
  t.is(readEnvironment({ XG2G_TRANSCODER_AAC_ENCODER: 'libfdk_aac' }).audioEncoder, 'libfdk_aac');
  const error = t.throws(() => readEnvironment({ XG2G_TRANSCODER_AAC_ENCODER: 'opus' }), { code: 'BAD_ENVIRONMENT' });
  t.regex(error.message, /XG2G_TRANSCODER_AAC_ENCODER.*auto.*xg2g.*libfdk_aac.*aac/);
});
