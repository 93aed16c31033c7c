/** Debian's ffmpeg as a second opinion: its ebur128 filter on the same samples. */
import test from 'ava';
import { LoudnessMeter } from '#transcoder/dsp/loudness-meter.ts';
import { TruePeakMeter } from '#transcoder/dsp/true-peak.ts';
import { ebur128 } from './support/ebur128.ts';
import { joined, pinkNoise, programme, rolesOf, scaledTo, silence } from './support/signals.ts';

const SOURCES: Readonly<Record<string, { planes: () => Float32Array[]; sampleRate: number }>> = {
  'speech at −23 LUFS': { planes: () => programme({ seconds: 20, lufs: -23, channels: 2 }), sampleRate: 48_000 },
  'loud speech': { planes: () => programme({ seconds: 20, lufs: -12, channels: 2, seed: 5 }), sampleRate: 48_000 },
  'speech at 44.1 kHz': {
    planes: () => programme({ seconds: 20, lufs: -20, channels: 2, sampleRate: 44_100 }),
    sampleRate: 44_100,
  },
  'speech at 32 kHz': {
    planes: () => programme({ seconds: 20, lufs: -26, channels: 2, sampleRate: 32_000 }),
    sampleRate: 32_000,
  },
  'speech in 5.1': { planes: () => programme({ seconds: 20, lufs: -24, channels: 6 }), sampleRate: 48_000 },
  'speech in mono': { planes: () => programme({ seconds: 20, lufs: -24, channels: 1 }), sampleRate: 48_000 },
  'pink noise': {
    planes: () => scaledTo([pinkNoise(480_000, 1), pinkNoise(480_000, 2)], -18),
    sampleRate: 48_000,
  },
  'speech, silence, whisper and shout': {
    planes: () =>
      joined(
        programme({ seconds: 8, lufs: -23, channels: 2 }),
        silence(6, 2),
        programme({ seconds: 8, lufs: -42, channels: 2, seed: 7 }),
        programme({ seconds: 8, lufs: -14, channels: 2, seed: 9 }),
      ),
    sampleRate: 48_000,
  },
};

for (const [name, { planes: make, sampleRate }] of Object.entries(SOURCES)) {
  test(`${name}: every reading is ffmpeg's, within 0.1 LU, and so is the true peak, within 0.3 dB`, async (t) => {
    const planes = make();
    const { readings, truePeakDb } = await ebur128(planes, sampleRate);
    const meter = new LoudnessMeter(sampleRate, rolesOf(planes.length));
    const hop = sampleRate / 10;
    let compared = 0;
    const worst = { momentary: 0, shortTerm: 0, integrated: 0 };
    for (const [i, theirs] of readings.entries()) {
      meter.add(planes, i * hop, hop);
      for (const window of ['momentary', 'shortTerm', 'integrated'] as const) {
        const ours = meter[window];
        // ffmpeg shows windows that are not full, and its readings near the gate have a floor.
        if (ours === null || theirs[window] < -69) continue;
        compared++;
        worst[window] = Math.max(worst[window], Math.abs(ours - theirs[window]));
      }
    }
    const peaks = new TruePeakMeter(planes.length);
    peaks.add(planes, 0, (planes[0] as Float32Array).length);
    const peakDb = 20 * Math.log10(peaks.peak);
    t.log(
      `M ${worst.momentary.toFixed(3)}, S ${worst.shortTerm.toFixed(3)}, I ${worst.integrated.toFixed(3)} LU;`,
      `true peak ${peakDb.toFixed(2)}, ffmpeg's ${truePeakDb}`,
    );
    t.true(compared > 200, `${compared} readings`);
    for (const [window, difference] of Object.entries(worst)) t.true(difference <= 0.1, `${window}: ${difference}`);
    t.true(Math.abs(peakDb - truePeakDb) <= 0.3);
  });
}
