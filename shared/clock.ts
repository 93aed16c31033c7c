/** Time as something that is handed in, so that tests need not wait for it. */
export interface Clock {
  /** Unix time in milliseconds. */
  nowMs(): number;
  /** Calls back once after `ms`; the result calls it off. */
  after(ms: number, callback: () => void): () => void;
}

/** The machine's own. Its timers do not keep the process alive. */
export const SYSTEM_CLOCK: Clock = {
  nowMs: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
