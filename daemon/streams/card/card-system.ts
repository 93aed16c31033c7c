import type { CardMade, CardMake } from '#shared/ipc/card.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Channel } from '../../lineup/channel.ts';
import { displayName } from '../../lineup/display-name.ts';
import type { Arbiter } from '../../tuners/arbiter.ts';
import { occupancyNow } from '../../tuners/occupancy.ts';
import type { LeaseViewer } from '../../tuners/state.ts';
import type { TunerDesk } from '../../tuners/tuner-desk.ts';
import { refusalLines } from '../../tuners/words.ts';
import type { ChannelMemory } from '../channel-memory.ts';
import { wantsCard } from '../client-kind.ts';
import type { KnownPrograms } from '../known-programs.ts';
import type { StreamVariant } from '../profiles.ts';
import type { SourceService } from '../source-stream.ts';
import type { StreamLease } from '../stream-manager.ts';
import type { StreamMetrics } from '../stream-metrics.ts';
import { BusyCards, type CardLease, type CardTuners } from './busy-cards.ts';
import { type CardVisitEnd, visitCard } from './card-visit.ts';

export interface CardSystemOptions {
  /** streams.busyCard, as it is now. */
  readonly enabled: () => boolean;
  readonly transcoder: { readonly ready: boolean; makeCard(wish: CardMake): Promise<CardMade> };
  readonly desk: Pick<TunerDesk, 'refusalFor' | 'look'>;
  readonly arbiter: Pick<Arbiter, 'state' | 'nowMs' | 'onChange'>;
  readonly channels: () => readonly Channel[];
  readonly known: KnownPrograms;
  readonly memory: ChannelMemory;
  readonly metrics: StreamMetrics;
  readonly logger: Logger;
}

/** Who asked, as far as cards are concerned. */
export interface CardClient {
  readonly userAgent: string | null;
  /** `card` of the query; null without one. */
  readonly wish: string | null;
  /** It speaks a protocol that has its own word for this. */
  readonly isDevice: boolean;
}

export interface CardVisit {
  readonly ring: CardLease['ring'];
  /** Waits for a tuner, and opens the channel with it. @throws the signal's reason. */
  outcome(join: (signal: AbortSignal) => Promise<StreamLease>, signal: AbortSignal): Promise<CardVisitEnd>;
  release(): void;
}

/** Names enough for a picture. */
const MAX_NAMES = 10;
const WORDS = {
  soon: 'The channel comes by itself as soon as a tuner is free.',
  playable: 'These play now without a further tuner:',
};

/** Shows cards to those who are refused a tuner, where that is wanted. */
export class CardSystem {
  readonly #options: CardSystemOptions;
  readonly #tuners: CardTuners;
  readonly #cards: BusyCards;

  constructor(options: CardSystemOptions) {
    const { desk, arbiter, known, memory, metrics, logger, transcoder } = options;
    this.#options = options;
    this.#tuners = {
      refusalLines: (service, viewer) => this.#lines(service, viewer),
      look: (service) => desk.look(service),
      onChange: (listener) => arbiter.onChange(listener),
    };
    const make = (wish: CardMake): Promise<CardMade> => transcoder.makeCard(wish);
    this.#cards = new BusyCards({ make, tuners: this.#tuners, known, memory, metrics, logger });
  }

  /** Whether this client is to see a card instead of an error. */
  wants(client: CardClient): boolean {
    if (client.wish === '1') return true;
    if (client.wish === '0' || client.isDevice) return false;
    return this.#options.enabled() && wantsCard(client.userAgent);
  }

  /** Null where there is none to be had: the transcoder is away, or too many are shown. */
  async open(service: SourceService, variant: StreamVariant, viewer: LeaseViewer): Promise<CardVisit | null> {
    const { transcoder, logger } = this.#options;
    const lines = this.#lines(service, viewer) ?? [`No free tuner for ${displayName(service.name)}`, '', WORDS.soon];
    if (!transcoder.ready) return null;
    try {
      const card = await this.#cards.open(service, variant, viewer, lines);
      return {
        ring: card.ring,
        outcome: (join, signal) => visitCard({ card, service, viewer, tuners: this.#tuners, join, logger, signal }),
        release: () => card.release(),
      };
    } catch (error) {
      logger.warn({ err: error, channel: service.id }, 'no card');
      return null;
    }
  }

  close(): void {
    this.#cards.close();
  }

  #lines(service: SourceService, viewer: LeaseViewer): string[] | null {
    const refusal = this.#options.desk.refusalFor({ ...service, name: displayName(service.name) }, [viewer]);
    if (refusal === null) return null;
    const names = this.#playable(service);
    const playable = names.length === 0 ? [] : ['', WORDS.playable, names.join(', ')];
    return [...refusalLines(refusal), '', WORDS.soon, ...playable];
  }

  /** Channels on transponders that are received anyway, by number. */
  #playable(service: SourceService): string[] {
    const { arbiter, channels } = this.#options;
    const tuned = new Set(
      arbiter.state.boxes.flatMap((box) => [...occupancyNow(arbiter.state, box, arbiter.nowMs).transponders]),
    );
    const names: string[] = [];
    for (const channel of channels()) {
      if (channel.radio || channel.id === service.id) continue;
      if (channel.transponder === null || !tuned.has(channel.transponder)) continue;
      if (names.length === MAX_NAMES) return [...names, '…'];
      names.push(`${channel.number} ${displayName(channel.name)}`);
    }
    return names;
  }
}
