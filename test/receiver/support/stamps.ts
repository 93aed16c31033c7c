/** The clocks and stamps of a piece of stream, wraps undone, with the place of each. */
import { hasPcr, pcrAt } from '#shared/mpegts/adaptation-field.ts';
import { u8, u24be } from '#shared/mpegts/bytes.ts';
import { hasPayloadStart, payloadOffset, pidAt } from '#shared/mpegts/packet.ts';
import { timestampAt } from '#shared/mpegts/timestamp.ts';
import { packetsOf } from './packets.ts';

export interface Stamp {
  /** Index of the packet in the piece. */
  readonly packet: number;
  /** Ticks of 90 kHz, going on beyond 2^33. */
  readonly pts: number;
  /** The PTS where there is no DTS. */
  readonly dts: number;
}

export interface Clock {
  readonly packet: number;
  /** Ticks of 27 MHz, going on beyond the wrap. */
  readonly pcr: number;
}

const PTS_RANGE = 2 ** 33;
const PCR_RANGE = PTS_RANGE * 300;

/** The number that differs from `value` by whole ranges and lies nearest to `near`. */
function unwrap(value: number, near: number | undefined, range: number): number {
  return near === undefined ? value : value + Math.round((near - value) / range) * range;
}

/** PCRs of one PID. */
export function clocksOf(bytes: Uint8Array, pid: number): Clock[] {
  const clocks: Clock[] = [];
  for (const offset of packetsOf(bytes)) {
    if (pidAt(bytes, offset) !== pid || !hasPcr(bytes, offset)) continue;
    const pcr = unwrap(pcrAt(bytes, offset) ?? Number.NaN, clocks.at(-1)?.pcr, PCR_RANGE);
    clocks.push({ packet: offset / 188, pcr });
  }
  return clocks;
}

/** Stamps of one PID's PES packets. `near` is a stamp that the first is to be near. */
export function stampsOf(bytes: Uint8Array, pid: number, near: number): Stamp[] {
  const stamps: Stamp[] = [];
  for (const offset of packetsOf(bytes)) {
    if (pidAt(bytes, offset) !== pid || !hasPayloadStart(bytes, offset)) continue;
    const start = payloadOffset(bytes, offset) ?? offset;
    if (u24be(bytes, start) !== 1)
      throw new Error(`PID ${pid}, packet ${offset / 188}: a PES begins without its prefix`);
    const flags = u8(bytes, start + 7) >> 6;
    const dts = timestampAt(bytes, start + (flags === 3 ? 14 : 9));
    const pts = timestampAt(bytes, start + 9);
    if (flags < 2 || pts === null || dts === null) throw new Error(`PID ${pid}, packet ${offset / 188}: no time stamp`);
    const whole = unwrap(dts, stamps.at(-1)?.dts ?? near, PTS_RANGE);
    stamps.push({ packet: offset / 188, dts: whole, pts: unwrap(pts, whole, PTS_RANGE) });
  }
  return stamps;
}
