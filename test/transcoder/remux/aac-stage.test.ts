import test from 'ava';
import { AAC_SAMPLE_RATES } from '#shared/codec/adts.ts';
import { FaultCounters } from '#shared/mpegts/faults.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import type { ChannelRole } from '#transcoder/ffmpeg/pcm.ts';
import { AAC_ENCODERS, type AacEncoderName } from '#transcoder/remux/aac-encoder.ts';
import type { SampleProcessor } from '#transcoder/remux/aac-run.ts';
import { AacStage, type AacStageOptions } from '#transcoder/remux/aac-stage.ts';
import { AacEar } from '../support/aac-ear.ts';
import { pcmFrame, type Signal, STEREO, SURROUND, signal } from '../support/signal.ts';

silenceFfmpegLog();

const START = 900_000;
/** Stamps are whole ticks on both sides, and jitter of the source is followed by an eighth. */
const EXACT_TICKS = 1.6;

function stage(encoder: AacEncoderName, options: Partial<AacStageOptions> = {}) {
  const ear = new AacEar();
  const faults = new FaultCounters();
  const aac = new AacStage(
    { encoder, bitrate: 256_000, channels: 'stereo', createProcessor: null, ...options },
    faults,
    ear.sink,
  );
  return { ear, faults, aac };
}

interface Source {
  readonly sampleRate?: number;
  readonly size?: number;
  readonly roles?: readonly ChannelRole[];
  readonly sound?: Signal;
  /** Ticks added to the PTS. */
  readonly offset?: number;
}

/** The test signal from frame time `from` (seconds) on for about `seconds`; returns where it ends. */
function feed(aac: AacStage, from: number, seconds: number, source: Source = {}): number {
  const { sampleRate = 48_000, size = 1152, roles = STEREO, sound = signal, offset = 0 } = source;
  const frames = Math.round((seconds * sampleRate) / size);
  for (let frame = 0; frame < frames; frame++) {
    const at = from + (frame * size) / sampleRate;
    aac.push(pcmFrame(at, size, sampleRate, roles, sound), Math.floor(START + offset + at * 90_000), null);
  }
  return from + (frames * size) / sampleRate;
}

