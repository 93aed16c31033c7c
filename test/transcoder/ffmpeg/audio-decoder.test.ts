import test from 'ava';
import { XgError } from '#shared/errors.ts';
import { AudioDecoder, type DecoderName } from '#transcoder/ffmpeg/audio-decoder.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { elementaryFrames } from '../support/elementary-frames.ts';
import { encoded } from '../support/encoded.ts';

silenceFfmpegLog();

test('a refused frame is told, and the next one is decoded', async (t) => {
  const frames = elementaryFrames('ac3', await encoded({ codec: 'ac3', format: 'ac3', seconds: 0.3 }));
  const decoder = new AudioDecoder('ac3');
  let samples = 0;
  const decode = (bytes: Buffer): boolean =>
    decoder.decode(bytes, null, (pcm) => {
      samples += pcm.samples;
    });
  t.true(decode(frames[0] as Buffer));
  t.is(samples, 1536);
  t.false(decode(Buffer.from('this is no frame of AC-3 at all, and never was')));
  t.false(decode(Buffer.alloc(0)));
  t.true(decode(frames[1] as Buffer));
  t.is(samples, 2 * 1536);
  decoder.flush();
  t.true(decode(frames[2] as Buffer));
  decoder.close();
  decoder.close();
});

test('planes have the roles of their layout, and the rate of the header where one is given', async (t) => {
  const options = ['-ac', '6'];
  const frames = elementaryFrames('ac3', await encoded({ codec: 'ac3', format: 'ac3', options, seconds: 0.1 }));
  const decoder = new AudioDecoder('ac3');
  for (const [given, expected] of [
    [null, 48_000],
    [44_100, 44_100],
  ] as const) {
    decoder.decode(frames[0] as Buffer, given, (pcm) => {
      t.deepEqual(pcm.roles, ['FL', 'FR', 'FC', 'LFE', 'SL', 'SR']);
      t.is(pcm.planes.length, 6);
      t.true(pcm.planes.every((plane) => plane.length === pcm.samples));
      t.is(pcm.sampleRate, expected);
    });
  }
  decoder.close();
});

test('a decoder this build lacks is named', (t) => {
  const error = t.throws(() => new AudioDecoder('none' as DecoderName), { instanceOf: XgError });
  t.is(error?.code, 'FFMPEG_NO_DECODER');
  t.true(error?.message.includes('none'));
});
