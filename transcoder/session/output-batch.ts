import type { StreamInfo } from '#shared/ipc/control.ts';
import { PACKET_SIZE, pidAt } from '#shared/mpegts/packet.ts';

/** What is not sound may wait for so long: as long as a picture is shown. */
const HOLD_MS = 40;
/** So much is worth a system call whatever is in it. */
const ENOUGH_BYTES = 32 * 1024;

/** Leaves room for the largest frame, whatever the packets. */
const MAX_BYTES = 512 * 1024;

/**
 * Takes a batch: the whole packets in `bytes[from, bytes.length)`; what lies before is free to be written. True when it is
 * done with the memory, false when it keeps it.
 */
export type BatchWriter = (bytes: Buffer, from: number) => boolean;

/**
 * Gathers what the engine gives until sound of ours is among it, which then leaves at once and takes the rest along. A
 * stream comes in a hundred pieces a second and more, and each that is passed on alone wakes the daemon and then the
 * viewer; access units come 47 times a second. Holds 32 KiB and one push, for 40 ms at the most, in one piece of memory
 * that goes round.
 */
export class OutputBatch {
  readonly #write: BatchWriter;
  /** Kept free before the packets: for the head of a frame. */
  readonly #headroom: number;
  #soundPids: ReadonlySet<number> = new Set();
  #memory: Buffer;
  #end: number;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor(write: BatchWriter, headroom: number) {
    this.#write = write;
    this.#headroom = headroom;
    this.#memory = Buffer.allocUnsafeSlow(headroom + ENOUGH_BYTES);
    this.#end = headroom;
  }

  /** What the engine makes itself is sound of ours. */
  setProgram({ tracks }: StreamInfo): void {
    const made = tracks.map(({ pid, action, addedPid }) => (action === 'aac' ? pid : addedPid));
    this.#soundPids = new Set(made.filter((pid) => pid !== null));
  }

  /** Takes a copy of whole packets. */
  add(packets: Buffer): void {
    for (let from = 0; from < packets.length; ) {
      if (this.#end - this.#headroom >= MAX_BYTES) this.flush();
      const room = Math.floor((MAX_BYTES - this.#end + this.#headroom) / PACKET_SIZE) * PACKET_SIZE;
      if (room === 0) {
        this.flush();
        continue;
      }
      const length = Math.min(packets.length - from, room);
      this.#reserve(length);
      packets.copy(this.#memory, this.#end, from, from + length);
      this.#end += length;
      from += length;
    }
    const sinceMs = performance.now() - this.#writtenAt;
    const bytes = this.#end - this.#headroom;
    if (bytes >= ENOUGH_BYTES || sinceMs >= HOLD_MS || this.#hasSound(packets)) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), HOLD_MS - sinceMs);
  }

  /** Writes what is held. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#end === this.#headroom) return;
    const bytes = this.#memory.subarray(0, this.#end);
    this.#end = this.#headroom;
    this.#writtenAt = performance.now();
    const isFree = this.#write(bytes, this.#headroom);
    if (!isFree || this.#memory.length > 4 * ENOUGH_BYTES)
      this.#memory = Buffer.allocUnsafeSlow(this.#headroom + ENOUGH_BYTES);
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#memory.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#memory.length, this.#end + bytes));
    this.#memory.copy(larger, 0, 0, this.#end);
    this.#memory = larger;
  }

  #hasSound(packets: Buffer): boolean {
    for (let at = 0; at < packets.length; at += PACKET_SIZE) if (this.#soundPids.has(pidAt(packets, at))) return true;
    return false;
  }
}
