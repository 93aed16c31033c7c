import test from 'ava';
import { CardMuxer, type CardProgramme } from '#daemon/streams/card/card-muxer.ts';
import { planCard } from '#daemon/streams/card/card-programme.ts';
import { Ring } from '#daemon/streams/ring.ts';
import { readVideoFormat, type VideoFormat } from '#daemon/streams/video-format.ts';
import type { CardMake } from '#shared/ipc/card.ts';
import { PCR_MODULO } from '#shared/mpegts/types.ts';
import { decodeErrors, probe, probePackets } from '#test/helpers/ffprobe.ts';
import { checkTransportStream } from '#test/helpers/tr101290.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { CardMaker } from '#transcoder/video/card-maker.ts';
import { packetsOf } from '../support/programme.ts';

silenceFfmpegLog();
const service = { id: 'x', ref: 'x', name: 'Übung', program: 7, originalNetworkId: 1, radio: false };
const PASS = { profile: 'pass', key: 'pass', audio: null };

function planned(make: Partial<CardMake> = {}): { make: Omit<CardMake, 'lines'>; programme: CardProgramme } {
  const plan = planCard({ service, variant: PASS, known: null, format: null });
  const merged = { ...plan.make, ...make };
  return { make: merged, programme: { ...plan.programme, frameRate: merged.frameRate } };
}

/** So many milliseconds in steps of a tick. */
function run(muxer: CardMuxer, fromMs: number, toMs: number): Buffer {
  const parts: Buffer[] = [];
  for (let ms = fromMs + 40; ms <= toMs; ms += 40) parts.push(muxer.run(ms) ?? Buffer.alloc(0));
  return Buffer.concat(parts);
}

const FORMS: readonly (readonly [string, Partial<CardMake>, readonly string[]])[] = [
  ['720p25 with AAC', {}, ['h264 1280x720', 'aac 48000']],
  ['1080i25, shown as 1080p25', { width: 1920, height: 1080 }, ['h264 1920x1080', 'aac 48000']],
  ['720p50', { frameRate: { num: 50, den: 1 } }, ['h264 1280x720', 'aac 48000']],
  ['59.94 pictures a second', { frameRate: { num: 60_000, den: 1001 } }, ['h264 1280x720', 'aac 48000']],
];
for (const [name, form, expected] of FORMS) {
  test.serial(`a minute of ${name} is a clean transport stream that decodes`, async (t) => {
    const { make, programme } = planned(form);
    const made = await new CardMaker().make({ ...make, lines: ['No free tuner', 'Kino is watched by Kodi'] });
    t.log(`made in ${made.milliseconds.toFixed(1)} ms`);
    const stream = run(new CardMuxer(programme, made), 0, 60_000);
    const report = checkTransportStream(stream);
    t.deepEqual(report.errors, {});
    t.true(Math.abs((report.durationMs ?? 0) - 60_000) < 200);
    t.log(`${Math.round((stream.length * 8) / 60_000)} kbit/s`);
    const { streams } = await probe(stream);
    t.deepEqual(
      streams.map(
        (one) => `${one.codec_name} ${one.width === undefined ? one.sample_rate : `${one.width}x${one.height}`}`,
      ),
      [...expected],
    );
    t.deepEqual(await decodeErrors(stream, { seconds: 5 }), []);
    const pictures = await probePackets(stream.subarray(0, 188 * 8_000), 'v:0');
    const steps = new Set(pictures.slice(1).map(({ pts = 0 }, index) => pts - (pictures[index]?.pts ?? 0)));
    const ticks = (90_000 * make.frameRate.den) / make.frameRate.num;
    t.true(
      [...steps].every((step) => Math.abs(step - ticks) <= 1),
      `${[...steps]}`,
    );
  });
}

for (const audio of ['aac', 'mp2', 'ac3', 'eac3'] as const) {
  test.serial(`silence in ${audio} decodes, and stays with the pictures`, async (t) => {
    const { make, programme } = planned({ audio });
    const made = await new CardMaker().make({ ...make, lines: ['x'] });
    const streamType = { aac: 0x0f, mp2: 0x03, ac3: 0x81, eac3: 0x87 }[audio];
    const [video, sound] = programme.pmt.streams;
    if (video === undefined || sound === undefined) throw new Error('two streams');
    const pmt = { ...programme.pmt, streams: [video, { ...sound, streamType: streamType as never }] };
    const stream = run(
      new CardMuxer({ ...programme, pmt, audioStreamId: audio.endsWith('c3') ? 0xbd : 0xc0 }, made),
      0,
      20_000,
    );
    t.deepEqual(checkTransportStream(stream).errors, {});
    t.deepEqual(await decodeErrors(stream, { seconds: 15 }), []);
    const last = async (select: string): Promise<number> =>
      (await probePackets(stream, select)).at(-1)?.pts ?? Number.NaN;
    const apart = Math.abs((await last('v:0')) - (await last('a:0')));
    t.true(apart < 90_000 / 2, `${apart} ticks apart after 20 s`);
  });
}