for (const encoder of AAC_ENCODERS) {
  for (const sampleRate of [32_000, 44_100, 48_000]) {
    test(`${encoder}, ${sampleRate} Hz: from the first sample to the last the sound comes out at its PTS`, (t) => {
      const { ear, faults, aac } = stage(encoder);
      const end = feed(aac, 0, 1, { sampleRate });
      aac.finish();
      ear.close();
      t.deepEqual(ear.seams(), [], 'one unit follows the other');
      t.true((ear.units[0]?.pts ?? 0) <= START);
      const last = ear.units.at(-1);
      const endTicks = (last?.pts ?? 0) + (1024 * 90_000) / sampleRate;
      t.true(endTicks >= START + end * 90_000 - 1, `ends ${(endTicks - START) / 90_000} s, expected ${end} s`);
      for (const at of [0.03, 0.2, 0.5, end - 0.14]) {
        for (const channel of [0, 1]) {
          const { ticks, correlation } = ear.lateness(START + at * 90_000, START, { channel });
          t.true(Math.abs(ticks) < EXACT_TICKS, `${ticks.toFixed(2)} ticks at ${at} s`);
          t.true(correlation > 0.98, `${correlation.toFixed(3)} at ${at} s`);
        }
      }
      t.deepEqual(faults.toJSON(), {});
      t.is(aac.framesEncoded, ear.units.length);
    });
  }

  test(`${encoder}: an impulse at the very end of a stream is heard, at its PTS`, (t) => {
    for (const frames of [9, 10, 16]) {
      const { ear, aac } = stage(encoder);
      const samples = frames * 1024;
      const at = samples - 40;
      feed(aac, 0, samples / 48_000, {
        size: 1024,
        sound: (seconds) => (Math.abs(Math.round(seconds * 48_000) - at) < 8 ? 0.9 : 0),
      });
      aac.finish();
      ear.close();
      const line = ear.line();
      const loudest = line.reduce(
        (most, level, index) => (Math.abs(level) > Math.abs(line[most] ?? 0) ? index : most),
        0,
      );
      const expected = at + ((START - (ear.units[0]?.pts ?? 0)) * 48_000) / 90_000;
      t.true(Math.abs(loudest - expected) <= 10, `at ${loudest}, expected ${expected}; ${frames} frames`);
      t.true((line[loudest] ?? 0) > 0.3, `${line[loudest]}`);
    }
  });

  test(`${encoder}: a gap becomes silence, an overlap is cut, and what follows is in sync`, (t) => {
    const { ear, faults, aac } = stage(encoder);
    let at = feed(aac, 0, 0.4);
    const gap = at;
    at = feed(aac, at + 0.1, 0.4);
    const overlap = at;
    at = feed(aac, at - 0.05, 0.4);
    aac.finish();
    ear.close();
    t.deepEqual(ear.seams(), []);
    t.deepEqual(faults.toJSON(), { gap: 1, overlap: 1 }, 'an event each, not one per frame');
    for (const where of [0.1, gap + 0.13, overlap + 0.05, at - 0.15]) {
      const { ticks, correlation } = ear.lateness(START + where * 90_000, START);
      t.true(
        Math.abs(ticks) < EXACT_TICKS && correlation > 0.95,
        `${ticks.toFixed(2)} ticks, ${correlation} at ${where}`,
      );
    }
    const { plane } = ear.from(START + (gap + 0.03) * 90_000, 1024);
    t.true(
      plane.every((level) => Math.abs(level) < 0.01),
      'silence in the gap',
    );
  });

  test(`${encoder}: a jump of the clock in either direction is followed at once, and no unit overlaps another`, (t) => {
    for (const jump of [3600, 2.5, -2.5]) {
      const { ear, faults, aac } = stage(encoder);
      const before = feed(aac, 5, 0.4);
      const after = feed(aac, before, 0.5, { offset: jump * 90_000 });
      aac.finish();
      ear.close();
      t.deepEqual(faults.toJSON(), { jump: 1 });
      const seams = ear.seams();
      t.is(seams.length, 1);
      t.true(Math.abs((seams[0]?.ticks ?? 0) - jump * 90_000) < 1024 * 1.875 + 2, 'the one seam is the jump');
      const first = ear.lateness(START + 5.1 * 90_000, START);
      t.true(Math.abs(first.ticks) < EXACT_TICKS && first.correlation > 0.98);
      const middle = START + (before + 0.1 + jump) * 90_000;
      const units = ear.units.slice(seams[0]?.unit);
      ear.units.splice(0, ear.units.length, ...units);
      const second = ear.lateness(middle, START + jump * 90_000);
      t.true(
        Math.abs(second.ticks) < EXACT_TICKS && second.correlation > 0.98,
        `${second.ticks} ${second.correlation}`,
      );
      t.true(after > before);
    }
  });

  test(`${encoder}: through changes of rate and channels the output keeps its format and its sync`, (t) => {
    const { ear, faults, aac } = stage(encoder);
    const parts: Source[] = [
      {},
      { roles: SURROUND, size: 1536 },
      { sampleRate: 44_100 },
      { sampleRate: 32_000, roles: ['FC'] },
      { size: 1024 },
    ];
    let at = 0;
    const middles: number[] = [];
    for (const part of parts) {
      const end = feed(aac, at, 0.6, part);
      middles.push(at + 0.2);
      at = end;
    }
    aac.finish();
    ear.close();
    t.deepEqual(ear.seams(), []);
    t.deepEqual([...new Set(ear.units.map((unit) => `${unit.sampleRate}/${unit.channelConfiguration}`))], ['48000/2']);
    t.deepEqual(Object.keys(faults.toJSON()), ['format-change']);
    t.is(faults.get('format-change'), 4);
    const scale = Math.SQRT2 / (1 + 2 * Math.SQRT1_2);
    for (const [index, middle] of middles.entries()) {
      const sound = (seconds: number): number =>
        index === 1
          ? scale * (signal(seconds, 0) + Math.SQRT1_2 * (signal(seconds, 2) + signal(seconds, 4)))
          : signal(seconds, 0);
      const { ticks, correlation } = ear.lateness(START + middle * 90_000, START, { sound });
      t.true(Math.abs(ticks) < EXACT_TICKS, `part ${index}: ${ticks.toFixed(2)} ticks`);
      t.true(correlation > 0.98, `part ${index}: ${correlation.toFixed(3)}`);
    }
    const endTicks = (ear.units.at(-1)?.pts ?? 0) + 1024 * 1.875;
    t.true(endTicks >= START + at * 90_000 - 40, 'all of it');
  });

  test(`${encoder}: where channels are the source's, stereo becomes 5.1 once, in sync, and stays so`, (t) => {
    const { ear, aac } = stage(encoder, { channels: 'source' });
    let at = feed(aac, 0, 0.5);
    const grown = at;
    at = feed(aac, at, 0.5, { roles: SURROUND, size: 1536 });
    at = feed(aac, at, 0.5);
    at = feed(aac, at, 0.5, { roles: SURROUND, size: 1536 });
    aac.finish();
    ear.close();
    const formats = ear.units.map(({ channelConfiguration }) => channelConfiguration);
    t.deepEqual(
      formats,
      [...formats].sort((a, b) => a - b),
      'never back',
    );
    t.deepEqual([...new Set(formats)], [2, 6]);
    t.deepEqual(ear.seams(), [], 'no unit overlaps another, none is missing');
    const change = ear.units.find(({ channelConfiguration }) => channelConfiguration === 6)?.pts ?? 0;
    t.true(Math.abs(change - START - grown * 90_000) < 1024 * 1.875, 'the change lies where the source has it');
    for (const [where, channels] of [
      [0.2, 2],
      [grown + 0.05, 6],
      [grown + 0.2, 6],
      [grown + 0.7, 2],
      [grown + 1.2, 6],
    ] as const) {
      for (let channel = 0; channel < channels; channel++) {
        if (channel === 3) continue; // LFE: the encoder keeps only its bass
        const { ticks, correlation } = ear.lateness(START + where * 90_000, START, { channel });
        t.true(
          Math.abs(ticks) < EXACT_TICKS && correlation > 0.95,
          `${where} s, channel ${channel}: ${ticks} ${correlation}`,
        );
      }
    }
  });

  test(`${encoder}: a rate that rises within the first half second is taken over, without an overlap`, (t) => {
    const { ear, aac } = stage(encoder, { bitrate: 128_000 });
    const at = feed(aac, 0, 0.1, { sampleRate: 24_000, size: 1152 }); // no whole number of units
    const end = feed(aac, at, 0.9, { sampleRate: 48_000, size: 2048 });
    feed(aac, end, 0.5, { sampleRate: 24_000, size: 1024 });
    aac.finish();
    ear.close();
    t.deepEqual([...new Set(ear.units.map(({ sampleRate }) => sampleRate))], [24_000, 48_000]);
    const change = ear.units.findIndex(({ sampleRate }) => sampleRate === 48_000);
    for (const { unit, ticks } of ear.seams()) t.true(ticks >= 0, `unit ${unit} of ${change}: ${ticks} ticks`);
    ear.units.splice(0, change);
    const { ticks, correlation } = ear.lateness(START + 0.5 * 90_000, START);
    t.true(Math.abs(ticks) < EXACT_TICKS && correlation > 0.95, `${ticks} ${correlation}`);
  });

  test(`${encoder}: every rate AAC has is encoded, in stereo and in 5.1`, (t) => {
    for (const sampleRate of AAC_SAMPLE_RATES) {
      for (const roles of [STEREO, SURROUND]) {
        const { ear, aac } = stage(encoder, { channels: 'source' });
        t.notThrows(() => feed(aac, 0, (6 * 1024) / sampleRate, { sampleRate, size: 1024, roles }), `${sampleRate} Hz`);
        aac.finish();
        ear.close();
        t.true(ear.units.length >= 6, `${sampleRate} Hz: ${ear.units.length} units`);
      }
    }
  });
}

