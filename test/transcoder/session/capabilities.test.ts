import test from 'ava';
import { transcoderCapabilities } from '#transcoder/session/capabilities.ts';

test('the encoders there are, our own with them, and the one that was asked for', (t) => {
  const { encoders, aacEncoder } = transcoderCapabilities('auto');
  t.is(aacEncoder, 'auto');
  t.deepEqual(encoders.toSorted(), ['aac', 'libfdk_aac', 'xg2g']);
  t.is(transcoderCapabilities('libfdk_aac').aacEncoder, 'libfdk_aac');
});
