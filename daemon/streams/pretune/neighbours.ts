import type { Channel } from '../../lineup/channel.ts';
import type { Lease, TunerState } from '../../tuners/state.ts';

/** A channel to be kept ready, and for whom. */
export interface Wanted {
  readonly channel: Channel;
  readonly neighbourOf: string;
}

export interface NeighbourInput {
  readonly state: TunerState;
  readonly channels: readonly Channel[];
  /** Channels that somebody watches and may zap on from, the latest first. */
  readonly watched: readonly string[];
  /** Who keeps channels ready: its own holds count for nobody. */
  readonly ownViewer: (id: string) => boolean;
  /** Whether it can be received for nothing: on a transponder that is tuned, free to air, not running anyway. */
  readonly isFree: (channel: Channel) => boolean;
  readonly maxChannels: number;
  readonly maxStreamsPerBox: number;
}

/** The next and the previous channel of those that are watched, as far as they cost nothing. */
export function neighbours(input: NeighbourInput): Wanted[] {
  const { channels, watched, isFree, maxChannels } = input;
  const wanted = new Map<string, Wanted>();
  const room = new Map(input.state.boxes.map((box) => [box.id, input.maxStreamsPerBox - streamsOf(input, box.id)]));
  for (const id of watched) {
    const lease = input.state.leases.find((one) => one.service.id === id);
    const at = channels.findIndex((channel) => channel.id === id);
    const here = channels[at];
    if (lease === undefined || here === undefined) continue;
    for (const step of [1, -1]) {
      const channel = neighbour(channels, at, step);
      if (channel === null || wanted.has(channel.id) || watched.includes(channel.id)) continue;
      const left = room.get(lease.box) ?? 0;
      if (wanted.size >= maxChannels || left <= 0) return [...wanted.values()];
      if (channel.transponder !== lease.service.transponder || !isFree(channel)) continue;
      room.set(lease.box, left - 1);
      wanted.set(channel.id, { channel, neighbourOf: here.name });
    }
  }
  return [...wanted.values()];
}

/** As the channel keys of a remote control go: radio from radio, round at the ends. */
function neighbour(channels: readonly Channel[], at: number, step: number): Channel | null {
  const { length } = channels;
  const radio = channels[at]?.radio;
  for (let tries = 1; tries < length; tries++) {
    const channel = channels[(at + step * tries + length * tries) % length];
    if (channel?.radio === radio) return channel ?? null;
  }
  return null;
}

/** Streams that a box sends to others than us keeping channels ready. */
function streamsOf({ state, ownViewer }: NeighbourInput, box: string): number {
  const others = state.boxes.find((one) => one.id === box)?.picture?.streams.length ?? 0;
  return others + state.leases.filter((lease) => lease.box === box && !isOwn(lease, ownViewer)).length;
}

function isOwn(lease: Lease, ownViewer: (id: string) => boolean): boolean {
  return lease.viewers.length > 0 && lease.viewers.every((viewer) => ownViewer(viewer.id));
}
