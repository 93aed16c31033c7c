import type { ExecutionContext } from 'ava';
import type { Registry } from 'prom-client';
import type { Channel } from '#daemon/lineup/channel.ts';
import { PooledLineup } from '#daemon/lineup/pooled-lineup.ts';
import { LineupService } from '#daemon/lineup/service.ts';
import { ReceiverClient } from '#daemon/receiver/client.ts';
import { PooledRecordings } from '#daemon/recordings/pooled-recordings.ts';
import { createTunerMetrics } from '#daemon/tuners/tuner-metrics.ts';
import { TunerSystem } from '#daemon/tuners/tuner-system.ts';
import { SYSTEM_CLOCK } from '#shared/clock.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { createRegistry } from '#shared/observability/metrics.ts';
import { waitFor } from '#test/helpers/wait-for.ts';
import type { SimulatedReceiver } from '#test/receiver/receiver.ts';
import type { ReceiverOptions } from '#test/receiver/receiver-options.ts';
import { startBox } from '#test/receiver/support/box.ts';

export interface RecordingHouse {
  readonly boxes: readonly SimulatedReceiver[];
  readonly lineup: PooledLineup;
  readonly recordings: PooledRecordings;
  channel(name: string): Channel;
}

/** Simulated receivers and what the daemon makes of their timers and recordings: real clients, real watches. */
export async function recordingHouse(
  t: ExecutionContext,
  ...receivers: readonly ReceiverOptions[]
): Promise<RecordingHouse> {
  const logger = createSilentLogger();
  const registry: Registry = createRegistry({ processMetrics: false });
  const boxes = await Promise.all(receivers.map((options) => startBox(t, options)));
  const parts = boxes.map((box, index) => {
    const client = new ReceiverClient({
      baseUrl: `http://127.0.0.1:${box.httpPort}`,
      logger,
      ...receivers[index]?.login,
    });
    t.teardown(() => client.close());
    const lineup = new LineupService({ source: client, bouquets: [], refreshIntervalMs: 3_600_000, logger });
    return { id: index === 0 ? 'receiver' : `receiver-${index + 1}`, client, lineup };
  });
  const lineup = new PooledLineup(parts.map(({ id, lineup: one }) => ({ box: id, lineup: one })));
  await Promise.all(parts.map(({ lineup: one }) => one.refresh()));
  const manners = {
    keepFree: 0,
    zapInStandby: false,
    wakeOnLan: false,
    wakeFromStandby: false,
    mac: null,
    wakeTarget: { host: '127.0.0.1', port: 9 },
  };
  const tuners = new TunerSystem({
    boxes: parts.map(({ id, client }) => ({ id, receiver: client, manners })),
    boxesOf: (service) => lineup.placesOf(service.id),
    dataFolder: '/nonexistent',
    clock: SYSTEM_CLOCK,
    logger,
    registry,
    metrics: createTunerMetrics(registry),
  });
  const recordings = new PooledRecordings({
    boxes: parts.map(({ id, client }) => ({ id, receiver: client })),
    feed: tuners,
    lineup,
    clock: SYSTEM_CLOCK,
    logger,
  });
  t.teardown(() => {
    recordings.close();
    tuners.close();
  });
  tuners.start();
  await recordings.refresh();
  return {
    boxes,
    lineup,
    recordings,
    channel: (name) => {
      const found = lineup.channels.find((channel) => channel.name === name);
      if (found === undefined) throw new Error(`the simulated receiver has no channel ${name}`);
      return found;
    },
  };
}

/** Waits for a change after which the recordings are as wanted. */
export function recordingsAre<Value>(
  { recordings }: Pick<RecordingHouse, 'recordings'>,
  what: string,
  wanted: () => Value | false | null | undefined,
): Promise<Value> {
  return waitFor((changed) => recordings.onChange(changed), wanted, { what, timeoutMs: 15_000 });
}
