import { errorMessage, XgError } from '#shared/errors.ts';
import type { CardMade, CardMake } from '#shared/ipc/card.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { LeaseViewer } from '../../tuners/state.ts';
import type { ChannelMemory } from '../channel-memory.ts';
import type { KnownPrograms } from '../known-programs.ts';
import type { StreamVariant } from '../profiles.ts';
import type { SourceService } from '../source-stream.ts';
import type { StreamMetrics } from '../stream-metrics.ts';
import type { CardMedia } from './card-muxer.ts';
import { type CardPlan, planCard } from './card-programme.ts';
import { CardStream } from './card-stream.ts';

/** What cards need of the tuners. */
export interface CardTuners {
  /** Why nobody like this viewer would get a tuner for a service, in lines; null where one is to be had. */
  refusalLines(service: SourceService, viewer: LeaseViewer): readonly string[] | null;
  /** Looks at the receivers that have it. */
  look(service: SourceService): Promise<void>;
  /** Calls back after every change until the returned function is called. */
  onChange(listener: () => void): () => void;
}

export interface BusyCardsOptions {
  /** @throws XgError `TRANSCODER_DOWN` and others. */
  readonly make: (wish: CardMake) => Promise<CardMade>;
  readonly tuners: CardTuners;
  readonly known: Pick<KnownPrograms, 'program'>;
  readonly memory: Pick<ChannelMemory, 'get'>;
  readonly metrics: StreamMetrics;
  readonly logger: Logger;
}

/** A viewer's hold on a card. Release it once. */
export interface CardLease {
  readonly ring: CardStream['ring'];
  readonly plan: CardPlan;
  release(): void;
}

interface Card {
  readonly key: string;
  readonly plan: CardPlan;
  readonly stream: CardStream;
  readonly service: SourceService;
  readonly viewer: LeaseViewer;
  holders: number;
  /** Those it shows, or is about to show. */
  words: string;
}

/** So many channels' cards at once; further viewers get the plain refusal. */
const MAX_CARDS = 16;
/** Encoded ones that are kept: 50 KiB each. */
const MAX_KEPT = 24;
/** Tuners change in bursts; people read slowly. */
const CHANGE_MS = 1_000;

/**
 * The cards that are shown: one stream for each channel and format, however many look at it. Their words follow the tuners;
 * each picture is encoded once.
 */
export class BusyCards {
  readonly #options: BusyCardsOptions;
  readonly #cards = new Map<string, Card>();
  readonly #kept = new Map<string, Promise<CardMedia>>();
  #unsubscribe: (() => void) | null = null;
  #changeTimer: NodeJS.Timeout | null = null;

  constructor(options: BusyCardsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#cards.size;
  }

  /**
   * The card of a channel in the form in which this viewer would get the channel.
   *
   * @throws XgError of the transcoder; `CARDS_FULL`.
   */
  async open(
    service: SourceService,
    variant: StreamVariant,
    viewer: LeaseViewer,
    lines: readonly string[],
  ): Promise<CardLease> {
    const { known, memory } = this.#options;
    const format = memory.get(service.id)?.format ?? null;
    const plan = planCard({ service, variant, known: known.program(service.ref), format });
    const key = `${service.id}/${JSON.stringify([plan.make, plan.programme.audioPid])}`;
    let card = this.#cards.get(key);
    if (card === undefined) {
      if (this.#cards.size >= MAX_CARDS) throw new XgError('CARDS_FULL', `${MAX_CARDS} cards are shown already`);
      const media = await this.#media({ ...plan.make, lines: [...lines] });
      // Another viewer may have been faster.
      card = this.#cards.get(key) ?? this.#show({ key, plan, service, viewer, words: lines.join('\n') }, media);
    }
    card.holders++;
    return this.#lease(card);
  }

  close(): void {
    for (const card of [...this.#cards.values()]) this.#drop(card);
  }

  #lease(card: Card): CardLease {
    let isReleased = false;
    return {
      ring: card.stream.ring,
      plan: card.plan,
      release: () => {
        if (isReleased) return;
        isReleased = true;
        card.holders--;
        if (card.holders === 0) this.#drop(card);
      },
    };
  }

  #show(card: Omit<Card, 'stream' | 'holders'>, media: CardMedia): Card {
    const shown: Card = { ...card, stream: new CardStream(card.plan.programme, media), holders: 0 };
    this.#cards.set(card.key, shown);
    this.#unsubscribe ??= this.#options.tuners.onChange(() => {
      this.#changeTimer ??= setTimeout(() => this.#update(), CHANGE_MS);
    });
    this.#options.metrics.busyCards.set(this.#cards.size);
    return shown;
  }

  #drop(card: Card): void {
    if (this.#cards.get(card.key) !== card) return;
    this.#cards.delete(card.key);
    card.stream.close();
    this.#options.metrics.busyCards.set(this.#cards.size);
    if (this.#cards.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    if (this.#changeTimer !== null) clearTimeout(this.#changeTimer);
    this.#changeTimer = null;
  }

  #update(): void {
    this.#changeTimer = null;
    for (const card of this.#cards.values()) {
      const lines = this.#options.tuners.refusalLines(card.service, card.viewer);
      const words = lines?.join('\n');
      if (lines === null || words === undefined || words === card.words) continue;
      card.words = words;
      this.#media({ ...card.plan.make, lines: [...lines] }).then(
        (media) => {
          if (card.words === words) card.stream.change(media);
        },
        (error: unknown) => {
          // The old words stand; the next change tries again.
          this.#options.logger.warn({ channel: card.service.id }, `card not renewed: ${errorMessage(error)}`);
        },
      );
    }
  }

  /** Encoded once for all who ask for the same. */
  #media(wish: CardMake): Promise<CardMedia> {
    const key = JSON.stringify(wish);
    let media = this.#kept.get(key);
    if (media === undefined) {
      const { make, metrics } = this.#options;
      const startedAt = performance.now();
      media = make(wish).then((made) => {
        metrics.busyCardMake.observe((performance.now() - startedAt) / 1000);
        return made;
      });
      media.catch(() => this.#kept.delete(key)); // whoever waits for it hears of it
    }
    this.#kept.delete(key);
    this.#kept.set(key, media);
    const oldest = this.#kept.size > MAX_KEPT ? this.#kept.keys().next().value : undefined;
    if (oldest !== undefined) this.#kept.delete(oldest);
    return media;
  }
}
