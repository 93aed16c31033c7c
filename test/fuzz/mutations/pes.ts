/** Mutations of PES headers and of what lies behind them. */
import { hasPayload, hasPayloadStart, payloadOffset, pidAt } from '#shared/mpegts/packet.ts';
import { timestampAt, writeTimestamp } from '#shared/mpegts/timestamp.ts';
import { wrapPts } from '#shared/mpegts/types.ts';
import type { Random } from '../random.ts';
import type { Mutation } from './bytes.ts';

interface PesStart {
  readonly packet: number;
  /** Offset of packet_start_code_prefix. */
  readonly header: number;
  readonly streamId: number;
}

function pesStarts(bytes: Buffer): PesStart[] {
  const starts: PesStart[] = [];
  for (let packet = 0; packet < bytes.length; packet += 188) {
    const header = hasPayloadStart(bytes, packet) ? payloadOffset(bytes, packet) : null;
    if (header === null || header + 19 > packet + 188 || bytes.readUIntBE(header, 3) !== 1) continue;
    starts.push({ packet, header, streamId: bytes[header + 3] ?? 0 });
  }
  return starts;
}

function isAudio(start: PesStart): boolean {
  return (
    (start.streamId & 0xe0) === 0xc0 || start.streamId === 0xbd || start.streamId === 0xfa || start.streamId === 0xfd
  );
}

export const editPesHeaders: Mutation = (bytes, random) => {
  const all = pesStarts(bytes);
  const starts = random.chance(0.8) ? all.filter(isAudio) : all;
  for (let left = random.size(30); left > 0 && starts.length > 0; left--) {
    const start = random.pick(starts);
    if (start !== undefined) editHeader(bytes, start.header, random);
  }
  return bytes;
};

function editHeader(bytes: Buffer, header: number, random: Random): void {
  switch (random.below(6)) {
    case 0:
      bytes[header + random.below(3)] = random.below(256); // packet_start_code_prefix
      break;
    case 1:
      bytes[header + 3] = random.pick([0xbc, 0xbd, 0xbe, 0xbf, 0xc0, 0xe0, 0xfd, 0xff, random.below(256)]); // stream_id
      break;
    case 2:
      bytes.writeUInt16BE(random.pick([0, 1, 2, 3, 0xffff, random.below(0x1_0000)]), header + 4); // PES_packet_length
      break;
    case 3:
      bytes[header + 6] = random.below(256); // '10', scrambling, priority, alignment
      break;
    case 4:
      bytes[header + 7] = random.below(256); // PTS_DTS_flags and others
      break;
    default:
      bytes[header + 8] = random.pick([0, 4, 5, 9, 10, 175, 255, random.below(256)]); // PES_header_data_length
  }
}

/** The stamps of one kind of stream move, from some PES on or in single ones: gaps, overlaps, jumps, wraps. */
export const moveStamps: Mutation = (bytes, random) => {
  const starts = pesStarts(bytes);
  const pid = pidAt(bytes, (random.pick(random.chance(0.8) ? starts.filter(isAudio) : starts) ?? { packet: 0 }).packet);
  const share = random.pick([0.01, 0.1, 1]);
  const shift = random.pick([1, -1]) * random.below(random.pick([500, 5_000, 200_000, 10_000_000, 2 ** 33]));
  const from = random.below(bytes.length);
  for (const { packet, header } of starts) {
    if (packet < from || pidAt(bytes, packet) !== pid || !random.chance(share)) continue;
    const flags = (bytes[header + 7] ?? 0) >> 6;
    const pts = flags >= 2 ? timestampAt(bytes, header + 9) : null;
    if (pts !== null) writeTimestamp(bytes, header + 9, flags === 3 ? 3 : 2, wrapPts(pts + shift));
  }
  return bytes;
};

/** Flips bits where sound is: this is what reaches the decoders. */
export const spoilAudio: Mutation = (bytes, random) => {
  const pids = [
    ...new Set(
      pesStarts(bytes)
        .filter(isAudio)
        .map(({ packet }) => pidAt(bytes, packet)),
    ),
  ];
  const pid = random.pick(pids);
  const share = random.pick([0.003, 0.05, 0.5]);
  const flips = random.pick([1, 3, 40]);
  for (let at = 0; at < bytes.length; at += 188) {
    if (pidAt(bytes, at) !== pid || !hasPayload(bytes, at) || !random.chance(share)) continue;
    const from = payloadOffset(bytes, at) ?? at + 188;
    for (let left = flips; left > 0 && from < at + 188; left--) {
      const place = random.between(from, at + 187);
      bytes[place] = (bytes[place] ?? 0) ^ (1 << random.below(8));
    }
  }
  return bytes;
};
