/** What the pacer is given: a segment, and how long it lasts. */
export interface PacedSegment {
  readonly bytes: Buffer;
  readonly seconds: number;
  readonly discontinuity: boolean;
}

export interface SegmentPacerListener {
  onBytes(bytes: Buffer): void;
  onDiscontinuity(): void;
  /** There is room for another segment. */
  onRoom(): void;
}

const TICK_MS = 40;
/** Beyond the one that is being sent. */
const MAX_WAITING = 2;
/** With a full queue it runs this much faster, so that the distance to live does not grow. */
const CATCH_UP = 1.1;

/**
 * Turns segments that come in lumps into the steady stream that a receiver would send: the first one at once, to fill the
 * players, each further one over the time that it lasts. Holds three segments at the most.
 */
export class SegmentPacer {
  readonly #listener: SegmentPacerListener;
  #waiting: PacedSegment[] = [];
  #current: { readonly segment: PacedSegment; sentBytes: number; elapsedMs: number } | null = null;
  #isFirst = true;
  #lastTick = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(listener: SegmentPacerListener) {
    this.#listener = listener;
  }

  get hasRoom(): boolean {
    return this.#waiting.length < MAX_WAITING;
  }

  /** True when everything was sent. */
  get isEmpty(): boolean {
    return this.#current === null && this.#waiting.length === 0;
  }

  push(segment: PacedSegment): void {
    if (this.#isFirst) {
      this.#isFirst = false;
      this.#listener.onBytes(segment.bytes);
      return;
    }
    this.#waiting.push(segment);
    if (this.#timer !== null) return;
    this.#lastTick = performance.now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#waiting = [];
    this.#current = null;
  }

  #tick(): void {
    const now = performance.now();
    const speed = this.#waiting.length >= MAX_WAITING ? CATCH_UP : 1;
    let budgetMs = (now - this.#lastTick) * speed;
    this.#lastTick = now;
    while (budgetMs > 0 && this.#timer !== null) {
      if (this.#current === null && !this.#begin()) return;
      budgetMs = this.#send(budgetMs);
    }
  }

  #begin(): boolean {
    const segment = this.#waiting.shift();
    if (segment === undefined) return false;
    this.#current = { segment, sentBytes: 0, elapsedMs: 0 };
    if (segment.discontinuity) this.#listener.onDiscontinuity();
    this.#listener.onRoom();
    return true;
  }

  /** Sends what is due of the current segment; gives what of the time is left when it is through. */
  #send(budgetMs: number): number {
    const { segment, sentBytes, elapsedMs } = this.#current ?? {};
    if (this.#current === null || segment === undefined) return 0;
    const durationMs = Math.max(1, segment.seconds * 1000);
    this.#current.elapsedMs = Math.min(durationMs, (elapsedMs ?? 0) + budgetMs);
    const due = Math.floor((segment.bytes.length * this.#current.elapsedMs) / durationMs);
    const leftMs = (elapsedMs ?? 0) + budgetMs - durationMs;
    const part = segment.bytes.subarray(sentBytes ?? 0, due);
    this.#current.sentBytes = due;
    if (leftMs >= 0) this.#current = null;
    if (part.length > 0) this.#listener.onBytes(part);
    return Math.max(0, leftMs);
  }
}
