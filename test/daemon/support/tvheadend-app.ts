import type { ExecutionContext } from 'ava';
import { ConfiguredAccess } from '#daemon/config/access.ts';
import { loadConfig } from '#daemon/config/load.ts';
import { NO_DETAILS, type Programme } from '#daemon/guide/programme.ts';
import { MemoryGuideStore } from '#daemon/guide/store.ts';
import { AuthCodes } from '#daemon/http/access/url-login.ts';
import { createApp, createRoutes } from '#daemon/http/app.ts';
import type { AppDeps } from '#daemon/http/deps.ts';
import { mountRecordings, RECORDING_ERROR_STATUS } from '#daemon/http/routes-recordings.ts';
import { mountStreams, STREAM_ERROR_STATUS, type StreamRouteDeps } from '#daemon/http/routes-streams.ts';
import { HttpServer } from '#daemon/http/server.ts';
import { mountTvheadend, TVHEADEND_ERROR_STATUS } from '#daemon/http/tvheadend/mount.ts';
import type { Channel } from '#daemon/lineup/channel.ts';
import type { Movie, Recordings, Timer } from '#daemon/recordings/recordings.ts';
import { ChannelMemory } from '#daemon/streams/channel-memory.ts';
import { Decider } from '#daemon/streams/decision.ts';
import { ProfileBook } from '#daemon/streams/profiles.ts';
import { createStreamMetrics } from '#daemon/streams/stream-metrics.ts';
import { Arbiter } from '#daemon/tuners/arbiter.ts';
import { TvhLineup } from '#daemon/tvheadend/ids.ts';
import { TicketOffice } from '#daemon/tvheadend/tickets.ts';
import { SYSTEM_CLOCK } from '#shared/clock.ts';
import { XgError } from '#shared/errors.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { createRegistry } from '#shared/observability/metrics.ts';
import { appDeps, readyLineup } from './running-app.ts';

export const TOKEN = 'a-token-of-the-test-0123456789';

export interface TvheadendApp {
  readonly url: string;
  readonly store: MemoryGuideStore;
  readonly recordings: PlainRecordings;
  readonly tickets: TicketOffice;
  readonly deps: AppDeps;
  /** Which channels were asked for as streams, with what was wanted. */
  readonly joined: { readonly channel: string; readonly profile: string; readonly leaseClass: string }[];
}

/** Recordings without a box: two lists and what was asked to be done with them. */
export class PlainRecordings implements Recordings {
  timers: Timer[] = [];
  movies: Movie[] = [];
  readonly orders: unknown[] = [];
  readonly #listeners = new Set<() => void>();

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  async refresh(): Promise<void> {}
  async freshen(): Promise<void> {}

  async addTimer(wish: unknown): Promise<Timer> {
    this.orders.push(['add', wish]);
    return timer(1);
  }

  async addEventTimer(event: unknown): Promise<Timer> {
    this.orders.push(['event', event]);
    return timer(2);
  }

  async changeTimer(): Promise<Timer> {
    throw new XgError('TIMER_UNKNOWN', 'no such timer');
  }

  async deleteTimer(id: string): Promise<void> {
    this.orders.push(['cancel', id]);
  }

  async deleteMovie(id: string): Promise<void> {
    this.orders.push(['remove', id]);
  }

  async openMovie(): Promise<never> {
    throw new XgError('MOVIE_UNKNOWN', 'no such recording');
  }
}

export function timer(number: number, fields: Partial<Timer> = {}): Timer {
  return {
    id: `receiver.${String(number).padStart(16, '0')}`,
    channelId: null,
    channelName: 'Channel',
    title: `Timer ${number}`,
    description: '',
    beginSeconds: 2_000_000_000 + number * 3600,
    endSeconds: 2_000_003_600 + number * 3600,
    eventId: null,
    state: 'waiting',
    enabled: true,
    zapOnly: false,
    repeatedDays: 0,
    ...fields,
  };
}

export function programme(channelId: string, start: number, fields: Partial<Programme> = {}): Programme {
  return {
    id: 0,
    eventId: start % 65_536,
    channelId,
    title: `Film ${start}`,
    shortDescription: '',
    longDescription: '',
    startSeconds: start,
    stopSeconds: start + 1800,
    genreId: 0,
    details: NO_DETAILS,
    ...fields,
  };
}

/** All routes there are, with plain parts behind them. */
export async function tvheadendApp(
  t: ExecutionContext,
  channels: readonly Channel[],
  env: Record<string, string> = {},
): Promise<TvheadendApp> {
  const store = new MemoryGuideStore();
  const recordings = new PlainRecordings();
  const tickets = new TicketOffice(SYSTEM_CLOCK);
  const { access } = loadConfig({ env, readFile: () => '' });
  const policy = new ConfiguredAccess(() => access);
  const token = { current: () => TOKEN };
  const lineup = { ...readyLineup(channels), onChange: () => () => undefined };
  const profiles = new ProfileBook({ bitrate: 192_000, custom: {}, defaultProfile: 'aac' });
  const joined: TvheadendApp['joined'][number][] = [];
  const logger = createSilentLogger();
  const streams: StreamRouteDeps = {
    lineup,
    streams: {
      join: async (service, variant, _signal, _trace, viewer) => {
        joined.push({ channel: service.id, profile: variant.profile, leaseClass: viewer.class });
        throw new XgError('NO_TUNER', 'no tuner is free');
      },
    },
    decider: new Decider({ profiles, defaultProfile: 'aac', memory: new ChannelMemory() }),
    metrics: createStreamMetrics(createRegistry({ processMetrics: false })),
    logger,
  };
  const box = { id: 'receiver', name: 'Duo²', keepFree: 0 };
  const arbiter = new Arbiter({ boxes: [box], clock: SYSTEM_CLOCK, logger });
  t.teardown(() => arbiter.close());
  const deps = appDeps({
    lineup,
    access: { policy, token, tickets },
    guide: { programmes: store.programmes.bind(store), size: 0, revision: 0, progress: null },
    mount: [
      (router) => mountStreams(router, streams),
      (router) => mountRecordings(router, { recordings }),
      (router) =>
        mountTvheadend(router, {
          tvh: new TvhLineup(lineup),
          lineup,
          guide: store,
          recordings,
          tuners: arbiter,
          streams,
          profiles,
          tickets,
          authCodes: new AuthCodes(token),
          userOf: (name) => policy.user(name),
          publicUrl: null,
          version: '0.0.0-test',
          clock: SYSTEM_CLOCK,
        }),
    ],
  });
  const errorStatuses = { ...STREAM_ERROR_STATUS, ...RECORDING_ERROR_STATUS, ...TVHEADEND_ERROR_STATUS };
  const server = new HttpServer(createApp(deps, { errorStatuses }).callback());
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => server.close({ drainMs: 0 }));
  return { url: `http://127.0.0.1:${port}`, store, recordings, tickets, deps, joined };
}

/** Every route with its methods; parameters are filled with something. */
export function mountedRoutes(deps: AppDeps): { readonly method: string; readonly path: string }[] {
  return createRoutes(deps).stack.flatMap(({ methods, path }) =>
    methods.map((method) => ({ method, path: String(path).replace(/[:{*][^/]*/g, 'x') })),
  );
}
