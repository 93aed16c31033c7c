import { hasPcr, pcrAt, writePcr } from '#shared/mpegts/adaptation-field.ts';
import { u8, u24be } from '#shared/mpegts/bytes.ts';
import {
  continuityAt,
  hasPayload,
  hasPayloadStart,
  PACKET_SIZE,
  payloadOffset,
  pidAt,
  setContinuity,
} from '#shared/mpegts/packet.ts';
import { timestampAt, writeTimestamp } from '#shared/mpegts/timestamp.ts';
import { PID_PAT, PID_TDT, wrapPcr, wrapPts } from '#shared/mpegts/types.ts';
import { LOOP_PCR, LOOP_PTS } from '../media/timing.ts';
import { PacketScrambler } from './scramble-packet.ts';
import { writeTdtPacket } from './time-tables.ts';

const HAS_PCR = 1;
const HAS_PTS = 2;
const HAS_DTS = 4;
const IS_TDT = 8;

export interface PlayableOptions {
  /** The loop's packets, and of each its time in ticks of 27 MHz since the loop's start. */
  readonly bytes: Buffer;
  readonly times: Uint32Array;
  readonly pmtPid: number;
  /** Scramble all payload but the tables (transport_scrambling_control and bytes that look random). */
  readonly scrambled: boolean;
}

/**
 * A loop prepared for endless play. Position n is packet n % count of turn ⌊n / count⌋; what a packet says of time and
 * order is computed from its turn, so any reader may start anywhere and all of them see the same stream.
 */
export class PlayableLoop {
  readonly count: number;
  readonly #packets: Buffer;
  readonly #times: Uint32Array;
  /** Index of each packet with something to patch beyond its counter, and what. */
  readonly #patchAt: Uint32Array;
  readonly #patchKind: Uint8Array;
  /** By how much each PID's counter goes on in one turn. */
  readonly #counterStep = new Uint8Array(0x2000);

  constructor(options: PlayableOptions) {
    this.#times = options.times;
    this.count = options.times.length;
    this.#packets = options.scrambled ? Buffer.from(options.bytes) : options.bytes; // copy: others play it clear
    this.#countSteps();
    if (options.scrambled) this.#scramble(options.pmtPid);
    const at: number[] = [];
    const kinds: number[] = [];
    for (let index = 0; index < this.count; index++) {
      const kind = this.#classify(index * PACKET_SIZE);
      if (kind === 0) continue;
      at.push(index);
      kinds.push(kind);
    }
    this.#patchAt = Uint32Array.from(at);
    this.#patchKind = Uint8Array.from(kinds);
  }

  /** Ticks of 27 MHz, counted from the start of turn 0, at which the packet at a position leaves. */
  timeAt(position: number): number {
    const turn = Math.floor(position / this.count);
    return turn * LOOP_PCR + (this.#times[position - turn * this.count] ?? 0);
  }

  /** The first position that leaves at `time` or later. */
  positionAt(time: number): number {
    const turn = Math.floor(time / LOOP_PCR);
    const rest = time - turn * LOOP_PCR;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] ?? 0) < rest) low = middle + 1;
      else high = middle;
    }
    return turn * this.count + low;
  }

  /**
   * Copies the packets of positions [from, to), patched. `startPcr` is the PCR of position 0's time, a multiple of 300;
   * `unixSeconds` goes into the TDT.
   */
  read(from: number, to: number, startPcr: number, unixSeconds: number): Buffer {
    const out = Buffer.allocUnsafe((to - from) * PACKET_SIZE);
    let written = 0;
    for (let position = from; position < to; ) {
      const turn = Math.floor(position / this.count);
      const first = position - turn * this.count;
      const end = Math.min(this.count, first + to - position);
      this.#packets.copy(out, written, first * PACKET_SIZE, end * PACKET_SIZE);
      this.#patch(out, written, first, end, turn, startPcr, unixSeconds);
      written += (end - first) * PACKET_SIZE;
      position += end - first;
    }
    return out;
  }

  #patch(out: Buffer, base: number, first: number, end: number, turn: number, startPcr: number, unix: number): void {
    const steps = this.#counterStep;
    if (turn > 0) {
      for (let offset = base; offset < base + (end - first) * PACKET_SIZE; offset += PACKET_SIZE) {
        const step = steps[pidAt(out, offset)] ?? 0;
        if (step !== 0) setContinuity(out, offset, continuityAt(out, offset) + step * turn);
      }
    }
    for (let patch = this.#firstPatch(first); patch < this.#patchAt.length; patch++) {
      const index = this.#patchAt[patch] ?? 0;
      if (index >= end) return;
      const kind = this.#patchKind[patch] ?? 0;
      const offset = base + (index - first) * PACKET_SIZE;
      if ((kind & HAS_PCR) !== 0) {
        const pcr = pcrAt(out, offset) ?? 0;
        writePcr(out, offset, wrapPcr(pcr + startPcr + turn * LOOP_PCR));
      }
      if ((kind & HAS_PTS) !== 0) this.#patchStamps(out, offset, startPcr / 300 + turn * LOOP_PTS, kind);
      if ((kind & IS_TDT) !== 0) writeTdtPacket(out, offset, continuityAt(out, offset), unix);
    }
  }

  #patchStamps(out: Buffer, offset: number, shift: number, kind: number): void {
    const header = payloadOffset(out, offset) ?? offset;
    const pts = timestampAt(out, header + 9) ?? 0;
    writeTimestamp(out, header + 9, (kind & HAS_DTS) !== 0 ? 3 : 2, wrapPts(pts + shift));
    if ((kind & HAS_DTS) === 0) return;
    const dts = timestampAt(out, header + 14) ?? 0;
    writeTimestamp(out, header + 14, 1, wrapPts(dts + shift));
  }

  #firstPatch(index: number): number {
    let low = 0;
    let high = this.#patchAt.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#patchAt[middle] ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #countSteps(): void {
    for (let offset = 0; offset < this.#packets.length; offset += PACKET_SIZE) {
      if (!hasPayload(this.#packets, offset)) continue;
      const pid = pidAt(this.#packets, offset);
      this.#counterStep[pid] = ((this.#counterStep[pid] ?? 0) + 1) & 15;
    }
  }

  /** Even and odd key change places every 10 s; the bytes come from a fixed generator. */
  #scramble(pmtPid: number): void {
    const bytes = this.#packets;
    const scrambler = new PacketScrambler();
    for (let index = 0; index < this.count; index++) {
      const offset = index * PACKET_SIZE;
      const pid = pidAt(bytes, offset);
      if (pid === PID_PAT || pid === PID_TDT || pid === pmtPid || !hasPayload(bytes, offset)) continue;
      scrambler.scramble(bytes, offset, Math.floor((this.#times[index] ?? 0) / 270_000_000) % 2 === 1);
    }
  }

  #classify(offset: number): number {
    const bytes = this.#packets;
    if (pidAt(bytes, offset) === PID_TDT) return IS_TDT;
    let kind = hasPcr(bytes, offset) ? HAS_PCR : 0;
    if (!hasPayloadStart(bytes, offset) || (u8(bytes, offset + 3) & 0xc0) !== 0) return kind;
    const start = payloadOffset(bytes, offset) ?? offset + PACKET_SIZE;
    if (start + 14 > offset + PACKET_SIZE || u24be(bytes, start) !== 0x000001) return kind;
    const flags = u8(bytes, start + 7) >> 6;
    if (flags >= 2) kind |= HAS_PTS;
    if (flags === 3) kind |= HAS_DTS;
    return kind;
  }
}
