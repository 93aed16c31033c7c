/** Mutations of sections that leave their CRC right, so that they come through to what reads the tables. */
import { crc32Mpeg } from '#shared/mpegts/crc32.ts';
import { hasPayloadStart, payloadOffset, pidAt } from '#shared/mpegts/packet.ts';
import { section, sectionPackets } from '#test/helpers/ts-builder.ts';
import type { Random } from '../random.ts';
import type { Mutation } from './bytes.ts';

/** PAT, CAT, PMT, SDT, SDT other. */
const TABLE_IDS = [0x00, 0x01, 0x02, 0x42, 0x46] as const;

/** Where the bytes of the section that begins in the packet at `start` lie in the stream; empty when none does. */
function sectionBytes(bytes: Buffer, start: number): number[] {
  const pid = pidAt(bytes, start);
  const places: number[] = [];
  for (let at = start; at < bytes.length && places.length < 1_100; at += 188) {
    if (pidAt(bytes, at) !== pid) continue;
    let from = payloadOffset(bytes, at) ?? at + 188;
    if (at === start)
      from += 1 + (bytes[from] ?? 0); // pointer_field
    else if (hasPayloadStart(bytes, at)) break;
    for (let place = from; place < at + 188; place++) places.push(place);
  }
  return places;
}

/** Packets in which a table begins. */
function tableStarts(bytes: Buffer): number[] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; at += 188) {
    if (!hasPayloadStart(bytes, at)) continue;
    const payload = payloadOffset(bytes, at);
    if (payload === null || payload + 2 >= at + 188 || bytes[payload] !== 0) continue;
    const isTable = TABLE_IDS.some((id) => id === bytes[payload + 1]) && ((bytes[payload + 2] ?? 0) & 0x80) !== 0;
    if (isTable) starts.push(at);
  }
  return starts;
}

export const editSections: Mutation = (bytes, random) => {
  const starts = tableStarts(bytes);
  for (let left = random.size(10); left > 0 && starts.length > 0; left--) {
    editSection(bytes, sectionBytes(bytes, random.pick(starts) ?? 0), random);
  }
  return bytes;
};

function editSection(bytes: Buffer, places: readonly number[], random: Random): void {
  if (places.length < 16) return;
  const content = Buffer.from(places.map((place) => bytes[place] ?? 0));
  const length = 3 + (content.readUInt16BE(1) & 0x0fff);
  if (length > content.length || length < 12) return;
  for (let left = random.size(8); left > 0; left--) {
    const at = random.chance(0.2) ? random.between(3, 7) : random.between(8, Math.max(8, length - 5));
    content[at] = random.chance(0.3) ? (content[at] ?? 0) ^ (1 << random.below(8)) : random.below(256);
  }
  let end = length;
  if (random.chance(0.3)) {
    end = random.between(12, Math.min(content.length, 1_024)); // the section_length is another
    content.writeUInt16BE(0xb000 | (end - 3), 1);
  }
  content.writeUInt32BE(crc32Mpeg(content, 0, end - 4), end - 4);
  for (let at = 0; at < end; at++) bytes[places[at] as number] = content[at] ?? 0;
}

/** A made-up table somewhere, on the PID of a table or on another. */
export const insertTables: Mutation = (bytes, random) => {
  let out = bytes;
  for (let left = random.size(6); left > 0; left--) {
    const starts = tableStarts(out);
    const known = random.pick(starts);
    const pid = known === undefined || random.chance(0.2) ? random.below(0x2000) : pidAt(out, known);
    const number = random.below(4);
    const made = section({
      tableId: random.pick(TABLE_IDS),
      extension: random.below(0x1_0000),
      version: random.below(32),
      current: random.chance(0.9),
      number,
      lastNumber: random.between(number, 3),
      body: tableBody(random),
      badCrc: random.chance(0.05),
    });
    const packets = sectionPackets(pid, made, random.below(16), random.chance(0.9) ? 0 : random.below(184));
    const at = random.below(out.length / 188 + 1) * 188;
    out = Buffer.concat([out.subarray(0, at), ...packets, out.subarray(at)]);
  }
  return out;
};

/** Entries of an identifier, a PID and a descriptor loop, or noise. */
function tableBody(random: Random): Buffer {
  if (random.chance(0.3)) return random.bytes(random.below(600));
  const parts: Buffer[] = [];
  for (let left = random.size(12); left > 0; left--) {
    const descriptors = Array.from({ length: random.below(4) }, () => {
      const content = random.bytes(random.below(20));
      return Buffer.from([random.pick([0x05, 0x0a, 0x48, 0x52, 0x6a, 0x7a, 0x7c, 0x7f]), content.length, ...content]);
    });
    const loop = Buffer.concat(descriptors);
    const stated = random.chance(0.9) ? loop.length : random.below(0x1000);
    parts.push(
      Buffer.from([
        random.pick([0x01, 0x02, 0x03, 0x04, 0x06, 0x0f, 0x11, 0x1b, 0x24, 0x81, 0x87, random.below(256)]),
        0xe0 | random.below(32),
        random.below(256),
        0xf0 | (stated >> 8),
        stated & 0xff,
      ]),
      loop,
    );
  }
  return Buffer.concat(parts).subarray(0, 1_000);
}
