import { randomBytes } from 'node:crypto';
import type { Clock } from '#shared/clock.ts';
import { XgError } from '#shared/errors.ts';

/** A poll ends with an empty answer after so long, as Tvheadend's does. */
const POLL_MS = 10_000;
const MAX_BOXES = 200;
const MAX_POLLS = 100;
/** A box that nobody asked for so long is thrown away. */
const BOX_MS = 30_000;

/** What has changed, in the words of Tvheadend's web page. */
export type CometClass = 'channels' | 'epg' | 'dvrentry';

interface Mailbox {
  readonly id: string;
  readonly changed: Set<CometClass>;
  seenMs: number;
  wake: (() => void) | null;
  isNew: boolean;
}

/** `/comet/poll`: tells who waits that something has changed, not what; who wants to know asks the grids. */
export class Comet {
  readonly #clock: Clock;
  readonly #boxes = new Map<string, Mailbox>();
  #polls = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  notify(what: CometClass): void {
    for (const box of this.#boxes.values()) {
      box.changed.add(what);
      box.wake?.();
    }
  }

  /**
   * @param greeting what a new box is told first
   * @throws XgError `COMET_BUSY` when too many wait.
   */
  async poll(
    id: string,
    options: { immediate: boolean; signal: AbortSignal; greeting: () => readonly object[] },
  ): Promise<{ readonly boxid: string; readonly messages: readonly object[] }> {
    const box = this.#box(id);
    const first = box.isNew ? options.greeting() : [];
    box.isNew = false;
    if (box.changed.size === 0 && first.length === 0 && !options.immediate) await this.#wait(box, options.signal);
    const changes = [...box.changed].map((notificationClass) => ({ notificationClass, reload: 1 }));
    box.changed.clear();
    box.seenMs = this.#clock.nowMs();
    return { boxid: box.id, messages: [...first, ...changes] };
  }

  #box(id: string): Mailbox {
    const nowMs = this.#clock.nowMs();
    for (const old of this.#boxes.values()) {
      if (old.wake === null && nowMs - old.seenMs > BOX_MS) this.#boxes.delete(old.id);
    }
    const known = this.#boxes.get(id);
    if (known !== undefined) {
      known.seenMs = nowMs;
      return known;
    }
    const oldest = this.#boxes.size >= MAX_BOXES ? this.#boxes.keys().next().value : undefined;
    if (oldest !== undefined) {
      this.#boxes.get(oldest)?.wake?.();
      this.#boxes.delete(oldest);
    }
    const box: Mailbox = {
      id: randomBytes(20).toString('hex'),
      changed: new Set(),
      seenMs: nowMs,
      wake: null,
      isNew: true,
    };
    this.#boxes.set(box.id, box);
    return box;
  }

  async #wait(box: Mailbox, signal: AbortSignal): Promise<void> {
    if (this.#polls >= MAX_POLLS) throw new XgError('COMET_BUSY', `${MAX_POLLS} clients wait for changes already`);
    box.wake?.(); // of two polls for one box the older ends
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(POLL_MS, resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    box.wake = resolve;
    this.#polls++;
    try {
      await promise;
    } finally {
      this.#polls--;
      cancel();
      if (box.wake === resolve) box.wake = null;
    }
  }
}