const [encoder] = AAC_ENCODERS;

test('frames before the first PTS have no place in time and are counted', (t) => {
  const { ear, faults, aac } = stage(encoder);
  aac.push(pcmFrame(0, 1152, 48_000), null, null);
  aac.push(pcmFrame(0, 1152, 12_345), START, null);
  t.is(faults.get('no-pts'), 2);
  aac.push(pcmFrame(0, 1152, 48_000), START, null);
  aac.push(pcmFrame(1152 / 48_000, 1152, 48_000), null, null);
  aac.finish();
  ear.close();
  t.is(faults.get('no-pts'), 2);
  t.true(ear.units.length >= 3);
});

test('silence in place of lost samples keeps what follows in sync, at any rate', (t) => {
  const { ear, aac } = stage(encoder);
  aac.pushSilence(1000, 48_000);
  const at = feed(aac, 0, 0.3);
  aac.pushSilence(4 * 1152, 44_100);
  aac.pushSilence(0, 44_100);
  aac.pushSilence(100, 0);
  const resumed = at + (4 * 1152) / 44_100;
  for (let frame = 0; frame < 10; frame++) {
    aac.push(pcmFrame(resumed + frame * 0.024, 1152, 48_000), null, null);
  }
  aac.finish();
  ear.close();
  t.deepEqual(ear.seams(), []);
  const { ticks, correlation } = ear.lateness(START + (resumed + 0.03) * 90_000, START);
  t.true(Math.abs(ticks) < EXACT_TICKS && correlation > 0.95, `${ticks} ${correlation}`);
});

