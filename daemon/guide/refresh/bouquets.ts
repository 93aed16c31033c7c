import { errorMessage } from '#shared/errors.ts';
import { isFatal } from '../../lineup/bouquet-rows.ts';
import type { Channel, LineupBouquet } from '../../lineup/channel.ts';
import type { EpgEvent } from '../../receiver/model.ts';
import { channelId, parseServiceReference } from '../../receiver/service-reference.ts';
import type { RoundOptions } from './round.ts';

/** A box that takes so long for a bouquet is not spared by being asked for bouquets. */
const MAX_ANSWER_MS = 30_000;
/** A schedule shorter than that may be cut off: the service is asked itself. */
const WHOLE_SECONDS = 12 * 3600;
const WHOLE_EVENTS = 5;

/**
 * Asks for whole bouquets, where the user says that the box's image can do it, and judges it by its answers: some images
 * need half a minute for one, some give now and next only, some fail. The first that does ends it until the next start.
 */
export class BouquetReader {
  #refusal: string | null = null;

  /** Why bouquets are not asked for any more; null while they are. */
  get refusal(): string | null {
    return this.#refusal;
  }

  /** The services that are still to be asked one by one, in their order. `onDone` for each that is not. */
  async read(
    options: RoundOptions,
    due: readonly Channel[],
    request: { readonly bouquets: readonly LineupBouquet[]; readonly minutes: number; readonly onDone: () => void },
  ): Promise<Channel[]> {
    const rest = new Map(due.map((channel) => [channel.id, channel]));
    for (const bouquet of request.bouquets) {
      if (this.#refusal !== null || rest.size === 0) break;
      options.signal?.throwIfAborted();
      const events = await this.#ask(options, bouquet, request.minutes);
      if (events === null) break;
      for (const [id, ofChannel] of byChannel(events)) {
        if (!rest.has(id) || !isWhole(ofChannel)) continue;
        const programmes = ofChannel.flatMap((event) => options.toProgramme(event, id) ?? []);
        await options.store.update(id, programmes, { wins: !options.externalWins(id) });
        options.store.markRead(id, options.nowSeconds());
        options.failures.clear(id);
        rest.delete(id);
        request.onDone();
      }
    }
    return [...rest.values()];
  }

  async #ask(options: RoundOptions, bouquet: LineupBouquet, minutes: number): Promise<readonly EpgEvent[] | null> {
    const startedMs = performance.now();
    try {
      const events = await options.source.epgMulti?.(bouquet.ref, { minutes, signal: options.signal });
      const seconds = (performance.now() - startedMs) / 1_000;
      if (events === undefined) return null;
      if (seconds * 1_000 > MAX_ANSWER_MS) this.#refuse(options, bouquet, `its answer took ${seconds.toFixed(0)} s`);
      return events;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (isFatal(error)) throw error;
      this.#refuse(options, bouquet, errorMessage(error));
      return null;
    }
  }

  #refuse({ logger }: RoundOptions, bouquet: LineupBouquet, reason: string): void {
    this.#refusal = reason;
    logger.warn(
      { bouquet: bouquet.name },
      `The receiver is not good at the guide of whole bouquets: ${reason}. Its services are asked one by one; set guide.bulk to false`,
    );
  }
}

function byChannel(events: readonly EpgEvent[]): ReadonlyMap<string, readonly EpgEvent[]> {
  const found = new Map<string, EpgEvent[]>();
  for (const event of events) {
    const ref = parseServiceReference(event.ref);
    if (ref === null) continue;
    const id = channelId(ref);
    const list = found.get(id);
    if (list === undefined) found.set(id, [event]);
    else list.push(event);
  }
  return found;
}

function isWhole(events: readonly EpgEvent[]): boolean {
  if (events.length < WHOLE_EVENTS) return false;
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const { startSeconds, durationSeconds } of events) {
    first = Math.min(first, startSeconds);
    last = Math.max(last, startSeconds + durationSeconds);
  }
  return last - first >= WHOLE_SECONDS;
}
