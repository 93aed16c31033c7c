import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasPayloadStart, PACKET_SIZE, pidAt, writePacketHeader } from '#shared/mpegts/packet.ts';
import { buildPat } from '#shared/mpegts/pat.ts';
import { buildPmt, type ParsedPmt, parsePmt } from '#shared/mpegts/pmt.ts';
import { packetizeSection, SectionAssembler } from '#shared/mpegts/section.ts';
import { STREAM_PRIVATE_PES } from '#shared/mpegts/stream-type.ts';
import { asPid, asProgramNumber, asSectionVersion, PID_PAT, type Pid } from '#shared/mpegts/types.ts';
import { SERVICES } from '#test/receiver/lineup/services.ts';
import { ensureMedia } from '#test/receiver/media/ensure.ts';
import { LOOP_PCR, LOOP_SECONDS } from '#test/receiver/media/timing.ts';
import { PlayableLoop } from '#test/receiver/playout/playable-loop.ts';

/** Of the simulated receiver's media; `bitrate` pads with data packets of the same programme up to so many bit/s. */
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

const DATA_PID = asPid(0x1f00);

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
  const padded = pad(bytes, times, padding, asPid(service.media.pmtPid));
  const loop = new PlayableLoop({ ...padded, pmtPid: service.media.pmtPid, scrambled: false });
  return {
    loop,
    bitrate: (loop.count * PACKET_SIZE * 8) / LOOP_SECONDS,
    videoPid: asPid(video.pid),
    audioPid: asPid(audio[0].pid),
    audioTracks: audio.length,
  };
}

/** PAT of one programme, PMT with a data stream besides, and `count` of its packets spread evenly over the loop. */
function pad(bytes: Buffer, times: Uint32Array, count: number, pmtPid: Pid): { bytes: Buffer; times: Uint32Array } {
  const pmt = findPmt(bytes, pmtPid);
  const version = asSectionVersion(0);
  const data = { streamType: STREAM_PRIVATE_PES, pid: DATA_PID, descriptors: [] };
  const tables = new Map<number, Buffer>([
    [PID_PAT, packetizeSection(buildPat(1, version, [{ program: asProgramNumber(pmt.program), pmtPid }]), PID_PAT, 0)],
    [pmtPid, packetizeSection(buildPmt({ ...pmt, streams: [...pmt.streams, data] }, version), pmtPid, 0)],
  ]);
  const out: Buffer[] = [];
  const outTimes: number[] = [];
  const counters = new Map<number, number>();
  let added = 0;
  const add = (packet: Buffer, time: number): void => {
    const pid = pidAt(packet, 0);
    const counter = counters.get(pid) ?? 0;
    packet[3] = ((packet[3] ?? 0) & 0xf0) | (counter & 15);
    counters.set(pid, counter + 1);
    out.push(packet);
    outTimes.push(time);
  };
  for (let index = 0; index < times.length; index++) {
    const time = times[index] ?? 0;
    const packet = bytes.subarray(index * PACKET_SIZE, (index + 1) * PACKET_SIZE);
    const table = tables.get(pidAt(packet, 0));
    if (table === undefined) {
      out.push(packet);
      outTimes.push(time);
    } else if (hasPayloadStart(packet, 0)) add(Buffer.from(table), time);
    for (; added < count && (added / count) * LOOP_PCR <= time; added++) add(dataPacket(added), time);
  }
  return { bytes: Buffer.concat(out), times: Uint32Array.from(outTimes) };
}

function dataPacket(index: number): Buffer {
  const packet = Buffer.alloc(PACKET_SIZE, index & 0xff);
  writePacketHeader(packet, 0, DATA_PID, false, 1, 0);
  return packet;
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
