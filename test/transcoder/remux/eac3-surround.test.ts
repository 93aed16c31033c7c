import test from 'ava';
import { runFfmpeg } from '#test/helpers/ffmpeg-program.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { RemuxEngine } from '#transcoder/remux/engine.ts';
import { AUDIO_PID, audioProgramme } from '../support/audio-programme.ts';
import { asDependent, asOtherProgramme, CHANMAP_SURROUNDS } from '../support/eac3-substreams.ts';
import { elementaryFrames } from '../support/elementary-frames.ts';
import { encoded } from '../support/encoded.ts';
import { PLAIN_AAC, remux } from '../support/remux.ts';

silenceFfmpegLog();

/** Tones by speaker, in Hz. */
const FRONT = 440;
const BACK_LEFT = 1000;
const BACK_RIGHT = 1500;
const SIDE_LEFT = 2100;
const SIDE_RIGHT = 2800;
const LEVEL = 0.25;

const tone = (hertz: number): string => `${LEVEL}*sin(2*PI*${hertz}*t)`;

/** 5.1 with tones at the front, and the four surrounds of 7.1 with a tone each. */
async function sources(): Promise<{ readonly surround: readonly Buffer[]; readonly surrounds: readonly Buffer[] }> {
  const expressions = (layout: string, ...channels: string[]): string =>
    `aevalsrc=${channels.join('|')}:c=${layout}:s=48000`;
  const common = { codec: 'eac3', format: 'eac3', seconds: 1.2 };
  const surround = await encoded({
    ...common,
    options: ['-b:a', '4000k'], // beyond 3072k a frame has one block, and the frames of an instant have equally many
    source: expressions('5.1', tone(FRONT), tone(FRONT), '0', '0', '0', '0'),
  });
  const surrounds = await encoded({
    ...common,
    options: ['-b:a', '3200k', '-channel_coupling', '0'],
    source: expressions('quad', tone(SIDE_LEFT), tone(SIDE_RIGHT), tone(BACK_LEFT), tone(BACK_RIGHT)),
  });
  return { surround: elementaryFrames('eac3', surround), surrounds: elementaryFrames('eac3', surrounds) };
}

const SOURCES = sources();

const together = (one: readonly Buffer[], ...others: readonly (readonly Buffer[])[]): Buffer[] =>
  one.map((frame, index) => Buffer.concat([frame, ...others.map((frames) => frames[index] ?? Buffer.alloc(0))]));

const programmeOf = (units: readonly Buffer[]): Buffer =>
  audioProgramme([{ source: { format: { codec: 'eac3' }, frames: units, samplesPerFrame: 256, sampleRate: 48_000 } }]);

/** Channels of the only audio track, as ffmpeg decodes it. */
async function decoded(media: Buffer, format: string, channels: number): Promise<Float32Array[]> {
  const { stdout, stderr } = await runFfmpeg({
    command: 'ffmpeg',
    args: [
      ...['-v', 'error', '-err_detect', 'crccheck', '-f', format, '-i', 'pipe:0', '-map', '0:a', '-c:a', 'pcm_f32le'],
      ...['-f', 'f32le', 'pipe:1'],
    ],
    input: media,
  });
  if (stderr.trim() !== '') throw new Error(stderr);
  const all = new Float32Array(stdout.buffer, stdout.byteOffset, stdout.length >> 2);
  return Array.from({ length: channels }, (_, channel) => all.filter((__, index) => index % channels === channel));
}

/** Amplitude of a tone in the middle of a channel (Goertzel). */
function amplitude(samples: Float32Array | undefined, hertz: number): number {
  const part = samples?.subarray(14_400, 38_400) ?? new Float32Array(0); // half a second: whole periods of all tones
  const step = (2 * Math.PI * hertz) / 48_000;
  let [real, imaginary] = [0, 0];
  for (const [index, level] of part.entries()) {
    real += level * Math.cos(step * index);
    imaginary += level * Math.sin(step * index);
  }
  return (2 * Math.hypot(real, imaginary)) / part.length;
}

const isNear = (value: number, expected: number): boolean => Math.abs(20 * Math.log10(value / expected)) < 0.5;

