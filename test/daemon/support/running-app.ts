import type { ExecutionContext } from 'ava';
import { ConfiguredAccess } from '#daemon/config/access.ts';
import { loadConfig } from '#daemon/config/load.ts';
import { MemoryGuideStore } from '#daemon/guide/store.ts';
import { createApp } from '#daemon/http/app.ts';
import type { AppDeps, LineupView } from '#daemon/http/deps.ts';
import { HttpServer } from '#daemon/http/server.ts';
import type { Channel, Lineup } from '#daemon/lineup/channel.ts';
import { ProfileBook } from '#daemon/streams/profiles.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { createRegistry } from '#shared/observability/metrics.ts';
import { testFace } from './hdhomerun-face.ts';

/** A lineup that is ready with these channels. */
export function readyLineup(channels: readonly Channel[]): LineupView {
  const lineup: Lineup = { channels, bouquets: [], warnings: [] };
  return {
    state: { kind: 'ready', lineup, readAtMs: 1_700_000_000_000, failure: null },
    channels,
    get: (id) => channels.find((channel) => channel.id === id) ?? null,
    byNumber: (number) => channels.find((channel) => channel.number === number) ?? null,
  };
}

export function appDeps(changes: Partial<AppDeps> = {}): AppDeps {
  const store = new MemoryGuideStore();
  const { access } = loadConfig({ env: {}, readFile: () => '' });
  return {
    access: { policy: new ConfiguredAccess(() => access), token: { current: () => null } },
    lineup: readyLineup([]),
    guide: { programmes: store.programmes.bind(store), size: 0, revision: 0, progress: null },
    transcoder: { state: { kind: 'connected' } },
    receiver: { address: 'http://192.168.1.20', picon: async () => null },
    hdhomerun: testFace(changes.lineup ?? readyLineup([])),
    registry: createRegistry({ processMetrics: false }),
    logger: createSilentLogger(),
    publicUrl: null,
    version: '0.0.0-test',
    profiles: new ProfileBook({ bitrate: 192_000, custom: {}, defaultProfile: 'aac' }),
    ...changes,
  };
}

/** Serves the app on a port of its own until the test ends; the result is its address. */
export async function serve(
  t: ExecutionContext,
  deps: AppDeps,
  options: Parameters<typeof createApp>[1] = {},
): Promise<string> {
  const server = new HttpServer(createApp(deps, options).callback());
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => server.close({ drainMs: 0 }));
  return `http://127.0.0.1:${port}`;
}
