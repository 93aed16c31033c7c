import type { Programme } from '../../../guide/programme.ts';
import type { Session } from '../server/session.ts';
import type { HtsMap } from '../wire/message.ts';
import { Catalogue } from './catalogue.ts';
import { DvrFeed } from './dvr-feed.ts';
import type { GuideChange } from './guide-journal.ts';

export interface FeedWishes {
  readonly epg: boolean;
  /** Unix seconds up to which programmes are wanted; null for all. A client that asks for some days wants them later, too. */
  readonly epgMaxTime: number | null;
  /** Unix seconds: what has not changed since is known to the client. */
  readonly lastUpdate: number | null;
}

/** The window of the guide moves on in steps. */
const WINDOW_MS = 10 * 60_000;
/** Changes of the lineup are told together. */
const SETTLE_MS = 250;

/**
 * Tells one client of all channels, groups, recordings and programmes, in the order that clients rely on, and then of
 * every change for as long as it is there. A slow client takes it at its own pace.
 */
export class MetadataFeed {
  readonly #session: Session;
  readonly #wishes: FeedWishes;
  readonly #catalogue: Catalogue;
  readonly #dvr: DvrFeed;
  readonly #stop: (() => void)[] = [];
  /** What the client was told, by number, as text: only what differs is told again. */
  readonly #channels = new Map<number, string>();
  readonly #tags = new Map<number, string>();
  readonly #aheadSeconds: number | null;
  /** Programmes that begin before it have been told. */
  #toldUpTo = 0;
  /** Whose programmes were told in the first round. */
  readonly #eventChannels = new Set<string>();
  /** Channels that were told, but not their programmes yet. */
  readonly #fresh = new Set<string>();
  #settle: NodeJS.Timeout | null = null;
  #state: 'syncing' | 'following' | 'closed' = 'syncing';
  /** Changed while the first round was on its way. */
  #isStale = false;

  constructor(session: Session, wishes: FeedWishes) {
    this.#session = session;
    this.#wishes = wishes;
    this.#catalogue = new Catalogue(session.services);
    this.#dvr = new DvrFeed(session, this.#catalogue);
    this.#aheadSeconds = wishes.epgMaxTime === null ? null : Math.max(0, wishes.epgMaxTime - nowSeconds());
  }

