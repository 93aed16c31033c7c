/** Test signals, made in code: every one is the same in every run. */
import { LoudnessMeter } from '#transcoder/dsp/loudness-meter.ts';
import type { SpeakerRole } from '#transcoder/dsp/speaker-weights.ts';

export const STEREO: readonly SpeakerRole[] = ['FL', 'FR'];

export const dbfs = (db: number): number => 10 ** (db / 20);

/** Uniform numbers in [0, 1): xorshift of 32 bits. */
export function random(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export interface Tone {
  /** Peak level; −Infinity for silence. */
  readonly db: number;
  readonly seconds: number;
}

/** 1 kHz sine in one plane, its level changing from tone to tone, its phase going on. */
export function tones(sequence: readonly Tone[], sampleRate = 48_000, hz = 1000): Float32Array {
  const lengths = sequence.map((tone) => Math.round(tone.seconds * sampleRate));
  const plane = new Float32Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const [i, tone] of sequence.entries()) {
    const amplitude = dbfs(tone.db);
    for (let n = 0; n < (lengths[i] as number); n++, at++) {
      plane[at] = amplitude * Math.sin((2 * Math.PI * hz * at) / sampleRate);
    }
  }
  return plane;
}

/** Pink noise: white noise through three one-pole filters an octave or more apart and a direct path. */
export function pinkNoise(samples: number, seed: number): Float32Array {
  const next = random(seed);
  const plane = new Float32Array(samples);
  let slow = 0;
  let middle = 0;
  let fast = 0;
  for (let i = 0; i < samples; i++) {
    const white = next() * 2 - 1;
    slow = 0.99765 * slow + 0.099046 * white;
    middle = 0.963 * middle + 0.2965164 * white;
    fast = 0.57 * fast + 1.0526913 * white;
    plane[i] = 0.1 * (slow + middle + fast + 0.1848 * white);
  }
  return plane;
}

export interface ProgrammeOptions {
  readonly seconds: number;
  /** Integrated loudness it is scaled to. */
  readonly lufs: number;
  readonly channels: number;
  readonly sampleRate?: number;
  readonly seed?: number;
}

const made = new Map<string, readonly Float32Array[]>();

/**
 * Speech-like programme: syllables of 120…320 ms of pink noise and a harmonic voice, pauses between words and sentences,
 * a quiet room behind. Its level wanders by some dB, its crest factor is that of speech. Channels differ in their noise.
 */
export function programme(options: ProgrammeOptions): Float32Array[] {
  const rate = options.sampleRate ?? 48_000;
  const { seconds, channels, seed = 1 } = options;
  const key = [seconds, channels, rate, seed].join();
  const planes = made.get(key) ?? speech(Math.round(seconds * rate), channels, rate, seed);
  made.set(key, planes);
  return scaledTo(planes, options.lufs, rate);
}

function speech(length: number, channels: number, rate: number, seed: number): Float32Array[] {
  const envelope = syllables(length, rate, seed + 100);
  const voice = voiceOf(length, rate);
  return Array.from({ length: channels }, (_, channel) => {
    const noise = pinkNoise(length, seed + channel);
    return noise.map((sample, i) => (0.6 * sample + (voice[i] as number)) * (envelope[i] as number) + 0.001 * sample);
  });
}

const WAVE_LENGTH = 4096;
const WAVE = Float32Array.from({ length: WAVE_LENGTH }, (_, i) => {
  let sum = 0;
  for (let harmonic = 1; harmonic <= 12; harmonic++) {
    sum += Math.cos((2 * Math.PI * harmonic * i) / WAVE_LENGTH) / harmonic ** 0.8;
  }
  return 0.12 * sum;
});

/** A voice around 130 Hz that rises and falls. */
function voiceOf(length: number, rate: number): Float32Array {
  const plane = new Float32Array(length);
  let turns = 0;
  for (let i = 0; i < length; i++) {
    turns += (130 + 25 * Math.sin((2 * Math.PI * 0.7 * i) / rate)) / rate;
    plane[i] = WAVE[Math.floor(turns * WAVE_LENGTH) % WAVE_LENGTH] as number;
  }
  return plane;
}

function syllables(length: number, rate: number, seed: number): Float32Array {
  const next = random(seed);
  const envelope = new Float32Array(length);
  let at = 0;
  while (at < length) {
    const samples = Math.round((0.12 + 0.2 * next()) * rate);
    const level = dbfs(-6 * next());
    for (let i = 0; i < samples && at < length; i++, at++) {
      envelope[at] = level * Math.sin((Math.PI * i) / samples) ** 0.5;
    }
    const chance = next();
    at += Math.round((chance < 0.08 ? 0.6 : chance < 0.3 ? 0.15 : 0.02) * rate);
  }
  return envelope;
}

const ROLES: readonly SpeakerRole[] = ['FL', 'FR', 'FC', 'LFE', 'SL', 'SR'];

export function rolesOf(channels: number): readonly SpeakerRole[] {
  return channels === 1 ? ['FC'] : ROLES.slice(0, channels);
}

/** Scales all planes alike, so that their integrated loudness is `lufs`. */
export function scaledTo(planes: readonly Float32Array[], lufs: number, sampleRate = 48_000): Float32Array[] {
  const gain = dbfs(lufs - integratedOf(planes, sampleRate));
  return planes.map((plane) => plane.map((sample) => sample * gain));
}

/** Integrated loudness of a part of the planes, in seconds. */
export function integratedOf(
  planes: readonly Float32Array[],
  sampleRate = 48_000,
  from = 0,
  to = Number.POSITIVE_INFINITY,
): number {
  const meter = new LoudnessMeter(sampleRate, rolesOf(planes.length));
  const length = (planes[0] as Float32Array).length;
  const first = Math.round(from * sampleRate);
  meter.add(planes, first, Math.min(length, to * sampleRate) - first);
  const integrated = meter.integrated;
  if (integrated === null) throw new Error('nothing to be heard in the signal');
  return integrated;
}

/** Puts signals one behind the other. */
export function joined(...parts: readonly (readonly Float32Array[])[]): Float32Array[] {
  const channels = (parts[0] as readonly Float32Array[]).length;
  return Array.from({ length: channels }, (_, channel) => {
    const planes = parts.map((part) => part[channel] as Float32Array);
    const whole = new Float32Array(planes.reduce((sum, plane) => sum + plane.length, 0));
    let at = 0;
    for (const plane of planes) {
      whole.set(plane, at);
      at += plane.length;
    }
    return whole;
  });
}

export function silence(seconds: number, channels: number, sampleRate = 48_000): Float32Array[] {
  return Array.from({ length: channels }, () => new Float32Array(Math.round(seconds * sampleRate)));
}

export interface Processor {
  process(planes: readonly Float32Array[], offset: number, samples: number): void;
}

/** Sends a copy of the planes through, in blocks of the sizes given, in turn. */
export function through(
  processor: Processor,
  planes: readonly Float32Array[],
  sizes: readonly number[] = [1024],
): Float32Array[] {
  const copy = planes.map((plane) => plane.slice());
  const length = (copy[0] as Float32Array).length;
  let at = 0;
  for (let i = 0; at < length; i++) {
    const samples = Math.min(sizes[i % sizes.length] as number, length - at);
    processor.process(copy, at, samples);
    at += samples;
  }
  return copy;
}
