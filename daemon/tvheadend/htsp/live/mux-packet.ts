import type { AccessUnit } from '../demux/access-unit.ts';
import { encodeMessageBefore } from '../wire/encode.ts';
import type { QueuedItem } from './media-queue.ts';

/** In which unit a client counts time, and from when. */
export interface ClientClock {
  readonly unit: 'microseconds' | '90khz';
  /** What is taken off, in ticks of our line: with `normts` the subscription's first picture has time 0. */
  readonly baseTicks: number;
}

export function clientTime(ticks: number, clock: ClientClock): number {
  return clientSpan(ticks - clock.baseTicks, clock);
}

/** A length of time. */
export function clientSpan(ticks: number, clock: ClientClock): number {
  return clock.unit === '90khz' ? Math.round(ticks) : Math.round((ticks * 100) / 9);
}

/** The other way round. */
export function ticksOf(time: number, clock: ClientClock): number {
  return (clock.unit === '90khz' ? time : (time * 9) / 100) + clock.baseTicks;
}

/** `muxpkt` of one access unit. */
export function muxPacket(unit: AccessUnit, subscriptionId: number, clock: ClientClock): QueuedItem {
  const { picture, isEntry, dts, bytes } = unit;
  const message = {
    method: 'muxpkt',
    subscriptionId,
    frametype: picture === null ? undefined : picture.charCodeAt(0), // 'I' 73, 'P' 80, 'B' 66
    stream: unit.track,
    dts: clientTime(dts, clock),
    pts: unit.pts === null ? undefined : clientTime(unit.pts, clock),
    duration: unit.ticks === 0 ? undefined : clientSpan(unit.ticks, clock),
  };
  const head = encodeMessageBefore(message, 'payload', bytes.length);
  return { head, payload: bytes, picture, isEntry, dts };
}
