import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorMessage, XgError } from '#shared/errors.ts';
import type { Programme } from '../programme.ts';
import type { GradualGuideStore, GuideQuery, PruneOptions, WriteCounts, WriteOptions } from '../store.ts';
import type { GuideDatabase } from './database.ts';
import { type PlanOptions, planWrite, type WritePlan } from './plan.ts';
import { GuideReading, NO_PAGE } from './reading.ts';
import { sourceNumber } from './rows.ts';
import { isBroken, isUnwritable } from './sqlite-errors.ts';
import { GuideWriting } from './writing.ts';

export interface SqliteGuideStoreOptions {
  readonly database: GuideDatabase;
  /** Called when the file turns out to be damaged: sets it aside and opens a new one. Absent in memory. */
  readonly replaceBroken?: (reason: string) => GuideDatabase;
  /** Brings the log into the file, beside us. Absent in memory. */
  readonly checkpoint?: () => Promise<void>;
}

/** Rows written in one transaction: some milliseconds, in which no stream moves. */
const ROWS_PER_TRANSACTION = 48;

/** Then the log has some megabytes. Writers wait until all of it is in the file, so that it begins anew. */
const ROWS_PER_CHECKPOINT = 1_500;

/** The guide in SQLite. Readers hold nothing open between two steps, so a slow one never keeps the log from shrinking. */
export class SqliteGuideStore implements GradualGuideStore {
  readonly #options: SqliteGuideStoreOptions;
  readonly #listeners = new Set<(channels: ReadonlySet<string>) => void>();
  #database: GuideDatabase;
  #reading: GuideReading;
  #writing: GuideWriting;
  /** Writers that go in steps take turns. */
  #lastWriter: Promise<unknown> = Promise.resolve();
  #rowsInLog = 0;

  constructor(options: SqliteGuideStoreOptions) {
    this.#options = options;
    this.#database = options.database;
    this.#writing = new GuideWriting(options.database.connection);
    this.#reading = new GuideReading(options.database.connection, this.#writing.channels);
  }

  get database(): GuideDatabase {
    return this.#database;
  }

  get size(): number {
    return this.#writing.size;
  }

  get revision(): number {
    return this.#writing.revision;
  }

  /** Of this file: the revisions of another one mean something else. */
  get tag(): string {
    return this.#writing.tag;
  }

  *programmes(channelId: string, window?: { fromSeconds: number; toSeconds: number }): Generator<Programme> {
    let fromSeconds = 0;
    for (;;) {
      const page = this.#read(() => this.#reading.page(channelId, fromSeconds, window), NO_PAGE);
      yield* page.programmes;
      if (page.nextSeconds === undefined) return;
      fromSeconds = page.nextSeconds;
    }
  }

  programme(id: number): Programme | null {
    return this.#read(() => this.#reading.programme(id), null);
  }

  search(query: GuideQuery): Programme[] {
    return this.#read(() => this.#reading.search(query), []);
  }

