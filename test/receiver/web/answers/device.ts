/** The JSON answers of OpenWebif about the box, quirks included; texts are our own. */
import type { Box } from '../../box/box.ts';
import { oldTunerRows, streamRows, tunerRows } from './tuner-rows.ts';

/** Of the box's network card. */
export const MAC = '00:1d:ec:00:00:01';

export const DEVICE = {
  brand: 'Vu+',
  model: 'Duo\u00b2',
  boxtype: 'vuduo2',
  machinebuild: 'vuduo2',
  chipset: '7424',
  webifver: 'OWIF 2.2.2',
  imagedistro: 'openatv',
  friendlyimagedistro: 'openATV',
  imagever: '7.5',
  enigmaver: '2026-10-01',
} as const;
export const DISK = { model: 'ATA ST1000', capacity: '931.5 GB', free: '412.0 GB', mount: '/media/hdd' } as const;

/** @param old an image that tells of streams among the recordings */
export function deviceInfo(box: Box, old: boolean): object {
  return {
    ...DEVICE,
    oever: 'OE-Alliance 5.5',
    kernelver: '4.1.45',
    driverdate: '20260101',
    uptime: '3 days 2:01',
    mem1: '2004312 kB',
    mem2: '1412256 kB frei / 2004312 kB insgesamt',
    fp_version: null,
    transcoding: true,
    streams: streamRows(box, old),
    tuners: old ? oldTunerRows(box) : tunerRows(box),
    tuners_count: box.tuners.count,
    hdd: [DISK],
    ifaces: [{ name: 'eth0', mac: MAC, ip: '127.0.0.1', linkspeed: '1 GBit/s' }],
    shares: [],
  };
}

export function about(box: Box, old: boolean): object {
  return { info: deviceInfo(box, old), service: { result: false, name: '', namespace: '', aspect: 0 } };
}
