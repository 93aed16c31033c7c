/** Spec: ISO/IEC 13818-1:2019, 2.4.3.3, continuity_counter. */
import { hasDiscontinuityIndicator } from './adaptation-field.ts';
import { continuityAt, hasPayload } from './packet.ts';
import type { Pid } from './types.ts';

const UNKNOWN = 0xff;
const DUPLICATE_SEEN = 0x10;

/** What one packet's counter says: `0` in order, `1…15` that many packets missing before it, or a duplicate. */
export type Continuity = number;
export const CONTINUITY_DUPLICATE = -1;

/**
 * Follows the counters of all PIDs. A packet may be sent twice, once; packets without payload do not count; a set
 * discontinuity_indicator allows any counter. One byte per PID.
 */
export class ContinuityTracker {
  readonly #last = new Uint8Array(0x2000).fill(UNKNOWN);

  check(bytes: Uint8Array, offset: number, pid: Pid): Continuity {
    const last = this.#last[pid] as number;
    if (!hasPayload(bytes, offset)) return 0;
    const counter = continuityAt(bytes, offset);
    if (last === UNKNOWN) {
      this.#last[pid] = counter;
      return 0;
    }
    const step = (counter - last) & 0x0f;
    if (step === 1) {
      this.#last[pid] = counter;
      return 0;
    }
    if (hasDiscontinuityIndicator(bytes, offset)) {
      this.#last[pid] = counter;
      return 0;
    }
    if (step === 0 && (last & DUPLICATE_SEEN) === 0) {
      this.#last[pid] = counter | DUPLICATE_SEEN;
      return CONTINUITY_DUPLICATE;
    }
    this.#last[pid] = counter;
    return step === 0 ? 15 : step - 1;
  }

  /** The counter that the next packet with payload should have; null before the first. */
  next(pid: Pid): number | null {
    const last = this.#last[pid] as number;
    return last === UNKNOWN ? null : (last + 1) & 0x0f;
  }

  forget(pid: Pid): void {
    this.#last[pid] = UNKNOWN;
  }

  reset(): void {
    this.#last.fill(UNKNOWN);
  }
}
