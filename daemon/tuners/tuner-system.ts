import type { Clock } from '#shared/clock.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Registry } from '#shared/observability/metrics.ts';
import type { About, BoxTimer } from '../receiver/model.ts';
import { Arbiter } from './arbiter.ts';
import { BoxWatch, type WatchedBox } from './box-watch.ts';
import { KnownBoxes } from './known-boxes.ts';
import type { WakeTarget } from './magic-packet.ts';
import { type DeskReceiver, type DeskService, TunerDesk } from './tuner-desk.ts';
import { registerTunerGauges, type TunerMetrics } from './tuner-metrics.ts';
import { type SleepingBox, Waker } from './waker.ts';

/** How a box is to be treated. */
export interface BoxManners {
  readonly keepFree: number;
  readonly zapInStandby: boolean;
  readonly wakeOnLan: boolean;
  readonly wakeFromStandby: boolean;
  readonly mac: string | null;
  readonly wakeTarget: WakeTarget;
}

export interface SystemBox {
  readonly id: string;
  readonly receiver: DeskReceiver & WatchedBox & SleepingBox & { readonly address: string };
  readonly manners: BoxManners;
}

export interface TunerSystemOptions {
  readonly boxes: readonly SystemBox[];
  /** See `TunerDesk`. */
  readonly boxesOf: (service: DeskService) => readonly { readonly box: string; readonly ref: string }[];
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly metrics: TunerMetrics;
}

type TimerListener = (box: string, timers: readonly BoxTimer[]) => void;

/** Arbiter, desk, and for each box a watch and a waker. */
export class TunerSystem {
  readonly arbiter: Arbiter;
  readonly desk: TunerDesk;
  readonly #watches = new Map<string, BoxWatch>();
  readonly #timerListeners = new Set<TimerListener>();
  readonly #unsubscribe: () => void;

  constructor(options: TunerSystemOptions) {
    const { boxes, clock, logger, metrics, registry } = options;
    const known = new KnownBoxes({ dataFolder: options.dataFolder, onWarning: (text) => logger.warn(text) });
    this.arbiter = new Arbiter({
      boxes: boxes.map(({ id, receiver, manners }) => ({
        id,
        name: hostOf(receiver.address),
        keepFree: manners.keepFree,
      })),
      clock,
      logger,
      onRefused: () => metrics.refusals.inc(),
      onRevoked: (_, why) => metrics.revocations.inc({ cause: why.cause }),
    });
    registerTunerGauges(registry, this.arbiter);
    this.desk = new TunerDesk({
      arbiter: this.arbiter,
      boxesOf: options.boxesOf,
      logger,
      boxes: boxes.map(({ id, receiver, manners }) => {
        const name = hostOf(receiver.address);
        const watch = new BoxWatch({
          box: receiver,
          name,
          clock,
          logger,
          onPicture: (picture) => this.arbiter.observe(id, picture),
          onLost: (why) => this.arbiter.lost(id, why),
          onTimers: (timers) => {
            for (const listener of this.#timerListeners) listener(id, timers);
          },
          onAbout: (about) => {
            this.arbiter.rename(id, nameOf(about, receiver.address));
            known.remember(receiver.address, about.macs);
          },
        });
        this.#watches.set(id, watch);
        const waker = new Waker({
          box: receiver,
          name,
          logger,
          onLan: manners.wakeOnLan,
          fromStandby: manners.wakeFromStandby,
          macs: () => (manners.mac === null ? known.macsOf(receiver.address) : [manners.mac]),
          target: manners.wakeTarget,
        });
        return { id, name, receiver, watch, waker, zapInStandby: manners.zapInStandby };
      }),
    });
    this.#unsubscribe = this.arbiter.onChange(() => {
      const busy = new Set(this.arbiter.state.leases.map((lease) => lease.box));
      for (const [id, watch] of this.#watches) watch.setPace(busy.has(id) ? 'active' : 'idle');
    });
  }

  /** Tuners of all boxes together; null before any box has told. */
  get tunerCount(): number | null {
    const counts = this.arbiter.state.boxes.map((box) => box.picture?.tuners.length ?? 0);
    return counts.reduce((sum, count) => sum + count, 0) || null;
  }

  /** Begins to look at the boxes. */
  start(): void {
    for (const watch of this.#watches.values()) watch.start();
  }

  /** Calls back with every reading of a box's timers. Returns the way to stop it. */
  onTimers(listener: TimerListener): () => void {
    this.#timerListeners.add(listener);
    return () => this.#timerListeners.delete(listener);
  }

  /** Looks at a box now, unless that was done `maxAgeMs` ago or less. Never rejects. */
  async refreshTimers(box: string, options: { maxAgeMs: number }): Promise<void> {
    await this.#watches.get(box)?.refresh(options);
  }

  close(): void {
    this.#unsubscribe();
    for (const watch of this.#watches.values()) watch.stop();
    this.arbiter.close();
  }
}

function hostOf(address: string): string {
  return URL.parse(address)?.host ?? address;
}

function nameOf(about: About, address: string): string {
  const model = about.model ?? about.boxType;
  return model === null ? hostOf(address) : `${model} (${hostOf(address)})`;
}
