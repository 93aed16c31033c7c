import { setTimeout as delay } from 'node:timers/promises';
import { BUILD } from '#shared/build.ts';
import { SYSTEM_CLOCK } from '#shared/clock.ts';
import { errorCode, errorMessage } from '#shared/errors.ts';
import { countBuffersAsHeap } from '#shared/garbage-collection.ts';
import { transcoderSockets } from '#shared/ipc/address.ts';
import { inheritedSockets } from '#shared/ipc/listen-fds.ts';
import { createLogger, type Logger, setLogLevel } from '#shared/observability/logger.ts';
import { createRegistry } from '#shared/observability/metrics.ts';
import { serviceManager } from '#shared/service-manager.ts';
import { ConfiguredAccess } from './config/access.ts';
import { ApiToken } from './config/api-token.ts';
import { type Config, loadConfig } from './config/load.ts';
import { type Reloaded, Settings } from './config/settings.ts';
import { GuideSystem } from './guide/guide-system.ts';
import { HdhomerunSystem } from './hdhomerun/hdhomerun-system.ts';
import { AuthCodes } from './http/access/url-login.ts';
import { createApp } from './http/app.ts';
import { runCommand } from './http/commands.ts';
import { LogoCache } from './http/logo-cache.ts';
import { CATCHUP_ERROR_STATUS, mountCatchup } from './http/routes-catchup.ts';
import { mountGuideMapping } from './http/routes-guide-mapping.ts';
import { mountHdhomerunStreams } from './http/routes-hdhomerun-streams.ts';
import { LINEUP_ERROR_STATUS, mountLineup } from './http/routes-lineup.ts';
import { mountRecordings, RECORDING_ERROR_STATUS } from './http/routes-recordings.ts';
import { mountStreams, STREAM_ERROR_STATUS } from './http/routes-streams.ts';
import { mountTuners } from './http/routes-tuners.ts';
import { HttpServer } from './http/server.ts';
import { transcoderState } from './http/transcoder-state.ts';
import { mountTvheadend, TVHEADEND_ERROR_STATUS } from './http/tvheadend/mount.ts';
import { LineupSystem } from './lineup/lineup-system.ts';
import { readOwnLogo } from './lineup/logos/own-logo.ts';
import { PooledReceiver } from './lineup/pooled-receiver.ts';
import { Catchup } from './playlist/catchup.ts';
import type { ReceiverClient } from './receiver/client.ts';
import { CurrentReceiver } from './receiver/current-receiver.ts';
import { discoverReceivers } from './receiver/discovery.ts';
import { PooledRecordings } from './recordings/pooled-recordings.ts';
import { CardSystem } from './streams/card/card-system.ts';
import { ChannelStore } from './streams/channel-store.ts';
import { AUTO_PROFILE, Decider } from './streams/decision.ts';
import { Pretuner } from './streams/pretune/pretuner.ts';
import { ProfileBook, type ProfileBookOptions } from './streams/profiles.ts';
import { DEFAULT_RING_BYTES } from './streams/ring.ts';
import { sourceService } from './streams/source-service.ts';
import { SOURCE_VARIANT, StreamManager } from './streams/stream-manager.ts';
import { createStreamMetrics } from './streams/stream-metrics.ts';
import { RememberedSources } from './streams/stream-sources.ts';
import { registerTranscoderMetrics } from './transcoder-client/metrics.ts';
import { Transcoder } from './transcoder-client/transcoder.ts';
import { createReceiver, type ReceiverKeys } from './tuners/receiver-client.ts';
import { ReceptionWatch } from './tuners/reception-watch.ts';
import { createTunerMetrics } from './tuners/tuner-metrics.ts';
import { TunerSystem } from './tuners/tuner-system.ts';
import { HtspSystem } from './tvheadend/htsp/htsp-system.ts';
import { TvhLineup } from './tvheadend/ids.ts';
import { TicketOffice } from './tvheadend/tickets.ts';

/** Until the receiver has told: what most boxes have at least. */
const ASSUMED_TUNERS = 2;
/** Of the one under `receiver:`, in metrics and answers; further ones are numbered from 2. */
const RECEIVER_ID = 'receiver';
/** EX_CONFIG of sysexits.h: trying again helps nobody until the configuration is changed. */
const EXIT_CONFIG = 78;
/** The network is asked for receivers no more often. */
const DISCOVERY_MS = 10_000;
/** How long viewers and requests may take to end when the daemon stops. */
const DRAIN_MS = 3_000;
const DEFAULT_PORT = 8080;
/** How long the first reading of the lineup may hold up the first answer. */
const FIRST_LINEUP_MS = 1_000;

async function main(args: readonly string[]): Promise<void> {
  if (args.length === 0) await run(loadConfig({ env: process.env }));
  else await runCommand(args);
}

