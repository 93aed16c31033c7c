/** The JSON answers of OpenWebif about what the box does now. */
import type { Box } from '../../box/box.ts';
import { nowAndNext } from '../../epg/schedule.ts';
import { isRadio } from '../../lineup/services.ts';
import { eventRow } from './guide.ts';
import { word } from './words.ts';

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
