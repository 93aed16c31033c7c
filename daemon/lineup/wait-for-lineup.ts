/** What tells of lineups: at once when there is one, then of every new one. */
export interface LineupAnnouncer {
  onChange(listener: () => void): () => void;
}

/** Resolves when there is a lineup. Rejects with the signal's reason. */
export async function waitForLineup(lineup: LineupAnnouncer, { signal }: { signal?: AbortSignal }): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const stop = lineup.onChange(resolve);
  try {
    await promise;
  } finally {
    stop();
    signal?.removeEventListener('abort', onAbort);
  }
}