test('an overlap is cut where it ends, also among frames without PTS', (t) => {
  const { ear, aac } = stage(encoder);
  const end = feed(aac, 0, 0.4);
  for (let frame = 0; frame < 20; frame++) {
    const at = end - 0.06 + frame * 0.024;
    aac.push(pcmFrame(at, 1152, 48_000), frame % 10 === 0 ? Math.floor(START + at * 90_000) : null, null);
  }
  aac.finish();
  ear.close();
  t.deepEqual(ear.seams(), []);
  const { ticks, correlation } = ear.lateness(START + (end + 0.03) * 90_000, START);
  t.true(Math.abs(ticks) < EXACT_TICKS && correlation > 0.95, `${ticks} ${correlation}`);
});

test('a drift of the source of 200 ppm is followed without a gap or an overlap', (t) => {
  const { ear, faults, aac } = stage(encoder);
  for (let frame = 0; frame < 400; frame++) {
    const at = frame * 0.024;
    aac.push(pcmFrame(at, 1152, 48_000), Math.floor(START + at * 90_000 * 1.0002), null);
  }
  aac.finish();
  ear.close();
  t.deepEqual(faults.toJSON(), {});
  for (const at of [2, 5, 9]) {
    const sound = (seconds: number): number => signal(seconds / 1.0002, 0);
    const { ticks, correlation } = ear.lateness(START + at * 90_000, START, { sound });
    t.true(Math.abs(ticks) < 8 && correlation > 0.97, `${ticks.toFixed(1)} ticks, ${correlation} at ${at} s`);
  }
});

test("the PTS wrap as the source's do", (t) => {
  const { ear, aac } = stage(encoder);
  for (let frame = 0; frame < 20; frame++) {
    aac.push(pcmFrame(frame * 0.024, 1152, 48_000), 2 ** 33 - 20_000 + frame * 2160, null);
  }
  aac.finish();
  ear.close();
  t.true(ear.units.every(({ pts }) => pts >= 0 && pts < 2 ** 33));
  t.is(ear.seams().length, 1);
  t.true(Math.abs((ear.seams()[0]?.ticks ?? 0) + 2 ** 33) < 2);
});

test('a source whose rate falls to the lowest there is from the highest does not fall over', (t) => {
  const { ear, aac } = stage(encoder);
  const at = feed(aac, 0, 0.6, { sampleRate: 96_000, size: 2048 });
  t.notThrows(() => feed(aac, at, 2, { sampleRate: 7_350, size: 2048 }));
  aac.finish();
  ear.close();
  t.deepEqual(ear.seams(), []);
});

/** Hands samples on `delaySamples` later, as a limiter does that looks ahead. */
function delayLine(channels: number, delaySamples: number): SampleProcessor {
  const kept = Array.from({ length: channels }, () => new Float32Array(delaySamples));
  return {
    delaySamples,
    process: (planes, offset, samples) => {
      for (const [channel, line] of planes.entries()) {
        const held = kept[channel] as Float32Array;
        const all = new Float32Array(delaySamples + samples);
        all.set(held);
        all.set(line.subarray(offset, offset + samples), delaySamples);
        line.set(all.subarray(0, samples), offset);
        held.set(all.subarray(samples));
      }
    },
  };
}

for (const [name, seconds] of [
  ['the first frame', 0.024],
  ['half a second', 0.5],
] as const) {
  test(`what delays the samples is reckoned back, also when stereo becomes 5.1 after ${name}`, (t) => {
    const createProcessor: AacStageOptions['createProcessor'] = ({ channels }) => delayLine(channels, 480);
    const { ear, aac } = stage(encoder, { channels: 'source', createProcessor });
    const grown = feed(aac, 0, seconds);
    const end = feed(aac, grown, 0.5, { roles: SURROUND, size: 1536 });
    aac.finish();
    ear.close();
    t.deepEqual(ear.seams(), []);
    t.true((ear.units.at(-1)?.pts ?? 0) + 1024 * 1.875 >= START + end * 90_000 - 1, 'to the last sample');
    for (const at of [0.03, 0.2, grown - 0.08, grown + 0.05, end - 0.12].filter((time) => time > 0)) {
      const { ticks, correlation } = ear.lateness(START + at * 90_000, START);
      t.true(Math.abs(ticks) < EXACT_TICKS && correlation > 0.95, `${ticks} ${correlation} at ${at}`);
    }
  });
}
