import { createHash } from 'node:crypto';
import { urlName } from '../config/schema.ts';
import type { Channel } from '../lineup/channel.ts';
import { deriveDeviceId } from './device-id.ts';
import type { HdhrIdentity } from './identity.ts';
import { TunerSlots } from './tuner-slots.ts';

/** One tuner as clients see it, of those that this daemon is. */
export interface HdhrDevice {
  /** Empty for the first one, which has the root of the main port. */
  readonly slug: string;
  /** `/hdhr/<slug>`: where it is on the main port; empty for the first one. */
  readonly path: string;
  readonly name: string;
  readonly identity: HdhrIdentity;
  /** As UPnP wants it, made from the id, so that it is as stable. */
  readonly uuid: string;
  /** On which it is at the root, too; null without. */
  readonly port: number | null;
  readonly slots: TunerSlots;
  tunerCount(): number;
  /** Whether the channel is one of its. Radio never is: Plex takes a channel without a picture for a broken one. */
  has(channel: Channel): boolean;
}

/** A further device, as it is configured. */
export interface DeviceSettings {
  readonly name: string;
  readonly bouquets: readonly string[];
  /** 0: as many as the first one. */
  readonly tuners: number;
  readonly port: number | null;
}

export interface DeviceBookOptions {
  readonly name: string;
  readonly identity: HdhrIdentity;
  tunerCount(): number;
  readonly further: readonly DeviceSettings[];
}

/** All devices; the first one has every channel. */
export class DeviceBook {
  readonly all: readonly [HdhrDevice, ...HdhrDevice[]];

  constructor({ name, identity, tunerCount, further }: DeviceBookOptions) {
    const first = device({ slug: '', name, identity, port: null, tunerCount, has: (channel) => !channel.radio });
    this.all = [
      first,
      ...further.map((settings) => {
        const slug = urlName(settings.name);
        const wanted = new Set(settings.bouquets.map((bouquet) => bouquet.toLowerCase()));
        return device({
          slug,
          name: settings.name,
          identity: { deviceId: deriveDeviceId(`${identity.deviceId}/${slug}`) },
          port: settings.port,
          tunerCount: () => settings.tuners || tunerCount(),
          has: (channel) =>
            !channel.radio && (wanted.size === 0 || channel.groups.some((group) => wanted.has(group.toLowerCase()))),
        });
      }),
    ];
  }

  get first(): HdhrDevice {
    return this.all[0];
  }

  bySlug(slug: string): HdhrDevice | null {
    return this.all.find((one) => one.slug !== '' && one.slug === slug) ?? null;
  }

  /** The device that has a port of its own there; else the first one. */
  byPort(port: number | undefined): HdhrDevice {
    return this.all.find((one) => one.port !== null && one.port === port) ?? this.first;
  }
}

function device(fields: Omit<HdhrDevice, 'path' | 'uuid' | 'slots'>): HdhrDevice {
  const path = fields.slug === '' ? '' : `/hdhr/${fields.slug}`;
  return { ...fields, path, uuid: uuidOf(fields.identity.deviceId), slots: new TunerSlots(fields.tunerCount) };
}

/** Spec: RFC 9562, 5.8 UUID Version 8 (what its bits mean is ours: a digest of the device id). */
function uuidOf(deviceId: string): string {
  const digest = createHash('sha256').update(`xg2g hdhomerun ${deviceId}`).digest('hex');
  const variant = ((Number.parseInt(digest.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `${variant}${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-');
}
