import { hostname } from 'node:os';
import type { Logger } from '#shared/observability/logger.ts';
import type { AccessPolicy } from '../config/access-policy.ts';
import type { Config } from '../config/schema.ts';
import type { Channel } from '../lineup/channel.ts';
import type { ChannelMemory } from '../streams/channel-memory.ts';
import type { Decider } from '../streams/decision.ts';
import type { StreamLease, StreamReport } from '../streams/stream-manager.ts';
import type { ReceptionWatch } from '../tuners/reception-watch.ts';
import type { LeaseViewer, TunerState } from '../tuners/state.ts';
import type { MdnsService } from './announce/mdns-records.ts';
import { ChannelMarks } from './channel-marks.ts';
import { codecNames } from './codecs.ts';
import { ControlTuner } from './control/control-tuner.ts';
import { Variables } from './control/variables.ts';
import { DeviceBook } from './devices.ts';
import type { Opened } from './discovery/kept-open.ts';
import { HdhomerunFace } from './face.ts';
import { loadIdentity } from './identity.ts';
import { LineupScan, type ScanSource } from './lineup-scan.ts';
import { HdhomerunNetwork } from './network.ts';
import { TunerReports } from './tuner-reports.ts';

export interface HdhomerunSystemOptions {
  readonly settings: Config['hdhomerun'];
  readonly dataFolder: string;
  readonly version: string;
  readonly logger: Logger;
  readonly access: Pick<AccessPolicy, 'allowsAnonymous'>;
  /** Asked at every request: the receiver tells its tuners late. */
  tunerCount(): number;
  readonly lineup: { readonly channels: readonly Channel[]; byNumber(number: number): Channel | null };
  /** One for each receiver. */
  readonly lineups: readonly ScanSource[];
  readonly reception: Pick<ReceptionWatch, 'of'>;
  readonly arbiter: { readonly state: TunerState };
  readonly streams: { reports(): StreamReport[] };
  readonly memory: Pick<ChannelMemory, 'get'>;
  readonly decider: Pick<Decider, 'decide'>;
  /** A channel as it is broadcast. @throws as StreamManager.join. */
  join(channel: Channel, viewer: LeaseViewer, signal: AbortSignal): Promise<StreamLease>;
  publicUrl(): string | null;
  openPort(port: number): Promise<Opened>;
  mdnsServices?(): readonly MdnsService[];
}

/** More than that clients do not show. */
const MAX_CONTROL_TUNERS = 32;
const PACKET_SIZE = 188;

/** All of the HDHomeRun face: what HTTP answers from, the control connection's tuners, and what is on the network. */
export class HdhomerunSystem {
  readonly face: HdhomerunFace;
  readonly #options: HdhomerunSystemOptions;
  readonly #tuners = new Map<number, ControlTuner>();
  #network: HdhomerunNetwork | null = null;

  constructor(options: HdhomerunSystemOptions) {
    this.#options = options;
    const { settings, dataFolder, logger, memory, decider, reception } = options;
    const onWarning = (text: string): void => logger.warn(text);
    const identity = loadIdentity({
      dataFolder,
      configured: settings.deviceId,
      fallbackSeed: hostname(),
      onWarning,
    });
    this.face = new HdhomerunFace({
      enabled: settings.enabled,
      devices: new DeviceBook({
        name: settings.name,
        identity,
        tunerCount: options.tunerCount,
        further: settings.devices,
      }),
      marks: new ChannelMarks({ dataFolder, onWarning }),
      scan: new LineupScan(options.lineups, () => options.lineup.channels.length),
      reports: new TunerReports({
        leaseOf: (channel) => leaseOf(options.arbiter.state, channel),
        packetsOf: (channel) => packetsOf(options.streams.reports(), channel),
        receptionOf: (box) => reception.of(box),
      }),
      lineup: options.lineup,
      codecsOf: (channel) => {
        const { variant } = decider.decide({}, null, channel.id);
        return codecNames(memory.get(channel.id), variant.audio !== null);
      },
    });
  }

  /** Goes onto the network. `http`: where HTTP listens, null for all addresses. */
  async listen(http: { readonly host: string | null; readonly port: number }): Promise<void> {
    const { settings, access, logger, version, publicUrl, openPort, mdnsServices } = this.#options;
    if (!settings.enabled) return;
    this.#network = new HdhomerunNetwork({
      face: this.face,
      variables: new Variables({ face: this.face, access, tuner: (index) => this.#tuner(index) }),
      access,
      http: { ...http, host: http.host === '::' || http.host === '0.0.0.0' ? null : http.host },
      publicUrl,
      discovery: settings.discovery,
      ssdp: settings.ssdp,
      mdns: settings.mdns,
      interfaces: settings.interfaces,
      openPort,
      ...(mdnsServices === undefined ? {} : { mdnsServices }),
      version,
      logger,
    });
    await this.#network.start();
  }

  async close(): Promise<void> {
    for (const tuner of this.#tuners.values()) tuner.close();
    await this.#network?.close();
  }

  /** Those of the first device: the control port is the machine's, and there is one. */
  #tuner(index: number): ControlTuner | null {
    const { first } = this.face.devices;
    if (index >= Math.min(first.tunerCount(), MAX_CONTROL_TUNERS)) return null;
    const known = this.#tuners.get(index);
    if (known !== undefined) return known;
    const { join, logger } = this.#options;
    const tuner = new ControlTuner({ index, device: first, face: this.face, join, logger });
    this.#tuners.set(index, tuner);
    return tuner;
  }
}

function leaseOf(state: TunerState, channel: string): { box: string; isTelevision: boolean } | null {
  const lease = state.leases.find(({ service }) => service.id === channel);
  if (lease === undefined) return null;
  const television = state.boxes.find(({ id }) => id === lease.box)?.picture?.television ?? null;
  const isTelevision = television?.hasTuner === true && television.transponder === lease.service.transponder;
  return { box: lease.box, isTelevision };
}

function packetsOf(reports: readonly StreamReport[], channel: string): { faulty: number; all: number } | null {
  const report = reports.find((one) => one.channel === channel && one.variant === 'pass');
  if (report === undefined) return null;
  const faulty = Object.values(report.faults).reduce((sum, count) => sum + count, 0);
  return { faulty, all: Math.round(report.bytes / PACKET_SIZE) };
}
