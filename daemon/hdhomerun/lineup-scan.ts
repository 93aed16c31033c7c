/** How far the reading of all lineups is. */
export interface ScanProgress {
  readonly done: number;
  readonly total: number;
  readonly channels: number;
}

/** What a scan reads. */
export interface ScanSource {
  /** Reads the lineup anew; rejects when that fails, and the old one stays. */
  refresh(): Promise<unknown>;
  readonly progress: ScanProgress | null;
}

export interface ScanReport {
  readonly running: boolean;
  /** Percent. */
  readonly progress: number;
  readonly found: number;
}

/**
 * The device's channel scan: ours reads the bouquets of all receivers again. Aborting it forgets it; a reading that is
 * under way comes to its end, because others may wait for the same.
 */
export class LineupScan {
  readonly #sources: readonly ScanSource[];
  readonly #channels: () => number;
  #running: symbol | null = null;
  /** Of the present scan: a source that is ready has no progress any more. */
  #finished = new Set<ScanSource>();

  constructor(sources: readonly ScanSource[], channels: () => number) {
    this.#sources = sources;
    this.#channels = channels;
  }

  /** While one runs it goes on: another would read the same. */
  start(): void {
    if (this.#running !== null) return;
    const scan = Symbol('scan');
    this.#running = scan;
    this.#finished = new Set();
    const readings = this.#sources.map((source) =>
      source
        .refresh()
        .catch(() => undefined) // the service has logged it, and keeps what it had
        .then(() => this.#finished.add(source)),
    );
    void Promise.all(readings).then(() => {
      if (this.#running === scan) this.#running = null;
    });
  }

  abort(): void {
    this.#running = null;
  }

  get report(): ScanReport {
    if (this.#running === null) return { running: false, progress: 100, found: this.#channels() };
    const parts = this.#sources.map((source) =>
      this.#finished.has(source) ? DONE : (source.progress ?? { done: 0, total: 1, channels: 0 }),
    );
    const share =
      parts.reduce((sum, { done, total }) => sum + done / Math.max(1, total), 0) / Math.max(1, parts.length);
    return {
      running: true,
      // 100 is for a scan that is over.
      progress: Math.min(99, Math.floor(share * 100)),
      found: parts.reduce((sum, { channels }) => sum + channels, 0),
    };
  }
}

const DONE: ScanProgress = { done: 1, total: 1, channels: 0 };
