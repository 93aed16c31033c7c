import { BUILD } from '#shared/build.ts';
import type { Registry } from '#shared/observability/metrics.ts';
import type { Settings } from '../../config/settings.ts';
import type { Channel } from '../../lineup/channel.ts';
import type { ReceptionWatch } from '../../tuners/reception-watch.ts';
import { SignalSource } from '../../tuners/signal-source.ts';
import type { TunerSystem } from '../../tuners/tuner-system.ts';
import { LiveProgrammes } from './live/live-programme.ts';
import type { SourceInfo } from './live/start-message.ts';
import { GuideJournal } from './metadata/guide-journal.ts';
import { createHtspMetrics } from './server/htsp-metrics.ts';
import { HtspServer } from './server/htsp-server.ts';
import type { HtspServices } from './server/services.ts';
import { Tapes } from './timeshift/tapes.ts';

/** Handed in as they are. */
type GivenServices = Pick<
  HtspServices,
  'lineup' | 'guide' | 'streams' | 'profiles' | 'access' | 'recordings' | 'tickets' | 'numbers' | 'logo' | 'logger'
>;

export interface HtspSystemOptions extends GivenServices {
  readonly tuners: Pick<TunerSystem, 'arbiter' | 'desk'>;
  readonly reception: Pick<ReceptionWatch, 'of'>;
  /** Of the web server; null until it listens. */
  readonly httpPort: () => number | null;
  readonly settings: Pick<Settings, 'current'>;
  readonly registry: Registry;
}

/** The HTSP side as one: made of the daemon's parts, started, closed. */
export class HtspSystem {
  readonly #options: HtspSystemOptions;
  readonly #server: HtspServer;
  readonly #journal: GuideJournal;

  /** @throws XgError `PROFILE_UNKNOWN` for `htsp.profile`. */
  constructor(options: HtspSystemOptions) {
    const { guide, lineup, registry, settings, tuners } = options;
    options.profiles.resolve({ profile: settings.current.htsp.profile }); // better now than at the first viewer
    this.#options = options;
    this.#journal = new GuideJournal(guide, () => lineup.channels);
    const signals = new SignalSource({ ...tuners, reception: options.reception });
    const services: HtspServices = {
      ...pickServices(options),
      settings: {
        get profile() {
          return settings.current.htsp.profile;
        },
        get timeshiftMinutes() {
          return settings.current.htsp.timeshiftMinutes;
        },
      },
      reseat: (channelId, viewer) => void tuners.desk.sit(channelId, viewer),
      sourceInfo: (channel) => this.#sourceInfo(channel),
      signal: (channel) => signals.of(channel),
      webUrl: (localAddress) => settings.current.http.publicUrl ?? webUrl(localAddress, options.httpPort()),
      journal: this.#journal,
      programmes: new LiveProgrammes(),
      tapes: new Tapes({
        dataFolder: settings.current.data,
        settings: {
          get timeshiftMinutes() {
            return settings.current.htsp.timeshiftMinutes;
          },
          get timeshiftMegabytes() {
            return settings.current.htsp.timeshiftSize;
          },
        },
        logger: options.logger,
      }),
      dataFolder: settings.current.data,
      version: BUILD,
      metrics: createHtspMetrics(registry),
    };
    this.#server = new HtspServer({ services });
  }

  /** Listens, on the socket that was handed over if there is one. Never fails: a port that is taken is tried again. */
  async start(fd: number | undefined): Promise<void> {
    const { enabled, listen } = this.#options.settings.current.htsp;
    if (enabled) await this.#server.listen(fd === undefined ? listen : { fd });
  }

  /** Null until it listens. */
  get port(): number | null {
    return this.#server.address?.port ?? null;
  }

  async close(): Promise<void> {
    this.#journal.close();
    await this.#server.close();
  }

  #sourceInfo(channel: Channel): SourceInfo {
    const { arbiter, desk } = this.#options.tuners;
    const box = desk.boxOf(channel.id);
    return {
      adapter: arbiter.state.boxes.find((one) => one.id === box)?.name ?? null,
      mux: channel.transponder,
      network: null,
      provider: channel.provider,
      service: channel.name,
      satellitePosition: null,
    };
  }
}

function pickServices(options: HtspSystemOptions): GivenServices {
  const { lineup, guide, streams, profiles, access, recordings, tickets, numbers, logo, logger } = options;
  return { lineup, guide, streams, profiles, access, recordings, tickets, numbers, logo, logger };
}

function webUrl(localAddress: string, port: number | null): string {
  const host = localAddress.includes(':') ? `[${localAddress}]` : localAddress;
  return `http://${host}:${port ?? 8080}`;
}
