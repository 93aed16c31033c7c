/** One report: how many events since the last one, the latest of them, and the total since the start. */
export interface IntervalReport<Detail> {
  readonly count: number;
  readonly total: number;
  readonly last: Detail;
}

/**
 * Counts events and reports at most once per interval, so that one bad antenna does not become gigabytes of log. The
 * first event of a quiet period is reported at once; what follows is summed up at the end of the interval. The timer
 * exists only while there is something to report and does not keep the process alive.
 */
export class IntervalReporter<Detail> {
  readonly #report: (report: IntervalReport<Detail>) => void;
  readonly #intervalMs: number;
  #count = 0;
  #total = 0;
  #last: { detail: Detail } | null = null;
  #quietEnds: NodeJS.Timeout | null = null;

  constructor(report: (report: IntervalReport<Detail>) => void, intervalMs = 1000) {
    this.#report = report;
    this.#intervalMs = intervalMs;
  }

  /** Events since the start, reported or not. */
  get total(): number {
    return this.#total;
  }

  count(detail: Detail, events = 1): void {
    this.#count += events;
    this.#total += events;
    this.#last = { detail };
    if (this.#quietEnds === null) this.#flushAndWait();
  }

  /** Reports what is pending and stops the timer. */
  close(): void {
    if (this.#quietEnds !== null) clearTimeout(this.#quietEnds);
    this.#quietEnds = null;
    this.#flush();
  }

  #flushAndWait(): void {
    this.#flush();
    this.#quietEnds = setTimeout(() => {
      this.#quietEnds = null;
      if (this.#count > 0) this.#flushAndWait();
    }, this.#intervalMs);
    this.#quietEnds.unref();
  }

  #flush(): void {
    if (this.#count === 0 || this.#last === null) return;
    const report = { count: this.#count, total: this.#total, last: this.#last.detail };
    this.#count = 0;
    this.#last = null;
    this.#report(report);
  }
}
