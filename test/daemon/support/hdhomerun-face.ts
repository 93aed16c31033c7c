import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChannelMarks } from '#daemon/hdhomerun/channel-marks.ts';
import { deriveDeviceId } from '#daemon/hdhomerun/device-id.ts';
import { DeviceBook, type DeviceSettings } from '#daemon/hdhomerun/devices.ts';
import { type FaceOptions, HdhomerunFace } from '#daemon/hdhomerun/face.ts';
import { LineupScan } from '#daemon/hdhomerun/lineup-scan.ts';
import { TunerReports } from '#daemon/hdhomerun/tuner-reports.ts';

/** The devices' answers over a lineup, without a receiver behind them. */
export function testFace(
  lineup: FaceOptions['lineup'],
  changes: Partial<FaceOptions> & { readonly further?: readonly DeviceSettings[]; readonly tuners?: number } = {},
): HdhomerunFace {
  const { further = [], tuners = 4, ...options } = changes;
  return new HdhomerunFace({
    enabled: true,
    devices: new DeviceBook({
      name: 'xg2g',
      identity: { deviceId: deriveDeviceId('test') },
      tunerCount: () => tuners,
      further,
    }),
    marks: new ChannelMarks({ dataFolder: join(tmpdir(), 'xg2g-test-never-written'), onWarning: () => undefined }),
    scan: new LineupScan([], () => lineup.channels.length),
    reports: new TunerReports({ leaseOf: () => null, packetsOf: () => null, receptionOf: async () => null }),
    lineup,
    codecsOf: () => ({ video: null, audio: null }),
    ...options,
  });
}

/** A folder for what a test keeps. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'xg2g-hdhr-'));
}
