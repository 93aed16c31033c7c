/** Puts a service's tracks together to one loop of transport stream, as the box would send it. */
import { packetizeSection } from '#shared/mpegts/section.ts';
import { asPid, PID_PAT, PID_TDT } from '#shared/mpegts/types.ts';
import type { AudioId, AudioTrack, DemoService, VideoId } from '../lineup/services.ts';
import { dvbSubtitlePes } from './dvb-subtitles.ts';
import { patOf, pmtOf } from './psi.ts';
import { teletextPes } from './teletext.ts';
import { type AccessUnit, LOOP_PCR } from './timing.ts';
import { type Pes, packetizeTrack, type TimedPacket } from './track-packets.ts';

export interface ElementaryStreams {
  video(id: VideoId): readonly AccessUnit[];
  audio(id: AudioId): readonly AccessUnit[];
}

export interface MuxedLoop {
  readonly bytes: Buffer;
  /** Of each packet, in ticks of 27 MHz since the loop's start. */
  readonly times: Uint32Array;
}

/** Both are a multiple of 16 a loop: the counters of their PIDs close the circle. */
const TABLES_EACH_LOOP = 240;
const TDT_EACH_LOOP = 16;

/** What lies at least between arrival and PTS, in ticks of 90 kHz. */
const VIDEO_LEAD = 45_000;
const AUDIO_LEAD = 31_500;
const DATA_LEAD = 45_000;

const AUDIO_BYTES_ACROSS = 2_040;
const AUDIO_FRAMES_PER_PES: Readonly<Record<AudioId, number>> = {
  'mp2-1000': 3,
  'mp2-1500': 3,
  'ac3-51-1000': 1,
  'ac3-20-1000': 2,
  'eac3-20-1000': 1,
  'latm-1000': 2,
};

export function muxService(service: DemoService, streams: ElementaryStreams): MuxedLoop {
  const { media } = service;
  const randomAccessIndicator = media.randomAccessIndicator === true;
  const packets: TimedPacket[] = [...tables(service)];
  const add = (pid: number, pes: readonly Pes[], leadPts: number, withPcr: boolean): void => {
    for (const packet of packetizeTrack({ pid, pes, leadPts, withPcr, randomAccessIndicator })) packets.push(packet);
  };
  if (media.video !== null) add(media.video.pid, videoPes(streams.video(media.video.id)), VIDEO_LEAD, true);
  media.audio.forEach((track, index) => {
    const pes = audioPes(track, streams.audio(track.id), media.audioAcrossPes === true);
    add(track.pid, pes, AUDIO_LEAD, media.video === null && index === 0);
  });
  if (media.teletextPid !== undefined) add(media.teletextPid, teletextPes(), DATA_LEAD, false);
  if (media.subtitlePid !== undefined) add(media.subtitlePid, dvbSubtitlePes(), DATA_LEAD, false);
  packets.sort((a, b) => a.time - b.time);
  return {
    bytes: Buffer.concat(packets.map((packet) => packet.bytes)),
    times: Uint32Array.from(packets, (packet) => packet.time),
  };
}

function tables(service: DemoService): TimedPacket[] {
  const each = (count: number, offset: number, section: Buffer, pid: number): TimedPacket[] =>
    Array.from({ length: count }, (_, index) => ({
      time: (index * LOOP_PCR) / count + offset,
      bytes: packetizeSection(section, asPid(pid), index),
    }));
  return [
    ...each(TABLES_EACH_LOOP, 0, patOf(service), PID_PAT),
    ...each(TABLES_EACH_LOOP, 9_000, pmtOf(service), service.media.pmtPid),
    ...each(TDT_EACH_LOOP, 18_000, tdt(), PID_TDT),
  ];
}

/** Spec: ETSI EN 300 468, 5.2.5 Time and date table. The time is written when the packet is sent. */
function tdt(): Buffer {
  return Buffer.from([0x70, 0x70, 0x05, 0, 0, 0, 0, 0]); // table_id, flags and section_length 5, UTC_time
}

function videoPes(units: readonly AccessUnit[]): Pes[] {
  return units.map((unit) => ({
    data: unit.bytes,
    streamId: 0xe0,
    pts: unit.pts,
    dts: unit.dts,
    key: unit.key,
    aligned: true,
    unbounded: true,
  }));
}

function audioPes(track: AudioTrack, units: readonly AccessUnit[], across: boolean): Pes[] {
  const streamId = track.id.includes('ac3') ? 0xbd : 0xc0;
  if (across && track.id.startsWith('mp2')) return acrossPes(streamId, units);
  const perPes = AUDIO_FRAMES_PER_PES[track.id];
  const pes: Pes[] = [];
  for (let at = 0; at < units.length; at += perPes) {
    const group = units.slice(at, at + perPes);
    pes.push(audioPesOf(streamId, Buffer.concat(group.map((unit) => unit.bytes)), (group[0] as AccessUnit).pts, true));
  }
  return pes;
}

/** PES of equal size, whatever frames they cut. The PTS is that of the first frame which begins in the PES. */
function acrossPes(streamId: number, units: readonly AccessUnit[]): Pes[] {
  const all = Buffer.concat(units.map((unit) => unit.bytes));
  const pes: Pes[] = [];
  let unit = 0;
  let unitStart = 0;
  for (let at = 0; at < all.length; at += AUDIO_BYTES_ACROSS) {
    while (unitStart < at) unitStart += (units[unit++] as AccessUnit).bytes.length;
    const first = units[unit];
    if (first === undefined) throw new Error('the last PES of the loop holds no beginning of an audio frame');
    pes.push(audioPesOf(streamId, all.subarray(at, at + AUDIO_BYTES_ACROSS), first.pts, unitStart === at));
  }
  return pes;
}

function audioPesOf(streamId: number, data: Buffer, pts: number, aligned: boolean): Pes {
  return { data, streamId, pts, dts: pts, key: true, aligned, unbounded: false };
}
