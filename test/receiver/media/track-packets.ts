/** Cuts the PES packets of one PID into transport packets and gives each its time on the loop. */
import { writePcr } from '#shared/mpegts/adaptation-field.ts';
import { PACKET_SIZE, writePacketHeader } from '#shared/mpegts/packet.ts';
import { asPid, wrapPcr } from '#shared/mpegts/types.ts';
import { buildPes } from './pes-packet.ts';
import { LOOP_PCR, LOOP_PTS } from './timing.ts';

export interface Pes {
  readonly data: Buffer;
  readonly streamId: number;
  readonly pts: number;
  readonly dts: number;
  readonly key: boolean;
  readonly aligned: boolean;
  readonly unbounded: boolean;
  readonly headerDataLength?: number;
}

export interface TrackOptions {
  readonly pid: number;
  readonly pes: readonly Pes[];
  readonly withPcr: boolean;
  readonly randomAccessIndicator: boolean;
  /** What lies at least between a PES's last packet and its DTS, in ticks of 90 kHz. */
  readonly leadPts: number;
}

export interface TimedPacket {
  /** 0 … LOOP_PCR, in ticks of 27 MHz. */
  readonly time: number;
  readonly bytes: Buffer;
}

const MAX_PCR_GAP = 36 * 27_000;

interface Chunk {
  readonly pes: number;
  readonly from: number;
  readonly length: number;
  readonly pcr: boolean;
}

/** The packets follow each other at an even pace round the loop, as late as every PES allows. */
export function packetizeTrack(options: TrackOptions): TimedPacket[] {
  // The length of a PES does not depend on its stamps, except for a DTS beside the PTS.
  const lengths = options.pes.map((pes) => build(pes, 0).length);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const pcrEvery = options.withPcr
    ? Math.max(1, Math.floor(MAX_PCR_GAP / (LOOP_PCR / (total / 176 + options.pes.length))))
    : Number.POSITIVE_INFINITY;
  const chunks = chunksOf(lengths, pcrEvery, options);
  const step = LOOP_PCR / chunks.length;
  const offset = latestStart(chunks, options, step);
  let counter = 0;
  const built = new Map<number, Buffer>();
  return chunks
    .map((chunk, index): TimedPacket => {
      const at = Math.round(offset + index * step);
      const turns = Math.floor(at / LOOP_PCR);
      const time = at - turns * LOOP_PCR;
      const pes = options.pes[chunk.pes] as Pes;
      // A PES that begins before the loop's start is sent at its end, and its stamps are those of the next turn.
      if (chunk.from === 0) built.set(chunk.pes, build(pes, -turns * LOOP_PTS));
      const data = (built.get(chunk.pes) as Buffer).subarray(chunk.from, chunk.from + chunk.length);
      const key = options.randomAccessIndicator && pes.key && chunk.from === 0;
      return { time, bytes: packet(options.pid, data, chunk.from === 0, counter++, chunk.pcr ? time : null, key) };
    })
    .sort((a, b) => a.time - b.time)
    .map((timed, index) => {
      timed.bytes[3] = ((timed.bytes[3] as number) & 0xf0) | (index & 0x0f); // counters from the loop's first packet on
      return timed;
    });
}

function build(pes: Pes, shift: number): Buffer {
  return buildPes({ ...pes, pts: pes.pts + shift, dts: pes.dts + shift }, pes.data);
}

function chunksOf(lengths: readonly number[], pcrEvery: number, options: TrackOptions): Chunk[] {
  const chunks: Chunk[] = [];
  for (const [index, length] of lengths.entries()) {
    const key = options.randomAccessIndicator && (options.pes[index] as Pes).key;
    for (let from = 0; from < length; ) {
      const pcr = options.withPcr && chunks.length % pcrEvery === 0;
      const room = 184 - (pcr ? 8 : from === 0 && key ? 2 : 0);
      const take = Math.min(room, length - from);
      chunks.push({ pes: index, from, length: take, pcr });
      from += take;
    }
  }
  return chunks;
}

function latestStart(chunks: readonly Chunk[], options: TrackOptions, step: number): number {
  let latest = Number.POSITIVE_INFINITY;
  chunks.forEach((chunk, index) => {
    const dts = (options.pes[chunk.pes] as Pes).dts;
    latest = Math.min(latest, (dts - options.leadPts) * 300 - (index + 1) * step);
  });
  return latest;
}

function packet(
  pid: number,
  data: Buffer,
  start: boolean,
  counter: number,
  pcr: number | null,
  randomAccess: boolean,
): Buffer {
  const bytes = Buffer.alloc(PACKET_SIZE, 0xff);
  const fieldLength = 184 - data.length; // adaptation field with its length byte
  writePacketHeader(bytes, 0, asPid(pid), start, fieldLength === 0 ? 1 : 3, counter);
  if (fieldLength > 0) bytes[4] = fieldLength - 1; // adaptation_field_length
  if (fieldLength > 1) bytes[5] = (randomAccess ? 0x40 : 0) | (pcr === null ? 0 : 0x10); // flags
  if (pcr !== null) writePcr(bytes, 0, wrapPcr(pcr));
  data.copy(bytes, 4 + fieldLength);
  return bytes;
}