  /** Begins, right after the answer to the request. */
  start(): void {
    const { services } = this.#session;
    let isFirst = true;
    this.#stop.push(
      services.lineup.onChange(() => {
        if (!isFirst) this.#onLineup();
      }),
    );
    isFirst = false;
    if (this.#wishes.epg) this.#stop.push(services.journal.listen((change) => this.#onGuide(change)));
    void this.#sync();
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#dvr.close();
    if (this.#settle !== null) clearTimeout(this.#settle);
    for (const stop of this.#stop) stop();
  }

  async #sync(): Promise<void> {
    this.#tellTags(false);
    if (!(await this.#tellChannels())) return;
    this.#tellTags(true);
    await this.#dvr.start();
    if (this.#isClosed) return;
    if (this.#wishes.epg && !(await this.#tellEvents())) return;
    this.#session.send('initialSyncCompleted', {});
    this.#state = 'following';
    if (this.#isStale) this.#onLineup();
    if (this.#wishes.epg && this.#aheadSeconds !== null) {
      const timer = setInterval(() => void this.#moveWindow(), WINDOW_MS);
      timer.unref();
      this.#stop.push(() => clearInterval(timer));
    }
  }

  /** In the first round without members: channels come after the groups they name. */
  #tellTags(withMembers: boolean): void {
    const gone = new Set(this.#tags.keys());
    for (const [index, { name, members }] of this.#catalogue.tags().entries()) {
      const number = this.#catalogue.tagNumber(name);
      const fields = this.#catalogue.tag(name, index, withMembers ? members : null);
      gone.delete(number);
      this.#tell('tag', this.#tags, number, fields);
    }
    for (const tagId of gone) {
      this.#tags.delete(tagId);
      this.#session.send('tagDelete', { tagId });
    }
  }

  /** False when the client left meanwhile. */
  async #tellChannels(): Promise<boolean> {
    const view = { webUrl: this.#session.services.webUrl(this.#session.connection.localAddress) };
    const gone = new Set(this.#channels.keys());
    for (const channel of this.#session.services.lineup.channels) {
      const number = this.#catalogue.channelNumber(channel.id);
      gone.delete(number);
      if (!this.#channels.has(number)) this.#fresh.add(channel.id);
      this.#tell('channel', this.#channels, number, this.#catalogue.channel(channel, view));
      await this.#session.connection.ready();
      if (this.#isClosed) return false;
    }
    for (const channelId of gone) {
      this.#channels.delete(channelId);
      this.#session.send('channelDelete', { channelId });
    }
    return true;
  }

  #tell(what: 'tag' | 'channel', told: Map<number, string>, number: number, fields: HtsMap): void {
    // What runs now changes all the time; clients see it in the programmes.
    const text = JSON.stringify({ ...fields, eventId: 0, nextEventId: 0 });
    const before = told.get(number);
    if (before === text) return;
    told.set(number, text);
    this.#session.send(before === undefined ? `${what}Add` : `${what}Update`, fields);
  }

  async #tellEvents(): Promise<boolean> {
    const { lineup, guide, journal } = this.#session.services;
    const from = nowSeconds();
    const to = this.#aheadSeconds === null ? Number.MAX_SAFE_INTEGER : from + this.#aheadSeconds;
    const since = this.#wishes.lastUpdate ?? Number.NEGATIVE_INFINITY;
    this.#toldUpTo = to;
    this.#fresh.clear();
    for (const { id } of lineup.channels) {
      this.#eventChannels.add(id);
      if (journal.changedAt(id) < since) continue;
      if (!(await this.#tellList('eventAdd', guide.programmes(id, { fromSeconds: from, toSeconds: to })))) return false;
    }
    return true;
  }

  /** What has come into the client's window since. */
  async #moveWindow(): Promise<void> {
    const { lineup, guide } = this.#session.services;
    const from = this.#toldUpTo;
    const to = nowSeconds() + (this.#aheadSeconds ?? 0);
    if (to <= from) return;
    this.#toldUpTo = to;
    for (const { id } of lineup.channels) {
      const fresh = take(guide.programmes(id, { fromSeconds: from, toSeconds: to }), from);
      if (!(await this.#tellList('eventAdd', fresh))) return;
    }
  }

  async #tellList(method: 'eventAdd' | 'eventUpdate', programmes: Iterable<Programme>): Promise<boolean> {
    let before: Programme | null = null;
    for (const programme of programmes) {
      if (before !== null) this.#session.send(method, this.#catalogue.event(before, programme.id));
      before = programme;
      await this.#session.connection.ready();
      if (this.#isClosed) return false;
    }
    if (before !== null) this.#session.send(method, this.#catalogue.event(before, this.#catalogue.nextOf(before)));
    return true;
  }

  #onLineup(): void {
    if (this.#state === 'syncing') {
      this.#isStale = true;
      return;
    }
    this.#settle ??= setTimeout(async () => {
      this.#settle = null;
      this.#tellTags(true);
      if (!(await this.#tellChannels())) return;
      this.#tellTags(true);
      if (this.#wishes.epg) await this.#tellFreshEvents();
    }, SETTLE_MS);
  }

  /** The guide may have known a channel before the lineup had it. */
  async #tellFreshEvents(): Promise<void> {
    const window = { fromSeconds: nowSeconds(), toSeconds: this.#toldUpTo };
    for (const id of [...this.#fresh]) {
      this.#fresh.delete(id);
      if (!(await this.#tellList('eventAdd', this.#session.services.guide.programmes(id, window)))) return;
    }
  }

  #onGuide({ channelId, added, updated, deletedIds }: GuideChange): void {
    // In the first round its programmes are told as they are when its turn comes.
    if (this.#state !== 'following' && !this.#eventChannels.has(channelId)) return;
    for (const eventId of deletedIds) this.#session.send('eventDelete', { eventId });
    const isWanted = ({ startSeconds }: Programme): boolean => this.#toldUpTo === 0 || startSeconds < this.#toldUpTo;
    for (const [method, list] of [
      ['eventAdd', added],
      ['eventUpdate', updated],
    ] as const) {
      for (const programme of list.filter(isWanted)) {
        this.#session.send(method, this.#catalogue.event(programme, this.#catalogue.nextOf(programme)));
      }
    }
  }

  get #isClosed(): boolean {
    return this.#state === 'closed';
  }
}

function* take(programmes: Iterable<Programme>, startsFrom: number): Generator<Programme> {
  for (const programme of programmes) if (programme.startSeconds >= startsFrom) yield programme;
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
