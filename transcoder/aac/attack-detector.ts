/**
 * Finds attacks in the time signal: blocks of 64 samples whose energy, low notes taken away, stands far above what came
 * before. One for each channel.
 */
export const ATTACK_BLOCK = 64;
export const ATTACK_BLOCKS = 16;

/** Above what came before by so much (13 dB) … */
const RATIO = 20;
/** … and above this energy per block (about −72 dB of full scale), a block is an attack. Samples are of 16 bits. */
const FLOOR = 64 * 8 * 8;
/** How much of the past each block leaves. */
const MEMORY = 0.8;

export class AttackDetector {
  /** Energies of the blocks of this frame's window: 16 known ones, then the 16 of its new half. */
  readonly energies = new Float64Array(2 * ATTACK_BLOCKS);
  /** First and last block of the new half with an attack; −1 for none. */
  first = -1;
  last = -1;
  #past = FLOOR;
  #x1 = 0;
  #x2 = 0;

  /** The new half of the window: 1024 samples of `line` at `from`. */
  push(line: Float64Array, from: number): void {
    const energies = this.energies;
    energies.copyWithin(0, ATTACK_BLOCKS);
    this.first = -1;
    this.last = -1;
    let x1 = this.#x1;
    let x2 = this.#x2;
    for (let block = 0; block < ATTACK_BLOCKS; block++) {
      const begin = from + block * ATTACK_BLOCK;
      let energy = 0;
      for (let i = begin; i < begin + ATTACK_BLOCK; i++) {
        const x = line[i] as number;
        // Second difference, zero at 0 Hz and with half its gain at a quarter of the rate.
        const high = 0.5 * x - x1 + 0.5 * x2;
        x2 = x1;
        x1 = x;
        energy += high * high;
      }
      energies[ATTACK_BLOCKS + block] = energy;
      if (energy > RATIO * this.#past && energy > FLOOR) {
        if (this.first < 0) this.first = block;
        this.last = block;
      }
      this.#past = MEMORY * Math.max(this.#past, FLOOR / RATIO) + (1 - MEMORY) * energy;
      if (energy > this.#past) this.#past = energy;
    }
    this.#x1 = x1;
    this.#x2 = x2;
  }

  /** How far the loudest block of the window stands above their mean: 1 for steady sound, 32 for a lone click. */
  get peakiness(): number {
    let sum = 0;
    let peak = 0;
    for (let block = 0; block < 2 * ATTACK_BLOCKS; block++) {
      const energy = this.energies[block] as number;
      sum += energy;
      if (energy > peak) peak = energy;
    }
    return sum > FLOOR ? (peak * 2 * ATTACK_BLOCKS) / sum : 1;
  }
}