  onChange(listener: (channels: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  replaceChannel(channelId: string, programmes: readonly Programme[]): void {
    runAll(this.#writeSteps(channelId, programmes, { source: 0, wins: true, replace: 'all' }));
  }

  merge(channelId: string, programmes: readonly Programme[], options: WriteOptions = {}): void {
    if (programmes.length === 0) return;
    runAll(this.#writeSteps(channelId, programmes, { ...planOptions(options), replace: 'overlap' }));
  }

  update(channelId: string, programmes: readonly Programme[], options: WriteOptions = {}): Promise<WriteCounts> {
    if (programmes.length === 0) return Promise.resolve({ added: 0, changed: 0, removed: 0 });
    return this.#inTurn(() =>
      runGradually(this.#writeSteps(channelId, programmes, { ...planOptions(options), replace: 'span' })),
    );
  }

  prune(options: PruneOptions): void {
    runAll(this.#pruneSteps(options));
  }

  pruneGradually(options: PruneOptions): Promise<void> {
    return this.#inTurn(() => runGradually(this.#pruneSteps(options)));
  }

  readAtSeconds(channelId: string): number {
    return this.#writing.channels.get(channelId)?.readAt ?? 0;
  }

  markRead(channelId: string, atSeconds: number): void {
    this.#write(() => this.#writing.markRead(channelId, atSeconds));
  }

  /** Goes on with another database: the file can be written again, or was replaced. */
  useDatabase(database: GuideDatabase): void {
    const { lastId, revision } = this.#writing;
    const before = this.#database;
    const channels = new Set(this.#writing.channels.ids());
    this.#database = database;
    this.#writing = new GuideWriting(database.connection);
    if (database.kind !== 'read-only') this.#writing.continueFrom({ lastId, revision: revision + 1 });
    this.#reading = new GuideReading(database.connection, this.#writing.channels);
    if (before.connection.isOpen) before.connection.close();
    for (const id of this.#writing.channels.ids()) channels.add(id);
    this.#announce(channels);
  }

  close(): void {
    this.#database.connection.close();
  }

  /** Steps, each a transaction. */
  *#writeSteps(
    channelId: string,
    programmes: readonly Programme[],
    options: PlanOptions,
  ): Generator<void, WriteCounts> {
    const stored = this.#read(() => this.#reading.stored(channelId), []);
    const plan = planWrite(stored, programmes, options);
    for (const part of inParts(plan, ROWS_PER_TRANSACTION)) {
      this.#write(() => this.#writing.apply(channelId, options.source, part));
      this.#rowsInLog += rowsOf(part);
      this.#announce(new Set([channelId]));
      yield;
    }
    return {
      added: plan.added.length,
      changed: plan.changed.length + plan.moved.length + plan.cut.length,
      removed: plan.removed.length,
    };
  }

  *#pruneSteps(options: PruneOptions): Generator<void, void> {
    for (const channelId of [...this.#writing.channels.ids()]) {
      const gone = !options.channels.has(channelId);
      for (;;) {
        const endedBefore = gone ? Number.MAX_SAFE_INTEGER : options.endedBeforeSeconds;
        const ended = this.#read(() => this.#reading.ended(channelId, endedBefore, ROWS_PER_TRANSACTION), []);
        if (ended.length === 0) break;
        const part = { removed: ended, cut: [], moved: [], changed: [], added: [] };
        this.#write(() => this.#writing.apply(channelId, 0, part));
        this.#rowsInLog += ended.length;
        this.#announce(new Set([channelId]));
        yield;
      }
      if (gone) this.#write(() => this.#writing.forgetChannel(channelId));
    }
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const turn = this.#lastWriter.then(async () => {
      if (this.#rowsInLog >= ROWS_PER_CHECKPOINT) {
        this.#rowsInLog = 0;
        await this.#options.checkpoint?.();
      }
      return work();
    });
    this.#lastWriter = turn.catch(() => undefined); // whoever asked for it is told
    return turn;
  }

  #announce(channels: ReadonlySet<string>): void {
    for (const listener of this.#listeners) listener(channels);
  }

  /** What cannot be read because the file is damaged is not there (any more). */
  #read<Value, Nothing>(read: () => Value, nothing: Nothing): Value | Nothing {
    try {
      return read();
    } catch (error) {
      if (!isBroken(error)) throw error;
      this.replaceBroken(errorMessage(error));
      return nothing;
    }
  }

  /** @throws XgError `GUIDE_NOT_WRITTEN` where the disk is full or read-only: what was there stays. */
  #write(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (isBroken(error)) this.replaceBroken(errorMessage(error));
      this.#writing.reload();
      if (!isBroken(error) && !isUnwritable(error)) throw error;
      throw new XgError('GUIDE_NOT_WRITTEN', `The guide cannot be written: ${errorMessage(error)}`, { cause: error });
    }
  }

  /** Puts the damaged file aside and goes on with an empty guide. */
  replaceBroken(reason: string): void {
    const replace = this.#options.replaceBroken;
    if (replace === undefined) throw new XgError('GUIDE_BROKEN', `The guide in memory is damaged: ${reason}`);
    // First: at its end a connection deletes the log by name, which would be that of the new file.
    this.#database.connection.close();
    this.useDatabase(replace(reason));
  }
}

function planOptions(options: WriteOptions): Pick<PlanOptions, 'source' | 'wins'> {
  const source = options.source ?? 'box';
  return { source: sourceNumber(source), wins: options.wins ?? source === 'box' };
}

function runAll<Value>(steps: Generator<void, Value>): Value {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

async function runGradually<Value>(steps: Generator<void, Value>): Promise<Value> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await nextTurn();
  }
}

/**
 * The plan in transactions of bounded size. Whatever changes times comes first and together, so that a process that is
 * killed in between leaves a schedule without overlaps.
 */
function* inParts(plan: WritePlan, size: number): Generator<WritePlan> {
  const { removed, cut, moved } = plan;
  const rest = [...plan.changed, ...plan.added];
  const isKnown = new Set(plan.changed);
  let at = 0;
  const take = (count: number): Pick<WritePlan, 'changed' | 'added'> => {
    const part = rest.slice(at, at + count);
    at += part.length;
    return { changed: part.filter((one) => isKnown.has(one)), added: part.filter((one) => !isKnown.has(one)) };
  };
  const first = removed.length + cut.length + moved.length;
  if (first > 0) yield { removed, cut, moved, ...take(Math.max(0, size - first)) };
  while (at < rest.length) yield { removed: [], cut: [], moved: [], ...take(size) };
}

function rowsOf({ removed, cut, moved, changed, added }: WritePlan): number {
  return removed.length + cut.length + moved.length + changed.length + added.length;
}
