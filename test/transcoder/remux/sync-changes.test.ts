/** Sound stays where its PTS says through everything that happens to a stream: measured by correlation, at equal PTS. */
import test, { type ExecutionContext } from 'ava';
import { audioOffset, decodeAudio } from '#test/helpers/audio-offset.ts';
import { checkTransportStream } from '#test/helpers/tr101290.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { AUDIO_PID, type AudioProgrammeOptions, audioProgramme, type Stretch } from '../support/audio-programme.ts';
import { decodeSource, encodeNoise, type SourceFormat } from '../support/audio-source.ts';
import { type RemuxOptions, remux } from '../support/remux.ts';

silenceFfmpegLog();

const MP2: SourceFormat = { codec: 'mp2', bitrate: '256k' };
const AC3_STEREO: SourceFormat = { codec: 'ac3', bitrate: '256k' };
const AC3_SURROUND: SourceFormat = { codec: 'ac3', channels: 6, bitrate: '448k' };

/** Sound of the parts one after the other, each of `seconds`, as one signal that goes on. */
async function parts(formats: readonly SourceFormat[], seconds: number): Promise<Stretch[]> {
  const stretches: Stretch[] = [];
  let from = 0;
  for (const format of formats) {
    const source = await encodeNoise(format, from, seconds);
    stretches.push({ source });
    from += (source.frames.length * source.samplesPerFrame) / source.sampleRate;
  }
  return stretches;
}

interface Measured {
  readonly output: Buffer;
  readonly faults: Readonly<Record<string, number>>;
}

/**
 * What went in against what came out, at each of these seconds after the start. The sound of each stretch is decoded on
 * its own, by ffmpeg, and laid where its PTS begin.
 */
async function assertInSync(
  t: ExecutionContext,
  stretches: readonly Stretch[],
  at: readonly number[],
  options: AudioProgrammeOptions & { audio?: RemuxOptions } = {},
): Promise<Measured> {
  const { audio, ...programme } = options;
  const { output, stats } = remux(audioProgramme(stretches, programme), audio);
  const after = await decodeAudio(output);
  let start = programme.startTicks ?? 900_000;
  for (const { source, jumpTicks = 0 } of stretches) {
    start += jumpTicks;
    const seconds = (source.frames.length * source.samplesPerFrame) / source.sampleRate;
    const from = (start - (programme.startTicks ?? 900_000)) / 90_000;
    const sound = await decodeSource(source);
    for (const atSeconds of at.filter((one) => one >= from && one < from + seconds - 0.3)) {
      const drift = (atSeconds - from) * 90_000 * ((programme.driftPpm ?? 0) / 1e6);
      const startTicks = nearest(start + drift, after.startTicks);
      const before = { startTicks, sampleRate: 48_000, samples: sound };
      const window = { fromSeconds: atSeconds - from, seconds: 0.3 };
      const { offsetMs, correlation } = audioOffset(before, after, window);
      t.true(correlation > 0.75, `correlation ${correlation.toFixed(3)} at ${atSeconds} s`);
      t.true(Math.abs(offsetMs) <= 1, `offset ${offsetMs.toFixed(3)} ms at ${atSeconds} s`);
    }
    start += seconds * 90_000;
  }
  return { output, faults: stats.errors };
}

/** The stamp of the same instant that lies nearest to another: both may have been unwrapped differently. */
function nearest(ticks: number, to: number): number {
  return ticks + Math.round((to - ticks) / 2 ** 33) * 2 ** 33;
}

/** The ADTS headers of the output without their lengths: one value means that no decoder has to start anew. */
function adtsFormats(output: Buffer): Set<string> {
  const formats = new Set<string>();
  for (let at = 0; at < output.length; at += 188) {
    const isStart = (output.readUInt16BE(at + 1) & 0x5fff) === (0x4000 | AUDIO_PID);
    const from = at + 4 + ((output[at + 3] ?? 0) & 0x20 ? 1 + (output[at + 4] ?? 0) : 0);
    if (isStart && from + 18 < at + 188) formats.add(output.subarray(from + 14, from + 17).toString('hex'));
  }
  return formats;
}

