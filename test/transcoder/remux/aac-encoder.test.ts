import test from 'ava';
import { AudioDecoder } from '#transcoder/ffmpeg/audio-decoder.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { AAC_ENCODERS, chooseAacEncoder, openAacEncoder } from '#transcoder/remux/aac-encoder.ts';
import { asAdts } from '../aac/support/one-frame.ts';

silenceFfmpegLog();

const FRAMES = 12;

for (const name of AAC_ENCODERS) {
  test(`${name}: one to six channels come out in the order they went in, as late as its priming says`, (t) => {
    for (let channels = 1; channels <= 6; channels++) {
      for (let only = 0; only < channels; only++) {
        const at = 5000;
        // 5.1 has its bass channel fourth.
        const hum = (i: number): number => 0.5 * Math.sin((2 * Math.PI * 60 * (i - at)) / 48_000);
        const planes = Array.from({ length: channels }, (_, channel) =>
          Float32Array.from({ length: FRAMES * 1024 }, (__, i) => (channel === only && i >= at ? hum(i) : 0)),
        );
        const encoder = openAacEncoder({ choice: name, sampleRate: 48_000, channels, bitrate: 96_000 * channels });
        const decoder = new AudioDecoder('aac');
        const heard: number[][] = planes.map(() => []);
        for (let frame = 0; frame < FRAMES; frame++) {
          encoder.encode(planes, frame * 1024, (unit) => {
            decoder.decode(asAdts(unit, 48_000, channels), null, (pcm) => {
              t.is(pcm.planes.length, channels);
              for (const [channel, plane] of pcm.planes.entries()) heard[channel]?.push(...plane);
            });
          });
        }
        const power = heard.map((line) => Math.hypot(...line));
        t.is(power.indexOf(Math.max(...power)), only, `channel ${only} of ${channels}: ${power}`);
        // The first crest of the tone, a quarter of a period behind its beginning.
        const line = heard[only] as number[];
        const crest = at + encoder.priming + 200;
        const highest = line
          .slice(crest - 150, crest + 150)
          .reduce((best, x, i, part) => (x > (part[best] as number) ? i : best), 0);
        t.true(Math.abs(highest - 150) < 40, `channel ${only} of ${channels}: ${highest - 150} samples`);
        encoder.close();
        encoder.close();
        decoder.close();
      }
    }
  });
}

test("auto is our own where bits are ample, FFmpeg's best where they are not, and a name is what it says", (t) => {
  const auto = (channels: number, bitrate: number) => chooseAacEncoder({ choice: 'auto', channels, bitrate });
  t.is(auto(2, 192_000), 'xg2g');
  t.is(auto(1, 96_000), 'xg2g');
  t.is(auto(6, 480_000), 'xg2g', 'the channel for bass takes no bits');
  t.is(auto(2, 191_999), 'libfdk_aac');
  t.is(auto(6, 320_000), 'libfdk_aac');
  for (const choice of AAC_ENCODERS) t.is(chooseAacEncoder({ choice, channels: 2, bitrate: 64_000 }), choice);
});