async function run(config: Config): Promise<void> {
  const logger = createLogger({ name: 'xg2g', level: config.logLevel });
  const registry = createRegistry();
  const stop = new AbortController();
  const manager = serviceManager({ environment: process.env, pid: process.pid, logger });
  const settings = new Settings(config);

  const transcoder = new Transcoder({ sockets: transcoderSockets(config.transcoder.url), build: BUILD, logger });
  registerTranscoderMetrics(registry, transcoder);
  const tunerMetrics = createTunerMetrics(registry);
  const createClient = (keys: ReceiverKeys, id: string): ReceiverClient =>
    createReceiver(keys, id, logger, tunerMetrics);
  const receiver = new CurrentReceiver(createClient(config.receiver, RECEIVER_ID));
  const others = config.receivers.map((keys, index) => {
    const id = `${RECEIVER_ID}-${index + 2}`;
    return { id, keys, client: new CurrentReceiver(createClient(keys, id)) };
  });
  const lineups = new LineupSystem({
    boxes: [{ id: RECEIVER_ID, source: receiver }, ...others.map(({ id, client }) => ({ id, source: client }))],
    settings: () => settings.current.lineup,
    dataFolder: config.data,
    logger,
  });
  const lineup = lineups.pool;
  const receivers = new PooledReceiver({
    first: receiver,
    receivers: new Map(others.map(({ id, client }) => [id, client])),
    placesOf: (channel) => lineup.placesOf(channel),
  });
  const guide = new GuideSystem({
    source: receivers,
    lineup,
    settings: () => settings.current.guide,
    dataFolder: config.data,
    logger,
    registry,
  });
  const metrics = createStreamMetrics(registry);
  const profiles = new ProfileBook(profileOptions(config));
  const channelStore = new ChannelStore({
    dataFolder: config.data,
    clock: SYSTEM_CLOCK,
    onWarning: (text) => logger.warn(text),
  });
  const { memory, known } = channelStore;
  const decider = new Decider({
    profiles,
    get defaultProfile() {
      return settings.current.streams.profile;
    },
    memory,
  });
  const tuners = new TunerSystem({
    boxes: [
      { id: RECEIVER_ID, receiver, manners: config.receiver },
      ...others.map(({ id, client, keys }) => ({ id, receiver: client, manners: keys })),
    ],
    boxesOf: (service) => {
      const places = lineup.placesOf(service.id);
      return places.length > 0 ? places : [{ box: RECEIVER_ID, ref: service.ref }];
    },
    dataFolder: config.data,
    clock: SYSTEM_CLOCK,
    logger,
    registry,
    metrics: tunerMetrics,
  });
  const recordings = new PooledRecordings({
    boxes: [{ id: RECEIVER_ID, receiver }, ...others.map(({ id, client }) => ({ id, receiver: client }))],
    feed: tuners,
    lineup,
    clock: SYSTEM_CLOCK,
    logger,
  });
  const streams = new StreamManager({
    sources: new RememberedSources({
      ask: (service, signal) => tuners.desk.streamUrl(service, signal),
      direct: (service) => tuners.desk.directUrl(service),
      keyOf: (service) => `${tuners.desk.boxOf(service.id)} ${service.ref}`,
      onForget: (service) => tuners.desk.failed(service.id),
    }),
    tuners: tuners.desk,
    onProgram: (channel, pmt) => memory.see(channel, pmt),
    onFormat: (channel, format) => memory.seeFormat(channel, format),
    known,
    transcoder: {
      open: (request, listener) => transcoder.openStream(request, { ...listener, onInfo: () => undefined }),
      onReady: (listener) => transcoder.onState((state) => state.name === 'ready' && listener()),
      get ready() {
        return transcoder.state.name === 'ready';
      },
    },
    logger,
    metrics,
    get lingerMs() {
      return settings.current.streams.linger * 1000;
    },
    openMs: 5_900,
    ringBytes: DEFAULT_RING_BYTES,
  });
  const pretuner = new Pretuner({
    enabled: () => settings.current.streams.pretune,
    arbiter: tuners.arbiter,
    channels: () => lineup.channels,
    outcomeOf: (channel) => tuners.desk.prospect(channel).outcome,
    isClear: (channel) => known.isClear(channel.ref),
    open: (channel, viewer, signal) => streams.join(sourceService(channel), SOURCE_VARIANT, signal, undefined, viewer),
    metrics,
    clock: SYSTEM_CLOCK,
    logger,
  });
  const cards = new CardSystem({
    enabled: () => settings.current.streams.busyCard,
    transcoder: {
      makeCard: (wish) => transcoder.makeCard(wish),
      get ready() {
        return transcoder.state.name === 'ready';
      },
    },
    desk: tuners.desk,
    arbiter: tuners.arbiter,
    channels: () => lineup.channels,
    known,
    memory,
    metrics,
    logger,
  });
  const token = new ApiToken({ dataFolder: config.data, configured: config.http.apiToken });
  token.prepare((text) => logger.warn(text));
  const access = new ConfiguredAccess(() => settings.current.access);
  const tickets = new TicketOffice(SYSTEM_CLOCK);
  const tvh = new TvhLineup(lineup);
  const reception = new ReceptionWatch(
    new Map<string, CurrentReceiver | ReceiverClient>([
      [RECEIVER_ID, receiver],
      ...others.map(({ id, client }) => [id, client] as const),
    ]),
  );
  const hdhomerun = new HdhomerunSystem({
    settings: config.hdhomerun,
    dataFolder: config.data,
    version: BUILD,
    logger,
    access,
    tunerCount: () => settings.current.hdhomerun.tuners || (tuners.tunerCount ?? ASSUMED_TUNERS),
    lineup,
    lineups: lineups.services,
    reception,
    arbiter: tuners.arbiter,
    streams,
    memory,
    decider,
    join: (channel, viewer, signal) =>
      streams.join(sourceService(channel), profiles.resolve({ profile: 'pass' }), signal, undefined, viewer),
    publicUrl: () => settings.current.http.publicUrl,
    mdnsServices: () =>
      htsp.port === null ? [] : [{ instance: config.hdhomerun.name, type: '_htsp._tcp', port: htsp.port, txt: {} }],
    openPort: async (port) => {
      const further = new HttpServer(app.callback());
      await further.listen({ host: config.http.listen.host, port });
      return { close: () => further.close({ drainMs: 0 }).then(() => undefined) };
    },
  });
  const catchup = new Catchup(recordings);
  const app = createApp(
    {
      catchup,
      access: { policy: access, token, tickets },
      lineup,
      guide: guide.view,
      transcoder: {
        get state() {
          return transcoderState(transcoder);
        },
      },
      get receiver() {
        return settings.current.receiver.host === null ? null : receivers;
      },
      logos: new LogoCache(receivers, {
        files: lineups.logos,
        ownLogo: (logo) => readOwnLogo(logo, lineups.ownLogos),
      }),
      discover: rememberedFor(DISCOVERY_MS, () => discoverReceivers()),
      boxes: () =>
        tuners.arbiter.state.boxes.map(({ id, name, lost }) => {
          const client = others.find((other) => other.id === id)?.client ?? receiver;
          return { name, lost, breaker: client.breaker.name };
        }),
      hdhomerun: hdhomerun.face,
      registry,
      logger,
      get publicUrl() {
        return settings.current.http.publicUrl;
      },
      version: BUILD,
      profiles,
      mount: [
        (router) => mountGuideMapping(router, guide.external),
        (router) => mountStreams(router, { lineup, streams, decider, cards, metrics, logger }),
        (router) => mountRecordings(router, { recordings }),
        (router) => mountCatchup(router, catchup),
        (router) =>
          mountTvheadend(router, {
            tvh,
            lineup,
            guide: guide.store,
            recordings,
            tuners: tuners.arbiter,
            streams: { lineup, streams, decider, cards, metrics, logger },
            profiles,
            tickets,
            authCodes: new AuthCodes(token),
            userOf: (name) => access.user(name),
            get publicUrl() {
              return settings.current.http.publicUrl;
            },
            version: BUILD,
            clock: SYSTEM_CLOCK,
          }),
        (router) =>
          mountHdhomerunStreams(router, {
            ...{ lineup, streams, decider, cards, metrics, logger, profiles },
            hdhomerun: hdhomerun.face,
            publicUrl: config.http.publicUrl,
          }),
        (router) =>
          mountLineup(router, {
            lineup: lineups,
            get publicUrl() {
              return settings.current.http.publicUrl;
            },
          }),
        (router) =>
          mountTuners(router, {
            lineup,
            streams,
            decider,
            memory,
            pretuner,
            arbiter: tuners.arbiter,
            desk: tuners.desk,
          }),
      ],
    },
    {
      errorStatuses: {
        ...STREAM_ERROR_STATUS,
        ...RECORDING_ERROR_STATUS,
        ...TVHEADEND_ERROR_STATUS,
        ...LINEUP_ERROR_STATUS,
        ...CATCHUP_ERROR_STATUS,
      },
    },
  );
  const server = new HttpServer(app.callback());
  const htsp = new HtspSystem({
    lineup,
    guide: guide.store,
    streams,
    profiles,
    access,
    recordings,
    tickets,
    numbers: tvh,
    tuners,
    reception,
    logo: (channel) => receivers.picon(channel.ref, { name: channel.name }),
    httpPort: () => server.port,
    settings,
    registry,
    logger,
  });

  process.once('SIGTERM', (signal) => stop.abort(signal));
  process.once('SIGINT', (signal) => stop.abort(signal));
  stop.signal.addEventListener('abort', () => {
    logger.info({ signal: stop.signal.reason }, 'stopping');
    manager.stopping();
    void htsp.close();
    pretuner.close();
    streams.close();
    recordings.close();
    cards.close();
    channelStore.close();
    tuners.close();
    const left = hdhomerun.close();
    void server.close({ drainMs: DRAIN_MS }).then(async (connections) => {
      await left;
      transcoder.close();
      guide.close();
      logger.info({ connections }, 'stopped');
      process.exit(0);
    });
  });

  transcoder.start();
  lineup.onChange(({ channels }) => {
    manager.status(`${channels.length} channels of ${receiver.address}`);
  });
  let asking = false;
  const ask = (): void => {
    if (settings.current.receiver.host === null) {
      manager.status('no receiver is set');
      logger.warn('no receiver is set: put its address into XG2G_E2_HOST or receiver.host of the configuration');
      return;
    }
    if (asking) lineups.retryNow();
    else {
      asking = true;
      manager.status(`reading the channels of ${receiver.address}`);
      lineups.start({ signal: stop.signal });
      guide.start({ signal: stop.signal });
      tuners.start();
    }
  };
  process.on('SIGHUP', () => {
    const reloaded = reload(settings, logger);
    if (reloaded === null) return;
    setLogLevel(logger, settings.current.logLevel);
    profiles.replace(profileOptions(settings.current));
    const about = (group: string): boolean => reloaded.changed.some((key) => key.startsWith(group));
    if (about('receiver.')) receiver.replace(createClient(settings.current.receiver, RECEIVER_ID));
    if (about('receivers')) {
      for (const [index, { id, client }] of others.entries()) {
        const keys = settings.current.receivers[index];
        if (keys !== undefined) client.replace(createClient(keys, id));
      }
    }
    if (about('receiver') || about('lineup.')) ask();
    if (about('lineup.')) lineup.reshape();
  });
  if (settings.current.receiver.host !== null) await lineups.restore();
  ask();

  const sockets = inheritedSockets(process.env, process.pid);
  const fd = sockets.get('http');
  if (fd !== undefined && asking && lineup.state.kind !== 'ready') {
    // Who connects is waiting in systemd's socket: better a moment longer than to be told that there are no channels.
    await Promise.race([lineups.refresh().catch(() => undefined), delay(FIRST_LINEUP_MS, undefined, { ref: false })]);
  }
  const address = await server.listen(fd === undefined ? config.http.listen : { fd });
  logger.info({ host: address.host, port: address.port, build: BUILD }, 'xg2g listens');
  if (fd !== undefined && config.http.listen.port !== DEFAULT_PORT && config.http.listen.port !== address.port) {
    logger.warn('http.listen is without effect: systemd holds the socket, change it with systemctl edit xg2g.socket');
  }
  void hdhomerun.listen(address);
  await htsp.start(sockets.get('htsp'));
  manager.ready();
}

