/** Mutations of whole packets; what they are given is a multiple of 188 bytes, and so is what they give. */
import { hasPcr, pcrAt, writePcr } from '#shared/mpegts/adaptation-field.ts';
import { pidAt, setContinuity } from '#shared/mpegts/packet.ts';
import { type Pcr27m, wrapPcr } from '#shared/mpegts/types.ts';
import type { Random } from '../random.ts';
import type { Mutation } from './bytes.ts';

/** Offset of a packet, any of them alike. */
function anyPacket(bytes: Buffer, random: Random): number {
  return random.below(bytes.length / 188) * 188;
}

function setPid(bytes: Buffer, at: number, pid: number): void {
  bytes[at + 1] = ((bytes[at + 1] ?? 0) & 0xe0) | (pid >> 8);
  bytes[at + 2] = pid & 0xff;
}

export const dropPackets: Mutation = (bytes, random) => {
  const from = anyPacket(bytes, random);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + random.size(60) * 188)]);
};

export const loseOften: Mutation = (bytes, random) => {
  const share = random.pick([0.001, 0.01, 0.05, 0.3]);
  const kept: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 188) if (!random.chance(share)) kept.push(bytes.subarray(at, at + 188));
  return Buffer.concat(kept);
};

export const duplicatePackets: Mutation = (bytes, random) => {
  const from = anyPacket(bytes, random);
  const run = bytes.subarray(from, from + random.size(30) * 188);
  const copies = Array.from({ length: random.size(4) }, () => run);
  return Buffer.concat([bytes.subarray(0, from), ...copies, bytes.subarray(from)]);
};

export const swapPackets: Mutation = (bytes, random) => {
  for (let left = random.size(20); left > 0; left--) {
    const one = anyPacket(bytes, random);
    const other = random.chance(0.5) ? Math.min(bytes.length - 188, one + 188) : anyPacket(bytes, random);
    const kept = Buffer.from(bytes.subarray(one, one + 188));
    bytes.copyWithin(one, other, other + 188);
    kept.copy(bytes, other);
  }
  return bytes;
};

/** Two PIDs change places, from some packet on. */
export const swapPids: Mutation = (bytes, random) => {
  const one = pidAt(bytes, anyPacket(bytes, random));
  const other = random.chance(0.2) ? random.below(0x2000) : pidAt(bytes, anyPacket(bytes, random));
  for (let at = random.chance(0.5) ? 0 : anyPacket(bytes, random); at < bytes.length; at += 188) {
    const pid = pidAt(bytes, at);
    if (pid === one) setPid(bytes, at, other);
    else if (pid === other) setPid(bytes, at, one);
  }
  return bytes;
};

export const spoilHeaders: Mutation = (bytes, random) => {
  for (let left = random.size(40); left > 0; left--) {
    const at = anyPacket(bytes, random);
    switch (random.below(7)) {
      case 0:
        bytes[at] = random.below(256); // sync_byte
        break;
      case 1:
        bytes[at + 1] = (bytes[at + 1] ?? 0) ^ 0x80; // transport_error_indicator
        break;
      case 2:
        bytes[at + 1] = (bytes[at + 1] ?? 0) ^ 0x40; // payload_unit_start_indicator
        break;
      case 3:
        bytes[at + 3] = random.below(256); // scrambling, adaptation_field_control, continuity_counter
        break;
      case 4:
        bytes[at + 4] = random.pick([0, 1, 182, 183, 184, 255, random.below(256)]); // adaptation_field_length
        break;
      case 5:
        setContinuity(bytes, at, random.below(16));
        break;
      default:
        setPid(bytes, at, random.below(0x2000));
    }
  }
  return bytes;
};

/** The clock jumps, from some packet on or in single packets. */
export const jumpPcr: Mutation = (bytes, random) => {
  const shift = random.pick([1, -1]) * random.below(random.pick([27_000, 27_000_000, 2_700_000_000, 2 ** 33 * 300]));
  const once = random.chance(0.3);
  for (let at = anyPacket(bytes, random); at < bytes.length; at += 188) {
    if (!hasPcr(bytes, at)) continue;
    writePcr(bytes, at, wrapPcr((pcrAt(bytes, at) as Pcr27m) + shift));
    if (once) break;
  }
  return bytes;
};

export const setDiscontinuityIndicators: Mutation = (bytes, random) => {
  const share = random.pick([0.01, 0.3, 1]);
  for (let at = 0; at < bytes.length; at += 188) {
    const hasFlags = ((bytes[at + 3] ?? 0) & 0x20) !== 0 && (bytes[at + 4] ?? 0) > 0;
    if (hasFlags && random.chance(share)) bytes[at + 5] = (bytes[at + 5] ?? 0) | 0x80;
  }
  return bytes;
};

/** The same span again: what a receiver does that reads a file in a circle. */
export const playTwice: Mutation = (bytes) => Buffer.concat([bytes, bytes]);
