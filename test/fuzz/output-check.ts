import { crc32 } from 'node:zlib';
import type { StreamInfo } from '#shared/ipc/control.ts';
import { hasDiscontinuityIndicator, setDiscontinuityIndicator } from '#shared/mpegts/adaptation-field.ts';
import { continuityAt, hasPayload, PACKET_SIZE, pidAt, SYNC_BYTE } from '#shared/mpegts/packet.ts';
import { parsePat } from '#shared/mpegts/pat.ts';
import { SectionAssembler } from '#shared/mpegts/section.ts';
import { PID_PAT, PID_SDT } from '#shared/mpegts/types.ts';
import { mustHold } from './target.ts';

/** Actions of a track whose own packets go through as they are. */
const PASSING: ReadonlySet<string> = new Set(['pass', 'add']);

/**
 * Watches what goes into the engine and what comes out, and judges it at the end:
 * - whole packets with sync bytes, in buffers that nobody writes after they were handed over
 * - packets of passed PIDs are the source's, byte for byte in order; none is missing once the programme is known. After
 *   an interruption the engine drops what is left of broken PES packets and sets discontinuity_indicators.
 * - the counters of PIDs that the engine writes itself are unbroken as long as the programme stays the same
 */
export class OutputCheck {
  readonly #in: Buffer[] = [];
  readonly #out: { readonly bytes: Buffer; readonly crc: number }[] = [];
  readonly #infos: StreamInfo[] = [];
  #interrupted = false;
  #bytesIn = 0;
  #bytesOut = 0;

  get bytesIn(): number {
    return this.#bytesIn;
  }

  get bytesOut(): number {
    return this.#bytesOut;
  }

  input(packets: Buffer): void {
    this.#in.push(Buffer.from(packets)); // copy
    this.#bytesIn += packets.length;
  }

  output(packets: Buffer): void {
    mustHold(packets.length > 0, () => 'an empty buffer was handed over');
    mustHold(packets.length % PACKET_SIZE === 0, () => `${packets.length} bytes are no whole number of packets`);
    for (let at = 0; at < packets.length; at += PACKET_SIZE) {
      mustHold(packets[at] === SYNC_BYTE, () => `packet at ${this.#bytesOut + at} of the output has no sync byte`);
    }
    this.#out.push({ bytes: packets, crc: crc32(packets) });
    this.#bytesOut += packets.length;
  }

  info(info: StreamInfo): void {
    this.#infos.push(info);
  }

  /** The source was interrupted here. */
  interruption(): void {
    this.#interrupted = true;
  }

  judge(): void {
    for (const { bytes, crc } of this.#out) {
      mustHold(crc32(bytes) === crc, () => 'a buffer was written after it was handed over');
    }
    const output = packetsByPid(this.#out.map(({ bytes }) => bytes));
    const input = packetsByPid(this.#in);
    const own = tablePids(output, (programs) => mustHold(programs === 1, () => `a PAT of ${programs} programmes`));
    // A PAT that puts a table where a stream is takes the stream away.
    const tables = new Set([...own, ...tablePids(input, () => undefined)]);
    const passed = this.#passedPids(tables);
    for (const pid of passed) this.#judgePassed(pid, input.get(pid) ?? [], output.get(pid) ?? []);
    if (this.#infos.length !== 1) return;
    const planned = this.#infos[0]?.tracks.flatMap(({ pid, addedPid }) => [pid, addedPid ?? pid]) ?? [];
    if (planned.some((pid) => tables.has(pid))) return; // a PMT that puts a stream where a table is
    // Not on the source's PIDs of tables: one may be the PID of the clock, which passes.
    for (const pid of own) judgeCounters(pid, output.get(pid) ?? []);
    for (const pid of planned) if (!passed.has(pid)) judgeCounters(pid, output.get(pid) ?? []);
  }

  /** PIDs that pass in every version of the programme. */
  #passedPids(tables: ReadonlySet<number>): Set<number> {
    const pids = new Set<number>();
    for (const info of this.#infos) for (const track of info.tracks) pids.add(track.pid);
    for (const info of this.#infos) {
      for (const track of info.tracks) {
        if (!PASSING.has(track.action)) pids.delete(track.pid);
        // A PID that was ours in one version and the source's in another.
        if (track.addedPid !== null) pids.delete(track.addedPid);
      }
    }
    for (const pid of tables) pids.delete(pid);
    return pids;
  }

  #judgePassed(pid: number, input: readonly Buffer[], output: readonly Buffer[]): void {
    const mayMiss = this.#interrupted || this.#infos.length > 1;
    const same = this.#interrupted ? equalsButMark : (one: Buffer, other: Buffer) => one.equals(other);
    let at = input.length;
    for (let index = output.length - 1; index >= 0; index--) {
      const packet = output[index] as Buffer;
      if (this.#interrupted && isAnnouncement(packet)) continue;
      at--;
      if (mayMiss) while (at >= 0 && !same(input[at] as Buffer, packet)) at--;
      mustHold(at >= 0 && same(input[at] as Buffer, packet), () => {
        return `packet ${index} of ${output.length} of passed PID ${pid} is not the source's, or one before it is missing`;
      });
    }
  }
}

/** A packet without payload that carries a discontinuity_indicator. */
function isAnnouncement(packet: Buffer): boolean {
  return !hasPayload(packet, 0) && hasDiscontinuityIndicator(packet, 0);
}

/** The same but for a discontinuity_indicator that was set. */
function equalsButMark(source: Buffer, packet: Buffer): boolean {
  if (source.equals(packet)) return true;
  if (!hasDiscontinuityIndicator(packet, 0)) return false;
  const marked = Buffer.from(source); // copy
  return setDiscontinuityIndicator(marked, 0) && marked.equals(packet);
}

function packetsByPid(buffers: readonly Buffer[]): Map<number, Buffer[]> {
  const packets = new Map<number, Buffer[]>();
  for (const buffer of buffers) {
    for (let at = 0; at < buffer.length; at += PACKET_SIZE) {
      const pid = pidAt(buffer, at);
      const known = packets.get(pid);
      const packet = buffer.subarray(at, at + PACKET_SIZE);
      if (known === undefined) packets.set(pid, [packet]);
      else known.push(packet);
    }
  }
  return packets;
}

/** PAT, SDT and whatever a PAT names a PMT. */
function tablePids(packets: ReadonlyMap<number, readonly Buffer[]>, onPat: (programs: number) => void): Set<number> {
  const pids = new Set<number>([PID_PAT, PID_SDT]);
  const assembler = new SectionAssembler(
    (section) => {
      const pat = parsePat(section);
      for (const { pmtPid } of pat?.programs ?? []) pids.add(pmtPid);
      onPat(pat?.programs.length ?? 0);
    },
    () => undefined, // of the source it may be anything; of the output the counters are judged
  );
  for (const packet of packets.get(PID_PAT) ?? []) assembler.pushPacket(packet, 0);
  return pids;
}

function judgeCounters(pid: number, packets: readonly Buffer[]): void {
  let last: number | null = null;
  for (const packet of packets) {
    const counter = continuityAt(packet, 0);
    const expected: number = last === null ? counter : hasPayload(packet, 0) ? (last + 1) & 0x0f : last;
    const announced = hasDiscontinuityIndicator(packet, 0);
    mustHold(
      announced || counter === expected,
      () => `counter of our own PID ${pid} is ${counter}, expected ${expected}`,
    );
    last = counter;
  }
}