const CHANGES: readonly (readonly [string, readonly SourceFormat[]])[] = [
  ['AC-3 from 2.0 to 5.1 and back', [AC3_STEREO, AC3_SURROUND, AC3_STEREO]],
  [
    'MP2 from mono to stereo and back',
    [{ ...MP2, channels: 1, bitrate: '128k' }, MP2, { ...MP2, channels: 1, bitrate: '128k' }],
  ],
  ['MP2 from 48 to 44.1 kHz and back', [MP2, { ...MP2, rate: 44_100 }, MP2]],
  ['MP2 from 48 to 32 kHz and back', [MP2, { ...MP2, rate: 32_000, bitrate: '192k' }, MP2]],
  ['MP2 to AC-3 to E-AC-3, each with a new PMT', [MP2, AC3_SURROUND, { codec: 'eac3', bitrate: '256k' }]],
];
for (const [what, formats] of CHANGES) {
  test.serial(`${what}: in sync before, between and after, in one output format`, async (t) => {
    const stretches = await parts(formats, 2);
    const { output, faults } = await assertInSync(t, stretches, [0.8, 1.4, 2.4, 3.4, 4.4, 5.2]);
    t.is(adtsFormats(output).size, 1);
    t.is(faults['jump'] ?? 0, 0);
    t.is(faults['gap'] ?? 0, 0);
    t.is(faults['overlap'] ?? 0, 0);
    t.deepEqual(checkTransportStream(output).errors, {});
  });
}

test.serial("with the source's channels the output becomes 5.1 once, and stays so", async (t) => {
  const stretches = await parts([AC3_STEREO, AC3_SURROUND, AC3_STEREO], 2);
  const at = [0.8, 1.4, 2.4, 3.4, 4.4, 5.2];
  const { output } = await assertInSync(t, stretches, at, { audio: { channels: 'source' } });
  t.is(adtsFormats(output).size, 2);
  t.deepEqual(checkTransportStream(output).errors, {});
});

test.serial('loudness and night mode keep the sound in its place', async (t) => {
  const stretches = await parts([AC3_STEREO, AC3_SURROUND, { ...MP2, rate: 44_100 }], 2);
  await assertInSync(t, stretches, [0.8, 1.4, 2.4, 3.4, 4.4, 5.2], { audio: { loudness: true, night: true } });
  await assertInSync(t, stretches, [0.8, 2.4, 4.4], { audio: { loudness: true, channels: 'source' } });
});

test.serial('across the 33-bit wrap of PTS and PCR', async (t) => {
  const stretches = await parts([MP2], 6);
  const { faults } = await assertInSync(t, stretches, [0.5, 2.5, 3.2, 5], { startTicks: 2 ** 33 - 3 * 90_000 });
  t.deepEqual(faults, {});
});

for (const [hours, announced] of [
  [1, true],
  [-1, true],
  [1, false],
  [-1, false],
] as const) {
  test.serial(`a jump of the clock by ${hours} h, ${announced ? 'announced' : 'not announced'}`, async (t) => {
    const [first, second] = await parts([MP2, MP2], 3);
    const stretches = [first as Stretch, { ...(second as Stretch), jumpTicks: hours * 3600 * 90_000, announced }];
    const input = audioProgramme(stretches, { startTicks: 2 * 3600 * 90_000 });
    const { output, stats } = remux(input);
    t.is(stats.errors['jump'], 1);
    t.is(stats.errors['pcr-jump'] ?? 0, announced ? 0 : 1);
    // Each side of the jump on its own: players take them apart at the jump as well.
    const border = splitAtJump(input);
    const outBorder = splitAtJump(output);
    for (const [before, after] of [
      [input.subarray(0, border), output.subarray(0, outBorder)],
      [input.subarray(border), output.subarray(outBorder)],
    ] as const) {
      const [one, other] = await Promise.all([decodeAudio(withTables(before), 0), decodeAudio(withTables(after), 0)]);
      const { offsetMs, correlation } = audioOffset(one, other, { fromSeconds: 1, seconds: 0.5 });
      t.true(correlation > 0.75 && Math.abs(offsetMs) <= 1, `${offsetMs} ms, correlation ${correlation}`);
    }
  });
}

/** Where the first audio PES with a PTS far from the one before begins. */
function splitAtJump(bytes: Buffer): number {
  let last: number | null = null;
  for (let at = 0; at < bytes.length; at += 188) {
    if ((bytes.readUInt16BE(at + 1) & 0x5fff) !== (0x4000 | AUDIO_PID)) continue;
    const from = at + 4 + ((bytes[at + 3] ?? 0) & 0x20 ? 1 + (bytes[at + 4] ?? 0) : 0);
    if (((bytes[from + 7] ?? 0) & 0x80) === 0) continue;
    const high = ((bytes[from + 9] ?? 0) >> 1) & 7;
    const pts = high * 2 ** 30 + (bytes.readUInt16BE(from + 10) >> 1) * 2 ** 15 + (bytes.readUInt16BE(from + 12) >> 1);
    if (last !== null && Math.abs(pts - last) > 90_000) return at;
    last = pts;
  }
  throw new Error('no jump');
}

