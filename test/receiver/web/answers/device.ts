/** The JSON answers of OpenWebif about the box, quirks included; texts are our own. */
import type { Box } from '../../box/box.ts';
import type { TunerUse, UseKind } from '../../box/tuners.ts';
import { nowAndNext } from '../../epg/schedule.ts';
import { NAMESPACE_19E2 } from '../../lineup/service-ref.ts';
import { type DemoService, isRadio } from '../../lineup/services.ts';
import { eventRow } from './guide.ts';
import { word } from './words.ts';

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
const TUNER_TYPE = 'Vuplus DVB-S NIM(7376 FBC) (DVB-S2)';

const orbit = (service: DemoService): string =>
  service.transponder.namespace === NAMESPACE_19E2 ? '19.2\u00b0 E' : '13.0\u00b0 E';

/** "orbital position / services" of the uses of a kind; '' without one. */
function used(uses: readonly TunerUse[], kind: UseKind): string {
  const names = uses.filter((one) => one.kind === kind).map((one) => one.service.name);
  const [first] = uses;
  return names.length === 0 || first === undefined ? '' : `${orbit(first.service)} / ${names.join(', ')}`;
}

function tunerRows(box: Box): object[] {
  return box.tuners.uses.map((uses, index) => ({
    ...tunerName(index),
    rec: used(uses, 'rec'),
    live: used(uses, 'live'),
    stream: used(uses, 'stream'),
  }));
}

/**
 * OpenWebif 1.x knows no streams of tuners: their use is told as a recording, with the reader's service when there is
 * but one in all, and with no name otherwise.
 */
function oldTunerRows(box: Box): object[] {
  const [only, ...others] = box.streams;
  const name = only === undefined || others.length > 0 ? '' : `${only.service.name} (${only.ip})`;
  return box.tuners.uses.map((uses, index) => {
    const [first] = uses;
    const streams = first !== undefined && uses.some((use) => use.kind === 'stream');
    const rec = used(uses, 'rec') || (streams ? `${orbit(first.service)} / ${name}` : '');
    return { ...tunerName(index), rec, live: used(uses, 'live') };
  });
}

const tunerName = (index: number): { readonly name: string; readonly type: string } => ({
  name: `Tuner ${String.fromCharCode(65 + index)}`,
  type: TUNER_TYPE,
});

/** A reader of the stream server, as the box tells of it. Null when there is none, as some images have it. */
function streamRows(box: Box, old: boolean): object[] | null {
  if (box.streams.size === 0) return null;
  return [...box.streams].map(({ service, ip }) => ({
    ref: service.ref,
    name: service.name,
    eventname: nowAndNext(service).now?.title ?? '',
    ip,
    type: 'S',
    ...(old
      ? {}
      : {
          tuner_number: box.tuners.uses.findIndex((uses) => uses.some((use) => use.service === service)),
          transponder: service.transponder.name,
        }),
  }));
}

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

export function statusInfo(box: Box): object {
  const running = box.recording.filter((timer) => timer.state === 2);
  const common = {
    isRecording: word(running.length > 0), // a timer that has taken its tuner and waits is none yet
    ...(box.recording.length === 0
      ? {}
      : { Recording_list: `\n${running.map((timer) => `${timer.service.name}: ${timer.name}\n`).join('')}` }),
    isStreaming: word(box.streams.size > 0),
    Streaming_list: [...box.streams]
      .map(({ service, ip }) => `${ip}: ${service.name} - ${nowAndNext(service).now?.title ?? ''}`)
      .join('\n'),
    muted: false,
    transcoding: true,
  };
  if (box.standby) {
    return {
      ...common,
      inStandby: 'true',
      volume: 100,
      currservice_filename: '',
      currservice_id: -1,
      currservice_name: 'N/A',
      currservice_begin: '',
      currservice_end: '',
      currservice_description: '',
      currservice_fulldescription: 'N/A',
    };
  }
  const { now } = nowAndNext(box.current);
  return {
    ...common,
    inStandby: 'false',
    volume: 60,
    currservice_filename: '',
    currservice_id: now?.id ?? -1,
    currservice_name: now?.title ?? '',
    currservice_station: box.current.name,
    currservice_serviceref: box.current.ref,
    currservice_begin_timestamp: now?.begin ?? 0,
    currservice_end_timestamp: now === null ? 0 : now.begin + now.durationSeconds,
    currservice_description: now?.short ?? '',
    currservice_fulldescription: now?.long ?? '',
  };
}

/** What the frontend of the television's service measures. All empty where there is none. */
export interface Reception {
  readonly snr: number | '';
  readonly snr_db: string;
  readonly agc: number | '';
  readonly ber: number | '';
}

export function reception(box: Box): Reception {
  if (box.standby) return { snr: '', snr_db: '', agc: '', ber: '' };
  return { snr: 92, snr_db: '14.20', agc: 71, ber: 0 };
}

export function signal(box: Box): object {
  const inStandby = word(box.standby);
  if (box.standby) return { tunertype: '', tunernumber: '', ...reception(box), inStandby };
  const tuner = box.tuners.uses.findIndex((uses) => uses.some((use) => use.kind === 'live'));
  return {
    result: true,
    tunertype: 'DVB-S',
    tunernumber: Math.max(0, tuner),
    ...reception(box),
    lock: true,
    inStandby,
  };
}

export function getCurrent(box: Box): object {
  const { now, next } = nowAndNext(box.current);
  const { namespace } = box.current.transponder;
  return {
    info: {
      result: !box.standby,
      ref: box.standby ? '' : box.current.ref,
      name: box.standby ? '' : box.current.name,
      provider: box.current.provider,
      vpid: 'N/A',
      video_width: 720,
      video_height: 576,
      namespace: namespace.toString(16).toUpperCase().padStart(8, '0'),
      isradio: isRadio(box.current),
    },
    now: now === null ? {} : eventRow(now),
    next: next === null ? {} : eventRow(next),
  };
}

/** One service with itself: there are no others under it. */
export function subservices(box: Box): object {
  if (box.standby) return { result: true, services: [{ servicereference: 'N/A', servicename: 'N/A' }] };
  return { result: true, services: [{ servicereference: box.current.ref, servicename: box.current.name }] };
}

const SETTINGS: readonly (readonly [string, string])[] = [
  ['config.streaming.authentication', 'False'],
  ['config.streaming.stream_eit', 'False'],
  ['config.streaming.stream_sdtbat', 'False'],
  ['config.OpenWebif.auth', 'False'],
  ['config.OpenWebif.port', '80'],
  ['config.usage.e1like_radio_mode', 'True'],
  ['config.recording.margin_before', '5'],
  ['config.recording.margin_after', '10'],
  ['config.recording.asktozap', 'True'],
];

/** @param login whether the stream server asks for one */
export function settingRows(relayPort: number, login: boolean): (readonly [string, string])[] {
  const rows = SETTINGS.map(([name, value]): readonly [string, string] =>
    name === 'config.streaming.authentication' && login ? [name, 'True'] : [name, value],
  );
  return [...rows, ['config.misc.softcam_streamrelay_port', String(relayPort)]];
}
