import type { StreamInfo } from '#shared/ipc/control.ts';
import { PACKET_SIZE, pidAt } from '#shared/mpegts/packet.ts';

/** What is not sound may wait for so long: as long as a picture is shown. */
const HOLD_MS = 40;
/** So much is worth a system call whatever is in it. */
const ENOUGH_BYTES = 32 * 1024;

/**
 * Gathers what the engine gives until sound of ours is among it, which then leaves at once and takes the rest along. A
 * stream comes in a hundred pieces a second and more, and each that is passed on alone wakes the daemon and then the
 * viewer; access units come 47 times a second. Holds 32 KiB and one push, for 40 ms at the most.
 */
export class OutputBatch {
  readonly #write: (parts: readonly Buffer[]) => void;
  #soundPids: ReadonlySet<number> = new Set();
  #parts: Buffer[] = [];
  #bytes = 0;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor(write: (parts: readonly Buffer[]) => void) {
    this.#write = write;
  }

  /** What the engine makes itself is sound of ours. */
  setProgram({ tracks }: StreamInfo): void {
    const made = tracks.map(({ pid, action, addedPid }) => (action === 'aac' ? pid : addedPid));
    this.#soundPids = new Set(made.filter((pid) => pid !== null));
  }

  /** Takes a buffer that is never written again. */
  add(packets: Buffer): void {
    this.#parts.push(packets);
    this.#bytes += packets.length;
    const sinceMs = performance.now() - this.#writtenAt;
    if (this.#bytes >= ENOUGH_BYTES || sinceMs >= HOLD_MS || this.#hasSound(packets)) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), HOLD_MS - sinceMs);
  }

  /** Writes what is held. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#parts.length === 0) return;
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    this.#writtenAt = performance.now();
    this.#write(parts);
  }

  #hasSound(packets: Buffer): boolean {
    for (let at = 0; at < packets.length; at += PACKET_SIZE) if (this.#soundPids.has(pidAt(packets, at))) return true;
    return false;
  }
}
