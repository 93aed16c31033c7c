/** Spec: ETSI TR 101 290 V1.3.1, 5.2.2, 2.3a, 2.3b; ISO/IEC 13818-1:2019, 2.4.3.5 (PCR, discontinuity_indicator). */
import { type ByteClock, pcrStepMs } from './tr101290-clock.ts';
import { type ErrorBook, hexPid, type PcrReport } from './tr101290-report.ts';

const REPETITION_LIMIT_MS = 40;
const STEP_LIMIT_MS = 100;
/** Samples kept per PID: nine hours at 30 a second. */
const MAX_SAMPLES = 1_000_000;

interface Fix {
  readonly pcr: number;
  readonly offset: number;
}

interface PidState {
  last: Fix | null;
  beforeLast: Fix | null;
  announced: boolean;
  count: number;
  maxIntervalMs: number;
  readonly jitterUs: number[];
}

export class PcrChecker {
  readonly #errors: ErrorBook;
  readonly #clock: ByteClock;
  readonly #states = new Map<number, PidState>();
  #clockPid: number | null = null;
  #clockProgram: number | null = null;

  constructor(errors: ErrorBook, clock: ByteClock) {
    this.#errors = errors;
    this.#clock = clock;
  }

  /** A PMT names its PCR PID. The first programme met gives the clock, and takes it along when its PID moves. */
  programClock(program: number, pcrPid: number): void {
    this.#clockProgram ??= program;
    if (program !== this.#clockProgram || pcrPid === this.#clockPid || pcrPid === 0x1fff) return;
    if (this.#clockPid !== null) this.#clock.changeSource();
    this.#clockPid = pcrPid;
  }

  check(packet: Buffer, pid: number, offset: number): void {
    const length = packet[4] ?? 0;
    if (((packet[3] ?? 0) & 0x20) === 0 || length === 0) return;
    const flags = packet[5] ?? 0;
    const known = this.#states.get(pid);
    if ((flags & 0x80) !== 0 && known !== undefined) known.announced = true;
    if ((flags & 0x10) === 0 || length < 7) return;
    const pcr = (packet.readUInt32BE(6) * 2 + ((packet[10] ?? 0) >> 7)) * 300 + (packet.readUInt16BE(10) & 0x1ff);
    const state = known ?? { last: null, beforeLast: null, announced: false, count: 0, maxIntervalMs: 0, jitterUs: [] };
    this.#states.set(pid, state);
    this.#clockPid ??= pid;
    if (state.last !== null) this.#judge(state, state.last, { pcr, offset }, pid);
    if (pid === this.#clockPid) this.#clock.fix(offset, pcr, state.announced);
    state.beforeLast = state.announced ? null : state.last;
    state.last = { pcr, offset };
    state.announced = false;
    state.count++;
  }

  #judge(state: PidState, last: Fix, next: Fix, pid: number): void {
    if (state.announced) return;
    const stepMs = pcrStepMs(last.pcr, next.pcr);
    const detail = `${hexPid(pid)}: ${stepMs.toFixed(1)} ms`;
    if (stepMs < 0 || stepMs > STEP_LIMIT_MS) this.#errors.add('pcr-discontinuity', next.offset, detail);
    if (!this.#clock.believes(stepMs, next.offset - last.offset)) {
      state.last = null;
      return;
    }
    state.maxIntervalMs = Math.max(state.maxIntervalMs, stepMs);
    if (stepMs > REPETITION_LIMIT_MS) this.#errors.add('pcr-repetition', next.offset, detail);
    this.#measure(state, last, next);
  }

  #measure(state: PidState, middle: Fix, next: Fix): void {
    const first = state.beforeLast;
    if (first === null || state.jitterUs.length >= MAX_SAMPLES) return;
    const share = (middle.offset - first.offset) / (next.offset - first.offset);
    const expectedMs = pcrStepMs(first.pcr, next.pcr) * share;
    state.jitterUs.push(Math.abs(pcrStepMs(first.pcr, middle.pcr) - expectedMs) * 1000);
  }

  report(): Map<number, PcrReport> {
    const report = new Map<number, PcrReport>();
    for (const [pid, { count, maxIntervalMs, jitterUs }] of this.#states) {
      const sorted = Float64Array.from(jitterUs).sort();
      const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
      report.set(pid, { count, maxIntervalMs, jitterUs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) } });
    }
    return report;
  }
}