test.serial('what the test builds is E-AC-3 7.1, as ffmpeg sees it', async (t) => {
  const { surround, surrounds } = await SOURCES;
  const dependents = surrounds.map((frame) => asDependent(frame, CHANMAP_SURROUNDS));
  const channels = await decoded(Buffer.concat(together(surround, dependents)), 'eac3', 8);
  t.true(isNear(amplitude(channels[0], FRONT), LEVEL));
  const back = channels.findIndex((samples) => isNear(amplitude(samples, BACK_LEFT), LEVEL));
  t.true(back > 3);
  t.true(isNear(amplitude(channels[back + 1], BACK_RIGHT), LEVEL));
  const side = channels.findIndex((samples) => isNear(amplitude(samples, SIDE_LEFT), LEVEL));
  t.true(side > 3);
  t.true(isNear(amplitude(channels[side + 1], SIDE_RIGHT), LEVEL));
});

test.serial('7.1: all eight channels reach the stereo downmix, the back ones 3 dB down', async (t) => {
  const { surround, surrounds } = await SOURCES;
  const dependents = surrounds.map((frame) => asDependent(frame, CHANMAP_SURROUNDS));
  const { output, stats } = remux(programmeOf(together(surround, dependents)));
  const [left, right] = await decoded(output, 'mpegts', 2);
  const front = amplitude(left, FRONT);
  t.true(isNear(amplitude(right, FRONT), front));
  for (const [samples, other, hertz] of [
    [left, right, BACK_LEFT],
    [left, right, SIDE_LEFT],
    [right, left, BACK_RIGHT],
    [right, left, SIDE_RIGHT],
  ] as const) {
    t.true(isNear(amplitude(samples, hertz), front * Math.SQRT1_2), `${hertz} Hz on its side`);
    t.true(amplitude(other, hertz) < front / 30, `${hertz} Hz on the other`);
  }
  // The first unit lacks its dependent: that there is one is learnt from it.
  t.deepEqual(stats.errors, { 'format-change': 1 });
});

test.serial("7.1 with the source's channels becomes 5.1 with the back in its surrounds", async (t) => {
  const { surround, surrounds } = await SOURCES;
  const dependents = surrounds.map((frame) => asDependent(frame, CHANMAP_SURROUNDS));
  const { output } = remux(programmeOf(together(surround, dependents)), { channels: 'source' });
  const channels = await decoded(output, 'mpegts', 6);
  t.true(isNear(amplitude(channels[0], FRONT), LEVEL));
  for (const [channel, hertz] of [
    [4, BACK_LEFT],
    [4, SIDE_LEFT],
    [5, BACK_RIGHT],
    [5, SIDE_RIGHT],
  ] as const) {
    t.true(isNear(amplitude(channels[channel], hertz), LEVEL * Math.SQRT1_2), `${hertz} Hz`);
  }
});

test.serial('further independent substreams are other programmes, and not heard', async (t) => {
  const { surround, surrounds } = await SOURCES;
  const others = surrounds.map((frame) => asOtherProgramme(frame, 1));
  const theirs = surrounds.map((frame) => asDependent(frame, CHANMAP_SURROUNDS));
  const { output, stats } = remux(programmeOf(together(surround, others, theirs)));
  const [left, right] = await decoded(output, 'mpegts', 2);
  t.true(amplitude(left, FRONT) > 0.05);
  t.true(amplitude(left, BACK_LEFT) < 0.001 && amplitude(right, BACK_RIGHT) < 0.001);
  t.deepEqual(stats.errors, {});
});

test.serial(
  'no unit is held back: each is decoded with the packet that ends it, with dependents or without',
  async (t) => {
    const { surround, surrounds } = await SOURCES;
    const dependents = surrounds.map((frame) => asDependent(frame, CHANMAP_SURROUNDS));
    for (const units of [surround, together(surround, dependents)]) {
      const engine = new RemuxEngine({
        program: null,
        audio: PLAIN_AAC,
        encoder: 'auto',
        onPackets: () => undefined,
        onInfo: () => undefined,
      });
      const input = programmeOf(units);
      let begun = 0;
      for (let at = 0; at < input.length; at += 188) {
        const starts = (input.readUInt16BE(at + 1) & 0x5fff) === (0x4000 | AUDIO_PID);
        // The second unit only makes the first one sure.
        if (starts && begun > 1) t.is(engine.stats().framesDecoded, begun);
        if (starts) begun++;
        engine.push(input, at, at + 188);
      }
      t.is(begun, units.length);
      t.is(engine.stats().framesDecoded, begun);
      engine.close();
    }
  },
);
