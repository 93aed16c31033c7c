/** Sounds that are known to be hard for a transform coder, two channels at 48 kHz. */
export const RATE = 48_000;

export interface Sound {
  readonly name: string;
  readonly planes: readonly Float32Array[];
  /** Samples at which attacks begin, where the sound is made of them. */
  readonly attacks?: readonly number[];
}

function noiseSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x8000_0000 - 1;
  };
}

function planes(seconds: number, sample: (channel: number, seconds: number, i: number) => number): Float32Array[] {
  return [0, 1].map((channel) => Float32Array.from({ length: seconds * RATE }, (_, i) => sample(channel, i / RATE, i)));
}

/** Attacks 150 to 250 ms apart, at every place within a frame. */
function attackTimes(seconds: number): number[] {
  const random = noiseSource(5);
  const times: number[] = [];
  for (let at = 12_000; at < seconds * RATE - 12_000; at += Math.round(9600 + 2400 * random())) times.push(at);
  return times;
}

/** Short resonances out of silence (a faint hiss). */
function castanets(): Sound {
  const attacks = attackTimes(20);
  const made = planes(20, () => 0);
  for (const [channel, plane] of made.entries()) {
    const random = noiseSource(7 + channel);
    for (let i = 0; i < plane.length; i++) plane[i] = 0.0002 * random();
    for (const attack of attacks) {
      for (let i = 0; i < 3000; i++) {
        const t = i / RATE;
        const ring = Math.sin(2 * Math.PI * 2100 * t) * 0.5 + Math.sin(2 * Math.PI * 3700 * t + channel) * 0.3;
        plane[attack + i] = (plane[attack + i] as number) + (ring + 0.4 * random()) * Math.exp(-t * 180) * 0.7;
      }
    }
  }
  return { name: 'castanets', planes: made, attacks };
}

/** Clicks in a soft chord. */
function clicksOverChord(): Sound {
  const attacks = attackTimes(20);
  const made = planes(20, (channel, t) =>
    [220, 277, 330, 440].reduce((sum, hertz) => sum + 0.01 * Math.sin(2 * Math.PI * (hertz + channel) * t), 0),
  );
  for (const plane of made) {
    const random = noiseSource(3);
    for (const attack of attacks) {
      for (let i = 0; i < 400; i++)
        plane[attack + i] = (plane[attack + i] as number) + random() * 0.6 * Math.exp(-i / 60);
    }
  }
  return { name: 'clicks over a chord', planes: made, attacks };
}

function harpsichord(): Sound {
  const notes = [220, 247, 262, 294, 330, 349, 392, 440];
  const made = planes(12, (channel, t) => {
    let sum = 0;
    for (let voice = 0; voice < 3; voice++) {
      const start = Math.floor(t * 5 - voice) / 5 + voice / 5;
      const age = t - start;
      if (age < 0) continue;
      const f = notes[(Math.floor(t * 5 - voice) * 3 + voice + 8) % 8] as number;
      for (let h = 1; h <= 30; h++) {
        sum +=
          Math.sin(2 * Math.PI * f * h * (1 + 0.0002 * h) * t + channel * h * 0.1) *
          Math.exp(-age * (2 + h * 0.3)) *
          (0.06 / h ** 0.7);
      }
    }
    return sum;
  });
  return { name: 'harpsichord', planes: made };
}

export function hardSounds(): Sound[] {
  const random = [noiseSource(11), noiseSource(12)];
  return [
    castanets(),
    clicksOverChord(),
    harpsichord(),
    { name: 'pure tones', planes: planes(8, (channel, t) => 0.4 * Math.sin(2 * Math.PI * (channel ? 3137 : 997) * t)) },
    {
      name: 'one channel silent',
      planes: planes(8, (channel, t) =>
        channel ? 0 : 0.3 * Math.sin(2 * Math.PI * 440 * t) + 0.05 * (random[0] as () => number)(),
      ),
    },
    { name: 'white noise', planes: planes(8, (channel) => 0.3 * (random[channel] as () => number)()) },
    {
      name: 'pulses of a voice',
      planes: planes(8, (_, t) => {
        const f = 110 + 20 * Math.sin(2 * Math.PI * 0.7 * t);
        const phase = (t * f) % 1;
        return (
          0.5 * Math.exp(-phase * 9) * Math.sin(2 * Math.PI * 700 * (phase / f) * 1.3) +
          0.2 * Math.exp(-phase * 14) * Math.sin(2 * Math.PI * 2600 * (phase / f))
        );
      }),
    },
  ];
}