/** Reads the configuration again. One that cannot be used changes nothing: null. */
function reload(settings: Settings, logger: Logger): Reloaded | null {
  try {
    const next = loadConfig({ env: process.env });
    new ProfileBook(profileOptions(next)); // throws where the profiles do not fit together
    const reloaded = settings.replace(next);
    logger.info(reloaded, 'configuration read again');
    if (reloaded.needRestart.length > 0) {
      logger.warn({ keys: reloaded.needRestart }, 'these settings wait for a restart');
    }
    return reloaded;
  } catch (error) {
    logger.error({ code: errorCode(error) }, `${errorMessage(error)}\nThe settings stay as they were`);
    return null;
  }
}

function profileOptions({ transcoder, profiles, streams }: Config): ProfileBookOptions {
  return {
    bitrate: transcoder.audioBitrate,
    custom: profiles,
    defaultProfile: streams.profile === AUTO_PROFILE ? 'aac' : streams.profile,
  };
}

/** Asks no more than once in `ms`; who comes meanwhile shares the answer. */
function rememberedFor<Value>(ms: number, ask: () => Promise<Value>): () => Promise<Value> {
  let last: { readonly atMs: number; readonly answer: Promise<Value> } | null = null;
  return () => {
    if (last === null || performance.now() - last.atMs > ms) last = { atMs: performance.now(), answer: ask() };
    return last.answer;
  };
}

countBuffersAsHeap();
main(process.argv.slice(2)).catch((error: unknown) => {
  const code = errorCode(error);
  process.stderr.write(`xg2g: ${errorMessage(error)} [${code}]\n`);
  process.exit(code === 'CONFIG_INVALID' || code === 'CONFIG_MISSING' ? EXIT_CONFIG : 1);
});
