import { randomUUID } from 'node:crypto';
import type { Channel } from '../../../lineup/channel.ts';
import type { StreamVariant } from '../../../streams/profiles.ts';
import type { SourceService } from '../../../streams/source-stream.ts';
import type { LeaseClass, LeaseViewer } from '../../../tuners/state.ts';
import { type Drops, MediaQueue } from '../live/media-queue.ts';
import { clientSpan } from '../live/mux-packet.ts';
import { Subscription, type SubscriptionWishes } from '../live/subscription.ts';
import { encodeMessage } from '../wire/encode.ts';
import type { Session } from './session.ts';

export interface WatchWishes extends SubscriptionWishes {
  readonly channel: Channel;
  readonly service: SourceService;
  readonly variant: StreamVariant;
  readonly weight: number;
  /** Bytes, as the client wants them; 0 for what is usual. */
  readonly queueDepth: number;
}

const MIN_DEPTH = 256 * 1024;
const USUAL_DEPTH = 4 * 1024 * 1024;
const MAX_DEPTH = 4 * 1024 * 1024;
/** Below it a client only tunes ahead, and gives way to anybody who watches. */
const BACKGROUND_WEIGHT = 50;
/** The receiver is asked for its signal no more often. */
const SIGNAL_MS = 3_000;

/** A subscription with all that belongs to it in this session: its queue, its seat at the tuners, its reports. */
export class WatchedChannel {
  readonly subscription: Subscription;
  readonly #session: Session;
  readonly #wishes: WatchWishes;
  readonly #queue: MediaQueue;
  #viewer: LeaseViewer;
  #reportedDrops: Drops = { B: 0, P: 0, I: 0 };
  #signalAt = Number.NEGATIVE_INFINITY;

  constructor(session: Session, wishes: WatchWishes) {
    this.#session = session;
    this.#wishes = wishes;
    const depth = wishes.queueDepth === 0 ? USUAL_DEPTH : wishes.queueDepth;
    this.#queue = new MediaQueue(Math.min(MAX_DEPTH, Math.max(MIN_DEPTH, depth)));
    const { connection, services } = session;
    const { address } = connection;
    this.#viewer = {
      id: randomUUID(),
      class: classOf(wishes.weight),
      name: `${session.clientName} at ${address}`,
      address,
    };
    connection.addQueue(this.#queue);
    this.subscription = new Subscription({
      wishes,
      programmes: services.programmes,
      queue: this.#queue,
      open: (signal) => services.streams.join(wishes.service, wishes.variant, signal, undefined, this.#viewer),
      record: (programme, onChange) => services.tapes.hold(programme, onChange),
      source: () => services.sourceInfo(wishes.channel),
      send: (method, fields) => {
        const head = encodeMessage({ method, subscriptionId: wishes.id, ...fields });
        this.#queue.push({ head, payload: null, picture: null, isEntry: true, dts: 0 });
        connection.pump();
      },
      onQueued: () => connection.pump(),
      logger: session.logger.child({ channel: wishes.channel.id, subscription: wishes.id }),
    });
  }

  get channel(): Channel {
    return this.#wishes.channel;
  }

  start(): void {
    this.#session.services.metrics.subscriptions.inc();
    this.subscription.start();
  }

  /** Another class of viewer, for who decides about tuners. */
  setWeight(weight: number): void {
    this.#viewer = { ...this.#viewer, class: classOf(weight) };
    if (this.subscription.isRunning) this.#session.services.reseat(this.channel.id, this.#viewer);
  }

  /** Each second: how the queue and the signal are. */
  report(): void {
    if (!this.subscription.isRunning) return;
    const { id: subscriptionId } = this.#wishes;
    const queue = this.#queue;
    const { B: Bdrops, P: Pdrops, I: Idrops } = queue.drops;
    this.#session.send('queueStatus', {
      subscriptionId,
      packets: queue.packets,
      bytes: queue.bytes,
      delay: clientSpan(queue.delayTicks, { unit: 'microseconds', baseTicks: 0 }),
      Bdrops,
      Pdrops,
      Idrops,
    });
    this.#countDrops();
    this.subscription.reportTimeshift();
    void this.#reportSignal();
  }

  close(): void {
    this.subscription.close();
    this.#session.connection.removeQueue(this.#queue);
    this.#countDrops();
    this.#session.services.metrics.subscriptions.dec();
  }

  #countDrops(): void {
    const { drops } = this.#queue;
    for (const picture of ['B', 'P', 'I'] as const) {
      const fresh = drops[picture] - this.#reportedDrops[picture];
      if (fresh > 0) this.#session.services.metrics.drops.inc({ picture }, fresh);
    }
    this.#reportedDrops = { ...drops };
  }

  async #reportSignal(): Promise<void> {
    const now = performance.now();
    if (now - this.#signalAt < SIGNAL_MS) return;
    this.#signalAt = now;
    const { services, gone } = this.#session;
    const signal = await services.signal(this.channel, { signal: gone }).catch(() => null);
    if (!this.subscription.isRunning || gone.aborted) return;
    const relative = (value: number | null | undefined): number | undefined =>
      value === null || value === undefined ? undefined : Math.round((Math.min(100, value) * 65_535) / 100);
    this.#session.send('signalStatus', {
      subscriptionId: this.#wishes.id,
      // Obligatory for clients; of a stream that runs there is at least so much to say.
      feStatus: signal === null ? 'Streaming' : (signal.lock ?? (signal.snr ?? 0) > 0) ? 'GOOD' : 'NO SIGNAL',
      feSNR: relative(signal?.snr),
      feSignal: relative(signal?.agc),
      feBER: signal?.bitErrors ?? undefined,
    });
  }
}

function classOf(weight: number): LeaseClass {
  return weight > 0 && weight < BACKGROUND_WEIGHT ? 'background' : 'interactive';
}
