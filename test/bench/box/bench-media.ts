import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  hasPayload,
  hasPayloadStart,
  PACKET_SIZE,
  pidAt,
  setContinuity,
  writePacketHeader,
} from '#shared/mpegts/packet.ts';
import { buildPat } from '#shared/mpegts/pat.ts';
import { buildPmt, type ParsedPmt, parsePmt } from '#shared/mpegts/pmt.ts';
import { packetizeSection, SectionAssembler } from '#shared/mpegts/section.ts';
import { asPid, asProgramNumber, asSectionVersion, PID_PAT, type Pid } from '#shared/mpegts/types.ts';
import { SERVICES } from '#test/receiver/lineup/services.ts';
import { ensureMedia } from '#test/receiver/media/ensure.ts';
import { LOOP_PCR, LOOP_SECONDS } from '#test/receiver/media/timing.ts';
import { PlayableLoop } from '#test/receiver/playout/playable-loop.ts';

/** Of the simulated receiver's media; `bitrate` fills H.264 pictures up to so many bit/s. */
export interface BenchMediaOptions {
  readonly sid: number;
  readonly bitrate: number | null;
}

export interface BenchMedia {
  readonly loop: PlayableLoop;
  readonly bitrate: number;
  readonly videoPid: Pid;
  /** Of the first track. */
  readonly audioPid: Pid;
  readonly audioTracks: number;
}

/** nal_unit_type 12: decoders skip it (ISO/IEC 14496-10, 7.3.2.7). */
const FILLER_NAL = Buffer.from([0x00, 0x00, 0x01, 0x0c]);

/** A loop that a bench plays: one programme, its tables in one packet each. */
export async function benchMedia({ sid, bitrate }: BenchMediaOptions): Promise<BenchMedia> {
  const directory = await ensureMedia();
  const service = SERVICES.find((one) => one.sid === sid);
  const video = service?.media.video;
  const audio = service?.media.audio ?? [];
  if (service === undefined || video === undefined || video === null || audio[0] === undefined) {
    throw new Error(`the demo media have no service ${sid} with picture and sound`);
  }
  const path = join(directory, sid.toString(16));
  const bytes = await readFile(`${path}.ts`);
  const stamps = await readFile(`${path}.times`);
  const times = new Uint32Array(stamps.buffer.slice(stamps.byteOffset, stamps.byteOffset + stamps.length));
  const wanted = bitrate === null ? 0 : Math.round((bitrate * LOOP_SECONDS) / 8 / PACKET_SIZE);
  const padding = Math.max(0, wanted - times.length);
  const padded = pad(bytes, times, padding, asPid(service.media.pmtPid), asPid(video.pid));
  const loop = new PlayableLoop({ ...padded, pmtPid: service.media.pmtPid, scrambled: false });
  return {
    loop,
    bitrate: (loop.count * PACKET_SIZE * 8) / LOOP_SECONDS,
    videoPid: asPid(video.pid),
    audioPid: asPid(audio[0].pid),
    audioTracks: audio.length,
  };
}

/** PAT and PMT of one programme, and `count` packets of filler spread over the pictures, each behind its picture. */
function pad(
  bytes: Buffer,
  times: Uint32Array,
  count: number,
  pmtPid: Pid,
  videoPid: Pid,
): { bytes: Buffer; times: Uint32Array } {
  const pmt = findPmt(bytes, pmtPid);
  const version = asSectionVersion(0);
  const tables = new Map<number, Buffer>([
    [PID_PAT, packetizeSection(buildPat(1, version, [{ program: asProgramNumber(pmt.program), pmtPid }]), PID_PAT, 0)],
    [pmtPid, packetizeSection(buildPmt(pmt, version), pmtPid, 0)],
  ]);
  const out: Buffer[] = [];
  const outTimes: number[] = [];
  const counters = new Map<number, number>();
  const add = (packet: Buffer, time: number): void => {
    const pid = pidAt(packet, 0);
    const counter = counters.get(pid) ?? 0;
    const own = Buffer.from(packet); // copy
    setContinuity(own, 0, hasPayload(own, 0) ? counter : counter + 15);
    if (hasPayload(own, 0)) counters.set(pid, counter + 1);
    out.push(own);
    outTimes.push(time);
  };
  let added = 0;
  for (let index = 0; index < times.length; index++) {
    const time = times[index] ?? 0;
    const packet = bytes.subarray(index * PACKET_SIZE, (index + 1) * PACKET_SIZE);
    const pid = pidAt(packet, 0);
    if (pid === videoPid && hasPayloadStart(packet, 0) && counters.has(pid)) {
      const due = Math.floor(count * (time / LOOP_PCR)) - added;
      for (const filler of fillerPackets(videoPid, due)) add(filler, time);
      added += Math.max(0, due);
    }
    const table = tables.get(pid);
    if (table === undefined) add(packet, time);
    else if (hasPayloadStart(packet, 0)) add(table, time);
  }
  return { bytes: Buffer.concat(out), times: Uint32Array.from(outTimes) };
}

/** A filler NAL unit over so many packets. */
function fillerPackets(pid: Pid, count: number): Buffer[] {
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const packet = Buffer.alloc(PACKET_SIZE, 0xff); // ff_byte
    writePacketHeader(packet, 0, pid, false, 1, 0);
    if (index === 0) FILLER_NAL.copy(packet, 4);
    if (index === count - 1) packet[PACKET_SIZE - 1] = 0x80; // rbsp_trailing_bits
    return packet;
  });
}

function findPmt(bytes: Buffer, pmtPid: Pid): ParsedPmt {
  let found: ParsedPmt | null = null;
  const assembler = new SectionAssembler(
    (section) => {
      found ??= parsePmt(section);
    },
    () => undefined, // there are others
  );
  for (let at = 0; at < bytes.length && found === null; at += PACKET_SIZE) {
    if (pidAt(bytes, at) === pmtPid) assembler.pushPacket(bytes, at);
  }
  if (found === null) throw new Error('the demo media have no PMT');
  return found;
}
