/** The JSON answers of OpenWebif, quirks included. Shapes: see the facts on OpenWebif; texts are our own. */
import { type DemoEvent, eventsOf, nowAndNext } from '../epg/schedule.ts';
import { BOUQUETS, type BouquetRow, rowsOf, servicesIn } from '../lineup/bouquets.ts';
import { canonicalRef, piconName } from '../lineup/service-ref.ts';
import { type DemoService, isRadio, SERVICES, serviceByRef } from '../lineup/services.ts';
import type { BoxState } from './box-state.ts';

export function about(state: BoxState): object {
  const users = [...state.tuners.users.keys()];
  return {
    info: {
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
      oever: 'OE-Alliance 5.5',
      kernelver: '4.1.45',
      driverdate: '20260101',
      uptime: '3 days 2:01',
      mem1: '2004312 kB',
      mem2: '1412256 kB frei / 2004312 kB insgesamt',
      fp_version: null,
      transcoding: true,
      streams: null,
      tuners: Array.from({ length: state.tuners.count }, (_, index) => ({
        name: `Tuner ${String.fromCharCode(65 + index)}`,
        type: 'Vuplus DVB-S NIM(7376 FBC) (DVB-S2)',
        rec: '',
        live: '',
        stream: users[index] === undefined ? '' : `19.2\u00b0 E / ${nameOnTransponder(users[index])}`,
      })),
      tuners_count: state.tuners.count,
      hdd: [{ model: 'ATA ST1000', capacity: '931.5 GB', free: '412.0 GB', mount: '/media/hdd' }],
      ifaces: [{ name: 'eth0', mac: '00:1d:ec:00:00:01', ip: '127.0.0.1', linkspeed: '1 GBit/s' }],
    },
    service: { result: false, name: '', namespace: '', aspect: 0 },
  };
}

function nameOnTransponder(key: string): string {
  return SERVICES.find((service) => service.transponder.key === key)?.name ?? key;
}

/** Booleans are words. */
const word = (value: boolean): string => (value ? 'true' : 'false');

export function statusInfo(state: BoxState): object {
  if (state.standby) {
    return {
      inStandby: 'true',
      isRecording: 'false',
      isStreaming: word(state.streaming.length > 0),
      muted: false,
      volume: 100,
      currservice_name: 'N/A',
    };
  }
  const { now } = nowAndNext(state.current);
  return {
    inStandby: 'false',
    isRecording: 'false',
    Recording_list: '',
    isStreaming: word(state.streaming.length > 0),
    Streaming_list: state.streaming.map((service) => `127.0.0.1: ${service.name}`).join('\n'),
    muted: false,
    volume: 60,
    transcoding: true,
    currservice_filename: '',
    currservice_id: now?.id ?? -1,
    currservice_name: now?.title ?? '',
    currservice_station: state.current.name,
    currservice_serviceref: state.current.ref,
    currservice_begin_timestamp: now?.begin ?? 0,
    currservice_end_timestamp: now === null ? 0 : now.begin + now.durationSeconds,
    currservice_description: now?.short ?? '',
  };
}

export function bouquets(list: 'tv' | 'radio'): object {
  return {
    bouquets: BOUQUETS.filter((bouquet) => bouquet.list === list).map((bouquet) => [bouquet.ref, bouquet.name]),
  };
}

function serviceRow(row: BouquetRow, pos: number): object {
  switch (row.kind) {
    case 'service':
      return {
        servicereference: row.service.ref,
        servicename: row.service.name,
        program: row.service.sid,
        pos,
        startpos: 0,
        provider: row.service.provider,
        picon: `/picon/${piconName(row.service.ref)}.png`,
      };
    case 'marker':
      return { servicereference: row.ref, servicename: row.name, program: 0, pos: 0, startpos: 0 };
    case 'sub-bouquet':
      return { servicereference: row.bouquet.ref, servicename: row.bouquet.name, program: 0, pos: 0, startpos: 0 };
    case 'alternatives':
      return { servicereference: row.group.ref, servicename: row.group.name, program: 0, pos, startpos: 0 };
    case 'iptv':
      return { servicereference: row.ref, servicename: row.name, program: 0, pos, startpos: 0 };
  }
}