test.serial('its clock runs through the wrap of PCR and PTS', async (t) => {
  const { make, programme } = planned();
  const made = await new CardMaker().make({ ...make, lines: ['x'] });
  const muxer = new CardMuxer(programme, made, PCR_MODULO - 5 * 27_000_000);
  t.deepEqual(checkTransportStream(run(muxer, 0, 10_000)).errors, {});
});

test.serial(
  'another card follows at a picture that stands by itself, and wherever a reader stops no picture is cut',
  async (t) => {
    const { make, programme } = planned();
    const one = await new CardMaker().make({ ...make, lines: ['one'] });
    const two = await new CardMaker().make({ ...make, lines: ['two', 'with more words '.repeat(20)] });
    const muxer = new CardMuxer(programme, one);
    const before = run(muxer, 0, 3_080);
    muxer.change(two);
    const after = run(muxer, 3_080, 6_000);
    const all = Buffer.concat([before, after]);
    t.deepEqual(checkTransportStream(all).errors, {});
    t.deepEqual(await decodeErrors(all), []);
    t.deepEqual(await decodeErrors(before), [], 'cut in the middle, whole all the same');
    // The key picture of the second is larger; what was begun of the first GOP was finished first.
    const sizes = (await probePackets(all, 'v:0')).filter(({ flags }) => flags.includes('K')).map(({ size }) => size);
    t.true(new Set(sizes).size === 2 && sizes[0] !== sizes.at(-1), `${sizes}`);
    t.true(packetsOf(after, programme.videoPid).length > 0);
  },
);

const READ_BACK: readonly (readonly [string, Partial<VideoFormat> & { codec: VideoFormat['codec'] }])[] = [
  ['H.264 1280x720 at 50', { codec: 'h264', width: 1280, height: 720, frameRate: { num: 50, den: 1 } }],
  ['H.264 1920x1080, which is cropped', { codec: 'h264', width: 1920, height: 1080 }],
  ['H.264 720x576 at 16:9', { codec: 'h264', width: 720, height: 576, sampleAspect: { num: 64, den: 45 } }],
  ['MPEG-2 720x576 at 16:9', { codec: 'mpeg2', width: 720, height: 576, sampleAspect: { num: 64, den: 45 } }],
  ['MPEG-2 544x576 at 4:3', { codec: 'mpeg2', width: 544, height: 576, sampleAspect: { num: 24, den: 17 } }],
  [
    'MPEG-2 720x480 at 29.97',
    {
      codec: 'mpeg2',
      width: 720,
      height: 480,
      frameRate: { num: 30_000, den: 1001 },
      sampleAspect: { num: 32, den: 27 },
    },
  ],
];
for (const [name, wanted] of READ_BACK) {
  test.serial(`${name} is read from the stream as what it is`, async (t) => {
    const format: VideoFormat = {
      width: 1280,
      height: 720,
      frameRate: { num: 25, den: 1 },
      sampleAspect: { num: 1, den: 1 },
      ...wanted,
    };
    const { make, programme } = planned({ ...format, audio: 'mp2' });
    const [video, sound] = programme.pmt.streams;
    if (video === undefined || sound === undefined) throw new Error('two streams');
    const streamType = (format.codec === 'h264' ? 0x1b : 0x02) as never;
    const muxer = new CardMuxer(
      { ...programme, pmt: { ...programme.pmt, streams: [{ ...video, streamType }, sound] } },
      await new CardMaker().make({ ...make, lines: ['Words, for some bytes of picture', 'more of them '.repeat(30)] }),
    );
    const ring = new Ring();
    const found: VideoFormat[] = [];
    readVideoFormat(ring, (one) => found.push(one));
    for (let ms = 40; ms <= 2_000; ms += 40) ring.append(muxer.run(ms) ?? Buffer.alloc(0));
    t.deepEqual(found, [format]);
  });
}
