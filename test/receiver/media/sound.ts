import { BEEP_SECONDS, SAMPLE_RATE } from './timing.ts';

const LEVEL = 0.4;
const FADE_SECONDS = 0.005;

/**
 * The sound at sample n of the loop (any integer): at the start of each second a beep that begins at once and ends
 * softly, silence otherwise. Pitches are whole numbers of Hz, so every second is like every other.
 */
export function sampleAt(n: number, pitchHz: number): number {
  const inSecond = ((n % SAMPLE_RATE) + SAMPLE_RATE) % SAMPLE_RATE;
  const seconds = inSecond / SAMPLE_RATE;
  if (seconds >= BEEP_SECONDS) return 0;
  const fade = Math.min(1, (BEEP_SECONDS - seconds) / FADE_SECONDS);
  return LEVEL * fade * Math.sin(2 * Math.PI * pitchHz * seconds);
}
