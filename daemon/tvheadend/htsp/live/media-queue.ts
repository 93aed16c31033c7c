import type { PictureType } from '#shared/codec/picture.ts';
import { DropPolicy } from './drop-policy.ts';

/** What is on its way to the client: a packet in two parts, or a message that keeps its place among them. */
export interface QueuedItem {
  readonly head: Buffer;
  /** Null for a message. Shared memory. */
  readonly payload: Buffer | null;
  /** Null for what is no picture. */
  readonly picture: PictureType | null;
  readonly isEntry: boolean;
  readonly dts: number;
}

export interface Drops {
  readonly B: number;
  readonly P: number;
  readonly I: number;
}

/** Where the items go; false: enough for now. */
export type ItemWriter = (item: QueuedItem) => boolean;

/**
 * What a subscription has for its client and could not send yet, in bytes bounded by three times its depth. Beyond the
 * depth pictures that nobody leans on are left out, then all up to the next one that stands alone, then everything.
 */
export class MediaQueue {
  readonly #policy: DropPolicy;
  #items: QueuedItem[] = [];
  #head = 0;
  #bytes = 0;

  constructor(depthBytes: number) {
    this.#policy = new DropPolicy(depthBytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get packets(): number {
    return this.#items.length - this.#head;
  }

  get drops(): Drops {
    return this.#policy.drops;
  }

  /** 90 kHz ticks between the first and the last item that waits. */
  get delayTicks(): number {
    const first = this.#items[this.#head];
    const last = this.#items.at(-1);
    return first === undefined || last === undefined ? 0 : Math.max(0, last.dts - first.dts);
  }

  /** False: left out. `isNeeded`: of what a player begins with nothing may be missing, however much it is. */
  push(item: QueuedItem, isNeeded = false): boolean {
    if (item.payload !== null && !isNeeded && !this.#policy.admits(item, this.#bytes)) return false;
    this.#items.push(item);
    this.#bytes += lengthOf(item);
    return true;
  }

  /** Sends while the writer takes more. */
  drain(write: ItemWriter): void {
    while (this.#head < this.#items.length) {
      const item = this.#items[this.#head] as QueuedItem;
      this.#head++;
      this.#bytes -= lengthOf(item);
      const more = write(item);
      if (!more) break;
    }
    if (this.#head > 256 || this.#head === this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** Forgets the packets; messages stay. */
  clear(): void {
    this.#items = this.#items.slice(this.#head).filter(({ payload }) => payload === null);
    this.#head = 0;
    this.#bytes = this.#items.reduce((sum, item) => sum + lengthOf(item), 0);
  }
}

function lengthOf({ head, payload }: QueuedItem): number {
  return head.length + (payload?.length ?? 0);
}
