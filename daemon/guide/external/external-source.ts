import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorCode, errorMessage } from '#shared/errors.ts';
import type { Channel } from '../../lineup/channel.ts';
import type { Programme } from '../programme.ts';
import { scheduleOf } from './combine.ts';
import { type ExternalProgramme, externalProgramme } from './external-programme.ts';
import { type ChannelMatch, type MappingChoices, matchChannels } from './mapping.ts';
import { type GuideLimits, openGuide, type Validators, withoutLogin } from './open-guide.ts';
import { type ExternalChannel, XmltvReader } from './xmltv-reader.ts';

/** One entry of `guide.external`. */
export interface ExternalSettings {
  readonly url: string | null;
  readonly file: string | null;
  /** Seconds. */
  readonly refresh: number;
  readonly mode: 'fill' | 'replace' | 'enrich';
  /** Channel id or name to the id in the XMLTV file. */
  readonly channels: Readonly<Record<string, string>>;
}

export interface LoadOptions {
  readonly channels: readonly Channel[];
  readonly choices: MappingChoices;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly language: string | null;
  readonly signal: AbortSignal;
  readonly limits?: GuideLimits;
}

export type ExternalState = 'waiting' | 'reading' | 'read' | 'failed';

/** All kept programmes of one source; beyond that a guide is cut, and says so. */
const MAX_KEPT = 500_000;

/** One XMLTV file or URL: what was last read of it, whole or not at all. */
export class ExternalSource {
  readonly settings: ExternalSettings;
  readonly #limits: GuideLimits | undefined;
  #state: ExternalState = 'waiting';
  #error: { readonly code: string; readonly message: string; readonly atMs: number } | null = null;
  #readAtMs: number | null = null;
  #validators: Validators | null = null;
  /** Counts `forget`: what is being read meanwhile was matched as before. */
  #forgotten = 0;
  #matches: readonly ChannelMatch[] = [];
  #schedules: ReadonlyMap<string, readonly Programme[]> = new Map();
  #counts: ReadonlyMap<string, number> = new Map();
  #external: readonly ExternalChannel[] = [];
  #programmes = 0;

  constructor(settings: ExternalSettings, limits?: GuideLimits) {
    this.settings = settings;
    this.#limits = limits;
  }

  /** Its address without a login: in answers, logs and the file of choices. */
  get name(): string {
    return this.settings.url === null ? (this.settings.file ?? '') : withoutLogin(this.settings.url);
  }

  get status() {
    return { state: this.#state, error: this.#error, readAtMs: this.#readAtMs, programmes: this.#programmes };
  }

  get matches(): readonly ChannelMatch[] {
    return this.#matches;
  }

  /** All of the source, for choosing by hand. */
  get channels(): readonly ExternalChannel[] {
    return this.#external;
  }

  /** How many programmes were last read for a channel. */
  count(channelId: string): number {
    return this.#counts.get(channelId) ?? 0;
  }

  /** What is in the store need not be here as well. */
  release(): void {
    this.#schedules = new Map();
  }

  schedule(channelId: string): readonly Programme[] {
    return this.#schedules.get(channelId) ?? [];
  }

  /** The next `load` reads even what has not changed: the mapping did. */
  forget(): void {
    this.#validators = null;
    this.#forgotten++;
  }

  /** True when there is something new. What is wrong with the source is in `status`, and what was read last stays. */
  async load(options: LoadOptions): Promise<boolean> {
    this.#state = 'reading';
    const forgotten = this.#forgotten;
    try {
      const { url, file } = this.settings;
      const guide = await openGuide(url === null ? { file: file ?? '' } : { url }, {
        known: this.#validators,
        signal: options.signal,
        ...(this.#limits === undefined ? {} : { limits: this.#limits }),
      });
      if (guide !== null) {
        await this.#read(guide.text, options);
        if (forgotten === this.#forgotten) this.#validators = guide.validators;
      }
      this.#state = 'read';
      this.#error = null;
      this.#readAtMs = Date.now();
      return guide !== null;
    } catch (error) {
      if (options.signal.aborted) throw error;
      this.#state = 'failed';
      this.#error = { code: errorCode(error), message: errorMessage(error), atMs: Date.now() };
      return false;
    }
  }

  async #read(text: AsyncIterable<string>, options: LoadOptions): Promise<void> {
    const { fromSeconds, toSeconds, language } = options;
    const external = new Map<string, ExternalChannel>();
    const programmes = new Map<string, ExternalProgramme[]>();
    let matches: readonly ChannelMatch[] = [];
    let matched = -1;
    let wanted: ReadonlySet<string> | null = null;
    let kept = 0;
    const reader = new XmltvReader({
      onChannel: (channel) => {
        if (!external.has(channel.id)) external.set(channel.id, channel);
      },
      onProgramme: (element) => {
        // The DTD puts all channels before the first programme.
        if (wanted === null) {
          matches = this.#match([...external.values()], options);
          matched = external.size;
          wanted = wantedIds(matches);
        }
        if (!wanted.has((element.attributes['channel'] ?? '').trim()) || kept >= MAX_KEPT) return;
        const programme = externalProgramme(element, language);
        if (programme === null || programme.startSeconds > toSeconds) return;
        if ((programme.stopSeconds ?? programme.startSeconds + 3600) < fromSeconds) return;
        kept++;
        const list = programmes.get(programme.xmltvId);
        if (list === undefined) programmes.set(programme.xmltvId, [programme]);
        else list.push(programme);
      },
    });
    for await (const piece of text) {
      reader.write(piece);
      await nextTurn(); // streams and clients come first
    }
    reader.close();
    if (matched !== external.size) matches = this.#match([...external.values()], options);
    const schedules = new Map<string, readonly Programme[]>();
    for (const { channelId, xmltvId } of matches) {
      const list = xmltvId === null ? undefined : programmes.get(xmltvId);
      if (list !== undefined) schedules.set(channelId, scheduleOf(list, channelId));
    }
    this.#external = [...external.values()];
    this.#matches = matches;
    this.#schedules = schedules;
    this.#counts = new Map([...schedules].map(([id, schedule]) => [id, schedule.length]));
    this.#programmes = kept;
  }

  #match(external: readonly ExternalChannel[], { channels, choices }: LoadOptions): ChannelMatch[] {
    const configured = Object.entries(this.settings.channels).map(([key, id]): [string, string] => [
      key.toLowerCase(),
      id,
    ]);
    return matchChannels(channels, external, new Map<string, string | null>([...configured, ...choices]));
  }
}

function wantedIds(matches: readonly ChannelMatch[]): ReadonlySet<string> {
  return new Set(matches.flatMap(({ xmltvId }) => xmltvId ?? []));
}