/** Null when the reference is no list. */
export function getServices(sRef: string): object | null {
  const rows = rowsOf(sRef === '' ? 'FROM BOUQUET "bouquets.tv"' : sRef);
  if (rows === null) return null;
  let pos = 0;
  const services = rows.map((row) => serviceRow(row, row.kind === 'marker' || row.kind === 'sub-bouquet' ? 0 : ++pos));
  return { result: true, processingtime: 0.01, pos, services };
}

export function getAllServices(list: 'tv' | 'radio'): object {
  const services = BOUQUETS.filter((bouquet) => bouquet.list === list).map((bouquet) => ({
    servicereference: bouquet.ref,
    servicename: bouquet.name,
    subservices: bouquet.rows.map((row, index) => serviceRow(row, index + 1)),
  }));
  return { result: true, services };
}

function eventRow(event: DemoEvent): object {
  const now = Math.floor(Date.now() / 1000);
  return {
    id: event.id,
    begin_timestamp: event.begin,
    duration_sec: event.durationSeconds,
    duration: Math.round(event.durationSeconds / 60),
    title: event.title,
    shortdesc: event.short,
    longdesc: event.long,
    sref: event.service.ref,
    sname: event.service.name,
    now_timestamp: now,
    remaining: Math.max(0, event.begin + event.durationSeconds - now),
    genre: event.genreId === 0 ? '' : 'Genre',
    genreid: event.genreId,
    picon: `/picon/${piconName(event.service.ref)}.png`,
  };
}

export function epgService(sRef: string): object {
  const service = serviceByRef(canonicalRef(sRef));
  return { result: service !== null, events: service === null ? [] : eventsOf(service).map(eventRow) };
}

const servicesOfBouquet = (bRef: string): DemoService[] => servicesIn(rowsOf(bRef) ?? []);

export function epgBouquet(bRef: string): object {
  return {
    result: true,
    events: servicesOfBouquet(bRef)
      .flatMap((service) => eventsOf(service))
      .map(eventRow),
  };
}

/** `which`: now, next or both. A service without EPG has an event of nulls, as on the box. */
export function epgNowNext(bRef: string, which: readonly ('now' | 'next')[]): object {
  const events = servicesOfBouquet(bRef).flatMap((service) => {
    const found = nowAndNext(service);
    return which.map((one) => {
      const event = found[one];
      if (event !== null) return eventRow(event);
      return {
        id: null,
        begin_timestamp: null,
        duration_sec: null,
        title: null,
        shortdesc: null,
        longdesc: null,
        sref: service.ref,
        sname: service.name,
        now_timestamp: 0,
        genreid: 0,
      };
    });
  });
  return { result: true, events };
}

export function signal(state: BoxState): object {
  return {
    result: true,
    tunertype: 'DVB-S',
    tunernumber: 0,
    snr: 92,
    snr_db: '14.20',
    agc: 71,
    ber: 0,
    lock: true,
    inStandby: word(state.standby),
  };
}

export function getCurrent(state: BoxState): object {
  const { now, next } = nowAndNext(state.current);
  return {
    info: {
      ref: state.current.ref,
      name: state.current.name,
      provider: state.current.provider,
      vpid: 'N/A',
      video_width: 720,
      video_height: 576,
      namespace: '00C00000',
      isradio: isRadio(state.current),
    },
    now: now === null ? {} : eventRow(now),
    next: next === null ? {} : eventRow(next),
  };
}

export function servicePlayable(sRef: string, state: BoxState): object {
  const service = serviceByRef(canonicalRef(sRef));
  const isplayable = service !== null && service.reception !== 'never' && state.tuners.canTune(service.transponder.key);
  return { result: true, service: { servicereference: sRef, isplayable } };
}

export const EMPTY_ANSWERS: Readonly<Record<string, object>> = {
  timerlist: { version: 2, result: true, timers: [], locations: ['/media/hdd/movie/'] },
  movielist: { movies: [], locations: ['/media/hdd/movie/'], bookmarks: [], directory: '/media/hdd/movie/' },
  getlocations: { result: true, locations: ['/media/hdd/movie/'] },
  settings: {
    result: true,
    settings: [
      ['config.streaming.authentication', 'False'],
      ['config.misc.softcam_streamrelay_port', '17999'],
    ],
  },
};