/** A part of a stream with the tables that lie before its start put first. */
function withTables(part: Buffer): Buffer {
  const tables: Buffer[] = [];
  for (let at = 0; at < part.length && tables.length < 2; at += 188) {
    const pid = part.readUInt16BE(at + 1) & 0x1fff;
    if (pid === 0 || (pid === 0x100 && tables.length === 1)) tables.push(part.subarray(at, at + 188));
  }
  return Buffer.concat([...tables, part]);
}

for (const ppm of [300, -300]) {
  test.serial(`an audio clock that drifts by ${ppm} ppm is followed without a cut`, async (t) => {
    const stretches = await parts([MP2], 40);
    const { faults } = await assertInSync(t, stretches, [1, 20, 38], { driftPpm: ppm });
    t.deepEqual(faults, {});
  });
}

test.serial('one packet in a hundred is lost: what is left stays in its place', async (t) => {
  const stretches = await parts([MP2, AC3_SURROUND], 8);
  let seed = 1;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const { faults, output } = await assertInSync(t, stretches, [1, 3, 5, 7, 9, 11, 13, 15], {
    edit: (packet, pid) => (pid === AUDIO_PID && random() < 0.01 ? null : packet),
  });
  t.true((faults['continuity'] ?? 0) > 20);
  t.is(faults['jump'] ?? 0, 0);
  t.deepEqual(checkTransportStream(output).errors, {});
});

test.serial('half a second without sound becomes silence of the same length', async (t) => {
  const [first, second] = await parts([MP2, MP2], 2);
  const stretches = [first as Stretch, { ...(second as Stretch), jumpTicks: 45_000 }];
  const { faults, output } = await assertInSync(t, stretches, [0.6, 1.4, 2.8, 3.8]);
  t.is(faults['gap'], 1);
  const { samples } = await decodeAudio(output, 0);
  const loudest = Math.max(...samples.subarray(Math.round(2.1 * 48_000), Math.round(2.4 * 48_000)).map(Math.abs));
  t.true(loudest < 0.001, `${loudest} in the silence`);
});

test.serial('sound that comes twice is cut: what follows stays in its place', async (t) => {
  const [first, second] = await parts([MP2, MP2], 2);
  // The second part's time begins 80 ms before the first part's ends.
  const stretches = [first as Stretch, { ...(second as Stretch), ptsJumpTicks: -7_200 }];
  const input = audioProgramme(stretches);
  const { output, stats } = remux(input);
  t.true((stats.errors['overlap'] ?? 0) >= 1);
  const [alone, after] = await Promise.all([
    decodeAudio(audioProgramme([{ ...(second as Stretch), jumpTicks: 2 * 90_000 }]), 0),
    decodeAudio(output, 0),
  ]);
  // The second part on its own, moved to where its PTS put it.
  const start = 900_000 + (first as Stretch).source.frames.length * 2160 - 7_200;
  const { offsetMs, correlation } = audioOffset({ ...alone, startTicks: start }, after, {
    fromSeconds: 1,
    seconds: 0.5,
  });
  t.true(correlation > 0.75 && Math.abs(offsetMs) <= 1, `${offsetMs} ms, correlation ${correlation}`);
});

const SHAPES: readonly (readonly [string, AudioProgrammeOptions])[] = [
  ['three frames in a PES', { framesPerPes: 3 }],
  ['frames across the borders of PES', { shiftBytes: 200 }],
  ['several frames in a PES, and across their borders', { framesPerPes: 2, shiftBytes: 333 }],
  ['a PTS in every eighth PES', { ptsEvery: 8 }],
  ['PES of no declared length', { unbounded: true }],
  ['the clock on the audio PID', { pcrOnAudio: true }],
];
for (const [what, options] of SHAPES) {
  for (const format of [MP2, AC3_SURROUND]) {
    test.serial(`${what}, ${format.codec}`, async (t) => {
      const stretches = await parts([format], 4);
      const { output, faults } = await assertInSync(t, stretches, [0.5, 2, 3.2], options);
      t.deepEqual(faults, {});
      t.deepEqual(checkTransportStream(output).errors, {});
    });
  }
}
