import test from 'ava';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { AAC_ENCODERS } from '#transcoder/remux/aac-encoder.ts';
import { AacRun, type AacRunOptions, type AccessUnit } from '#transcoder/remux/aac-run.ts';
import { PcmConverter } from '#transcoder/remux/pcm-converter.ts';
import { pcmFrame } from '../support/signal.ts';

silenceFfmpegLog();

const START = 900_000;
const FORMAT = { sampleRate: 48_000, channels: 2 } as const;
const UNIT_TICKS = 1920;

function run(options: Partial<AacRunOptions> = {}) {
  const units: Omit<AccessUnit, 'bytes'>[] = [];
  const aac = new AacRun({
    encoder: AAC_ENCODERS[0],
    format: FORMAT,
    bitrate: 128_000,
    processor: null,
    startPts: START,
    continues: false,
    onUnit: ({ bytes, ...unit }) => {
      if (bytes.length === 0) throw new Error('an empty unit');
      units.push(unit);
    },
    ...options,
  });
  const converter = new PcmConverter(pcmFrame(0, 1, 48_000), null, FORMAT);
  const write = (samples: number): void => aac.writePcm(converter, pcmFrame(0, samples, 48_000), 0);
  return { aac, units, write, pts: () => units.map(({ pts }) => (pts - START) / UNIT_TICKS) };
}

for (const encoder of AAC_ENCODERS) {
  test(`${encoder}: a run that begins has one unit before its first sample, one that continues has none`, (t) => {
    for (const [continues, first] of [
      [false, -1],
      [true, 0],
    ] as const) {
      const { aac, write, pts } = run({ encoder, continues });
      for (let part = 0; part < 5; part++) write(1024);
      aac.finish();
      t.deepEqual(pts(), [-1, 0, 1, 2, 3, 4].slice(first + 1));
    }
  });

  test(`${encoder}: the units of a finished run reach to its last sample and no further`, (t) => {
    for (const [samples, last] of [
      [1024, 0],
      [1025, 1],
      [2047, 1],
      [2048, 1],
      [2049, 2],
    ] as const) {
      const { aac, write, pts } = run({ encoder });
      write(samples);
      aac.finish();
      t.is(pts().at(-1), last, `${samples} samples`);
    }
  });

  test(`${encoder}: a run that ends at a unit gives what lies behind it to the next`, (t) => {
    const { aac, write, pts } = run({ encoder });
    write(3000);
    const { pts: border, samplesFrom } = aac.endAtUnit();
    t.is(border, START + 2 * UNIT_TICKS);
    const rest = samplesFrom(0);
    t.is(rest.samples, 3000 - 2048);
    t.deepEqual(rest.roles, ['FL', 'FR']);
    const whole = pcmFrame(0, 3000, 48_000);
    t.deepEqual(rest.planes[1], whole.planes[1]?.slice(2048));
    aac.finish();
    t.deepEqual(pts(), [-1, 0, 1]);
  });
}

test('seconds of silence need no room of their own, and are told from sound that is punctual', (t) => {
  const { aac, units, write, pts } = run();
  write(4 * 1024);
  aac.writeSilence(96_000);
  write(4 * 1024);
  aac.finish();
  t.is(aac.written >= 96_000 + 8 * 1024, true);
  t.deepEqual(
    pts(),
    [...units.keys()].map((index) => index - 1),
  );
  const silent = units.filter(({ punctual }) => !punctual).length;
  t.true(Math.abs(silent - 96_000 / 1024) < 8, `${silent} units`);
});

test('samples are laid against what was written; a new anchor counts from the next one', (t) => {
  const { aac, units, write } = run();
  write(2048);
  t.deepEqual(aac.place(START + 2 * UNIT_TICKS), { kind: 'continue' });
  t.deepEqual(aac.place(START + 2 * UNIT_TICKS + 900), { kind: 'gap', samples: 480 });
  t.deepEqual(aac.place(START + 2 * UNIT_TICKS + 9), { kind: 'continue' });
  t.deepEqual(aac.place(START + 2 * UNIT_TICKS - 90, 2), { kind: 'overlap', samples: 49 }, 'behind what it took over');
  aac.padToUnit();
  aac.anchor(5_000_000);
  write(1024);
  aac.finish();
  t.is(units.at(-1)?.pts, 5_000_000 as AccessUnit['pts']);
});

test('closing what is finished, and twice, does no harm', (t) => {
  let closed = 0;
  const processor = { delaySamples: 0, process: () => undefined, close: () => closed++ };
  const { aac, write } = run({ processor });
  write(5000);
  aac.close();
  t.is(closed, 1);
  t.notThrows(() => aac.close());
});
