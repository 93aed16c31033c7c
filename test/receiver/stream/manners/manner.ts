import { PACKET_SIZE } from '#shared/mpegts/packet.ts';

export interface Passed {
  readonly bytes: Buffer;
  /** What happens to the connection behind these bytes. */
  readonly end: 'close' | 'reset' | null;
}

/** What becomes of the packets of one connection. They are its own: it may write into them. */
export type Manner = (packets: Buffer) => Passed;

export const unharmed = (bytes: Buffer): Passed => ({ bytes, end: null });
const NOTHING = unharmed(Buffer.alloc(0));

/** Lets `count` bytes through, then `manner` has the rest. */
export function afterBytes(count: number, manner: Manner): Manner {
  let left = count;
  return (packets) => {
    if (packets.length <= left) {
      left -= packets.length;
      return unharmed(packets);
    }
    const before = packets.subarray(0, left);
    const { bytes, end } = manner(packets.subarray(left));
    left = 0;
    return { bytes: Buffer.concat([before, bytes]), end };
  };
}

/** As `afterBytes`, for what needs whole packets: rounded up to them. */
export function afterPackets(bytes: number, manner: Manner): Manner {
  return afterBytes(Math.ceil(bytes / PACKET_SIZE) * PACKET_SIZE, manner);
}

/** Both, one after the other; the first end counts. */
export function chained(first: Manner, second: Manner): Manner {
  return (packets) => {
    const before = first(packets);
    if (before.bytes.length === 0) return before;
    const { bytes, end } = second(before.bytes);
    return { bytes, end: end ?? before.end };
  };
}

/** Nothing more. */
export const silence: Manner = () => NOTHING;

export const ending =
  (end: 'close' | 'reset', text = ''): Manner =>
  () => ({ bytes: Buffer.from(text, 'latin1'), end });
