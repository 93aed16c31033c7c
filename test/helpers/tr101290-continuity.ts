/** Spec: ISO/IEC 13818-1:2019, 2.4.3.3 continuity_counter; ETSI TR 101 290 V1.3.1, 5.2.1, 1.4. */
import { type ErrorBook, hexPid } from './tr101290-report.ts';

interface PidState {
  counter: number;
  /** Copy of the last packet with payload. */
  packet: Buffer;
  copies: number;
}

export class ContinuityChecker {
  readonly #errors: ErrorBook;
  readonly #states = new Map<number, PidState>();
  /** Packets that were a second copy, which is allowed. */
  duplicates = 0;

  constructor(errors: ErrorBook) {
    this.#errors = errors;
  }

  check(packet: Buffer, pid: number, offset: number): 'good' | 'duplicate' | 'lost' {
    const flags = packet[3] ?? 0;
    const counter = flags & 15;
    const hasPayload = (flags & 0x10) !== 0;
    const state = this.#states.get(pid);
    if (state === undefined) {
      if (hasPayload) this.#keep(pid, packet, counter);
      return 'good';
    }
    const announced = (flags & 0x20) !== 0 && (packet[4] ?? 0) > 0 && ((packet[5] ?? 0) & 0x80) !== 0;
    if (!hasPayload) {
      // "shall not be incremented when adaptation_field_control equals '00' or '10'"
      if (counter !== state.counter && !announced) {
        this.#errors.add('continuity', offset, `${hexPid(pid)}: ${counter} without payload after ${state.counter}`);
      }
      state.counter = counter;
      return 'good';
    }
    if (counter === ((state.counter + 1) & 15) || announced) {
      this.#keep(pid, packet, counter);
      return 'good';
    }
    if (counter !== state.counter) {
      this.#errors.add('continuity', offset, `${hexPid(pid)}: ${counter} after ${state.counter}`);
      this.#keep(pid, packet, counter);
      return 'lost';
    }
    state.copies++;
    if (state.copies > 2) this.#errors.add('continuity', offset, `${hexPid(pid)}: ${counter} more than twice`);
    else if (!sameBesidesPcr(state.packet, packet)) {
      this.#errors.add('continuity', offset, `${hexPid(pid)}: ${counter} again with other content`);
      this.#keep(pid, packet, counter);
      return 'lost';
    } else this.duplicates++;
    return 'duplicate';
  }

  forget(pid: number): void {
    this.#states.delete(pid);
  }

  #keep(pid: number, packet: Buffer, counter: number): void {
    this.#states.set(pid, { counter, packet: Buffer.from(packet), copies: 1 });
  }
}

/** A duplicate repeats every byte, except that its PCR, if any, is a valid one of its own. */
function sameBesidesPcr(first: Buffer, second: Buffer): boolean {
  const hasPcr = ((first[3] ?? 0) & 0x20) !== 0 && (first[4] ?? 0) >= 7 && ((first[5] ?? 0) & 0x10) !== 0;
  if (!hasPcr) return first.equals(second);
  return first.subarray(0, 6).equals(second.subarray(0, 6)) && first.subarray(12).equals(second.subarray(12));
}
