import { KeptGuide } from '#daemon/guide/store/kept-store.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { makeEvents, makeProgrammes } from '#test/helpers/guide/schedules.ts';

/** Writes a guide into a data folder; all channels are marked as just read. Returns how long the writing took, in s. */
export async function fillGuide(
  dataFolder: string,
  options: { channelIds: readonly string[]; programmesEach: number; fromSeconds: number },
): Promise<{ seconds: number; longestBlockMs: number }> {
  const { channelIds, programmesEach: count, fromSeconds } = options;
  const kept = new KeptGuide({ dataFolder, logger: createSilentLogger() });
  const startedAt = performance.now();
  let longestBlockMs = 0;
  let lastTurnAt = startedAt;
  const turn = setInterval(() => {
    const now = performance.now();
    longestBlockMs = Math.max(longestBlockMs, now - lastTurnAt);
    lastTurnAt = now;
  }, 1);
  for (const [index, channelId] of channelIds.entries()) {
    const programmes = makeProgrammes(channelId, makeEvents({ ref: '', seed: index, fromSeconds, count }));
    await kept.store.update(channelId, programmes);
    kept.store.markRead(channelId, Math.floor(Date.now() / 1000));
  }
  clearInterval(turn);
  const seconds = (performance.now() - startedAt) / 1000;
  kept.close();
  return { seconds, longestBlockMs };
}
