import type { Clock } from '#shared/clock.ts';
import { errorCode, XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Channel } from '../../lineup/channel.ts';
import type { Arbiter } from '../../tuners/arbiter.ts';
import type { LeaseViewer } from '../../tuners/state.ts';
import type { TunerProspect } from '../../tuners/tuner-desk.ts';
import type { StreamMetrics } from '../stream-metrics.ts';
import { neighbours, type Wanted } from './neighbours.ts';

export interface PretunerOptions {
  /** streams.pretune, as it is now. */
  readonly enabled: () => boolean;
  readonly arbiter: Pick<Arbiter, 'state' | 'onChange'>;
  readonly channels: () => readonly Channel[];
  /** What a request for it would come to now. */
  readonly outcomeOf: (channel: Channel) => TunerProspect['outcome'];
  /** Known to be free to air: a card or CAM that can decrypt one channel must not be given two. */
  readonly isClear: (channel: Channel) => boolean;
  /** Opens it as it is broadcast. @throws XgError */
  readonly open: (channel: Channel, viewer: LeaseViewer, signal: AbortSignal) => Promise<{ release(): void }>;
  readonly metrics: StreamMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A channel that is kept ready. */
interface Held {
  readonly wanted: Wanted;
  readonly sinceMs: number;
  readonly abort: AbortController;
  lease: { release(): void } | null;
}

/** Who zaps through channels does not want each one's neighbours. */
const SETTLE_MS = 2_000;
/** Who has stayed for so long is not about to zap. */
const STAY_MS = 90_000;
const LOOK_MS = 1_000;
const MAX_CHANNELS = 4;
/** All that a box sends, ours and others': old ones do not manage many more. */
const MAX_STREAMS_PER_BOX = 5;
const OWN_ID = 'pretune/';

/**
 * Keeps the neighbours of what is watched ready, where that costs nothing: on a transponder that is tuned for somebody else
 * anyway, in the lowest class. They go as soon as that is no longer so, or the viewer stays where he is.
 */
export class Pretuner {
  readonly #options: PretunerOptions;
  readonly #held = new Map<string, Held>();
  /** By viewer: since when he watches. */
  readonly #seen = new Map<string, number>();
  readonly #unsubscribe: () => void;
  #cancelLook: (() => void) | null = null;
  #isLooking = false;

  constructor(options: PretunerOptions) {
    this.#options = options;
    this.#unsubscribe = options.arbiter.onChange(() => this.#onChange());
  }

  /** Why a channel is kept ready; null where it is not. */
  of(channel: string): { readonly neighbourOf: string; readonly sinceMs: number } | null {
    const held = this.#held.get(channel);
    const isTuned = this.#options.arbiter.state.leases.some((lease) => lease.service.id === channel);
    return held === undefined || !isTuned ? null : { neighbourOf: held.wanted.neighbourOf, sinceMs: held.sinceMs };
  }

  close(): void {
    this.#unsubscribe();
    this.#cancelLook?.();
    this.#cancelLook = null;
    for (const channel of [...this.#held.keys()]) this.#drop(channel, 'unused');
  }

  #onChange(): void {
    if (this.#isLooking) return; // by what it does itself
    this.#look();
  }

  #look(): void {
    this.#cancelLook?.();
    this.#cancelLook = null;
    this.#isLooking = true;
    try {
      const isPending = this.#adjust();
      if (isPending) this.#cancelLook = this.#options.clock.after(LOOK_MS, () => this.#look());
    } finally {
      this.#isLooking = false;
    }
  }

  /** True while time alone may change something. */
  #adjust(): boolean {
    const { enabled, arbiter, channels } = this.#options;
    const watched = enabled() ? this.#watched() : [];
    const ready = watched.filter(({ forMs }) => forMs >= SETTLE_MS);
    const wanted = neighbours({
      state: arbiter.state,
      channels: ready.length === 0 ? [] : channels(),
      watched: ready.map(({ channel }) => channel),
      ownViewer: isOwn,
      isFree: (channel) => this.#isFree(channel),
      maxChannels: MAX_CHANNELS,
      maxStreamsPerBox: MAX_STREAMS_PER_BOX,
    });
    for (const [channel] of [...this.#held]) {
      if (wanted.some((one) => one.channel.id === channel)) continue;
      this.#drop(channel, this.#isWatched(channel) ? 'used' : 'unused');
    }
    for (const one of wanted) if (!this.#held.has(one.channel.id)) void this.#keep(one);
    this.#options.metrics.pretuned.set(this.#held.size);
    return watched.length > 0;
  }

  /** What people watch that came within the last minute and a half, the latest first. */
  #watched(): { readonly channel: string; readonly forMs: number }[] {
    const { arbiter, clock } = this.#options;
    const now = clock.nowMs();
    const present = new Set<string>();
    const found: { channel: string; forMs: number }[] = [];
    for (const { service, viewers } of arbiter.state.leases) {
      for (const viewer of viewers) {
        if (viewer.class !== 'interactive') continue;
        present.add(viewer.id);
        const since = this.#seen.get(viewer.id) ?? now;
        this.#seen.set(viewer.id, since);
        if (now - since < STAY_MS) found.push({ channel: service.id, forMs: now - since });
      }
    }
    for (const id of this.#seen.keys()) if (!present.has(id)) this.#seen.delete(id);
    return found.sort((one, other) => one.forMs - other.forMs);
  }

  /** Its transponder is received for somebody else than us. */
  #isFree(channel: Channel): boolean {
    const { outcomeOf, isClear } = this.#options;
    if (!isClear(channel)) return false;
    return this.#held.has(channel.id) ? !this.#isWatched(channel.id) : outcomeOf(channel) === 'shared';
  }

  #isWatched(channel: string): boolean {
    const lease = this.#options.arbiter.state.leases.find((one) => one.service.id === channel);
    return lease?.viewers.some(({ id }) => !isOwn(id)) === true;
  }

  async #keep(wanted: Wanted): Promise<void> {
    const { open, clock, logger, metrics } = this.#options;
    const { channel, neighbourOf } = wanted;
    const held: Held = { wanted, sinceMs: clock.nowMs(), abort: new AbortController(), lease: null };
    this.#held.set(channel.id, held);
    const viewer: LeaseViewer = {
      id: `${OWN_ID}${channel.id}`,
      class: 'background',
      name: 'xg2g itself (kept ready for a zap)',
      address: null,
    };
    try {
      // The tuner is asked for before this returns to the loop: what was free is.
      held.lease = await open(channel, viewer, held.abort.signal);
      metrics.pretunes.inc({ outcome: 'opened' });
      logger.debug({ channel: channel.id, neighbourOf }, `${channel.name} is kept ready`);
      if (this.#held.get(channel.id) !== held) held.lease.release();
    } catch (error) {
      if (this.#held.get(channel.id) !== held) return;
      metrics.pretunes.inc({ outcome: 'failed' });
      logger.debug({ channel: channel.id, code: errorCode(error) }, `${channel.name} can't be kept ready`);
      // It stays in the list, without a stream: not again before its neighbour was left.
    }
  }

  #drop(channel: string, outcome: 'used' | 'unused'): void {
    const held = this.#held.get(channel);
    if (held === undefined) return;
    this.#held.delete(channel);
    if (held.lease === null) held.abort.abort(new XgError('STREAM_CLOSED', 'it need not be kept ready any more'));
    else this.#options.metrics.pretunes.inc({ outcome });
    held.lease?.release();
  }
}

function isOwn(viewerId: string): boolean {
  return viewerId.startsWith(OWN_ID);
}
