import type { z } from 'zod';
import { errorCode, XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import {
  aboutSchema,
  bouquetsSchema,
  commandSchema,
  eventsSchema,
  playableSchema,
  receptionSchema,
  refusalSchema,
  servicesSchema,
  statusInfoSchema,
  timersSchema,
} from './answer-schemas.ts';
import { decodeBody } from './body-text.ts';
import type { BreakerState } from './circuit-breaker.ts';
import { receiverError } from './errors.ts';
import type { FileRange, OpenFile } from './file-stream.ts';
import { imageType } from './image-type.ts';
import type {
  About,
  Bouquet,
  BoxTimer,
  CommandResult,
  EpgEvent,
  MovieFolder,
  Picon,
  Reception,
  ServiceEntry,
  StatusInfo,
  StreamTarget,
} from './model.ts';
import { piconNames } from './picon-names.ts';
import { commandResultSchema, locationsSchema, moviesSchema } from './recording-schemas.ts';
import { parseServiceReference, requestReference } from './service-reference.ts';
import { datagramTarget, directTarget, parseStreamPlaylist, type StreamPlaylistContext } from './stream-playlist.ts';
import { type Lane, ReceiverTransport, type TransportTimeouts } from './transport.ts';
import { isHtml, parseXmlAnswer } from './xml-answers.ts';

export interface ReceiverClientOptions {
  /** The web interface, such as `http://192.168.1.20` or `https://box:443`. */
  readonly baseUrl: string | URL;
  readonly streamPort?: number;
  readonly relayPort?: number;
  readonly user?: string | null;
  readonly pass?: string | null;
  /** False accepts a certificate that the box made itself. */
  readonly tlsVerify?: boolean;
  readonly logger: Logger;
  readonly timeouts?: Partial<TransportTimeouts>;
  readonly maxBodyBytes?: number;
  /** Every request that went out, by what became of it: `ok` or the error's code. */
  readonly onRequest?: (outcome: string) => void;
  readonly onBreaker?: (state: BreakerState) => void;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Also while the circuit breaker is open: for a box that is just being woken. */
  readonly force?: boolean | undefined;
}

export type RecordingCommand = 'timeradd' | 'timeraddbyeventid' | 'timerchange' | 'timerdelete' | 'moviedelete';

const ROOT_BOUQUETS = {
  tv: '1:7:1:0:0:0:0:0:0:0:FROM BOUQUET "bouquets.tv" ORDER BY bouquet',
  radio: '1:7:2:0:0:0:0:0:0:0:FROM BOUQUET "bouquets.radio" ORDER BY bouquet',
} as const;

const MAX_PICON_BYTES = 512 * 1024;

/**
 * A client of one receiver's OpenWebif. Every answer goes through zod; images without the JSON interface are asked in
 * XML. All methods take a signal and throw XgError with a code of `ReceiverErrorCode`.
 */
export class ReceiverClient {
  readonly #transport: ReceiverTransport;
  readonly #options: ReceiverClientOptions;
  readonly #logger: Logger;
  /** Calls that this box answers in XML only: found out by a 404 on the JSON form. */
  readonly #xmlOnly = new Set<string>();

  constructor(options: ReceiverClientOptions) {
    this.#options = options;
    this.#logger = options.logger;
    this.#transport = new ReceiverTransport({
      baseUrl: new URL(options.baseUrl),
      user: options.user ?? null,
      pass: options.pass ?? null,
      tlsVerify: options.tlsVerify ?? true,
      ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
      ...(options.maxBodyBytes === undefined ? {} : { maxBodyBytes: options.maxBodyBytes }),
      onRequest: options.onRequest,
      onBreaker: options.onBreaker,
    });
  }

  /** Scheme, host and port of the web interface, for messages. */
  get address(): string {
    return this.#transport.baseUrl.origin;
  }

  /** Whether the box is asked at all, or left alone because it did not answer. */
  get breaker(): BreakerState {
    return this.#transport.breaker;
  }

  async about(options: CallOptions = {}): Promise<About> {
    return this.#ask('about', {}, aboutSchema, 'interactive', options);
  }

  async statusInfo(options: CallOptions = {}): Promise<StatusInfo> {
    return this.#ask('statusinfo', {}, statusInfoSchema, 'interactive', options);
  }

  /** What the box will record or zap to, and what it does now. */
  async timers(options: CallOptions = {}): Promise<BoxTimer[]> {
    return this.#ask('timerlist', {}, timersSchema, 'interactive', options);
  }

  /**
   * `timeradd`, `timerchange`, `timerdelete`, `timeraddbyeventid` or `moviedelete`. A refusal is an answer like any other:
   * the box's own words say why.
   */
  async recordingCommand(
    name: RecordingCommand,
    query: Readonly<Record<string, string>>,
    options: CallOptions = {},
  ): Promise<CommandResult> {
    return this.#ask(name, { ...query }, commandResultSchema, 'interactive', options);
  }

  /** The recordings of one folder, and what folders it has. Without a folder the box's usual one. */
  async movies(folder: string | null, options: CallOptions = {}): Promise<MovieFolder> {
    return this.#ask('movielist', folder === null ? {} : { dirname: folder }, moviesSchema, 'background', options);
  }

  /** The folders that the box records to. */
  async locations(options: CallOptions = {}): Promise<string[]> {
    return this.#ask('getlocations', {}, locationsSchema, 'background', options);
  }

  /** A recording's bytes as they come from the disk, at the reader's pace. */
  async openFile(path: string, range: FileRange): Promise<OpenFile> {
    return this.#transport.openFile(path, range);
  }

  /** How well the television's service is received. Images without `tunersignal` are asked for `/web/signal`. */
  async reception(options: CallOptions = {}): Promise<Reception> {
    if (!this.#xmlOnly.has('tunersignal')) {
      try {
        return await this.#askAt('/api/tunersignal', {}, receptionSchema, 'interactive', options);
      } catch (error) {
        if (errorCode(error) !== 'RECEIVER_NOT_FOUND') throw error;
      }
    }
    const reception = await this.#askAt('/web/signal', {}, receptionSchema, 'interactive', options);
    this.#xmlOnly.add('tunersignal');
    return reception;
  }

  /** Whether the box thinks it has a tuner for the service now. A hint: it may be wrong a moment later. */
  async servicePlayable(ref: string, options: CallOptions = {}): Promise<boolean> {
    return this.#askAt('/api/serviceplayable', { sRef: ref, sRefPlaying: '' }, playableSchema, 'interactive', options);
  }

  /** Changes the channel of the television itself. Only for a box in standby, and only when its owner wants it so. */
  async zap(ref: string, options: CallOptions = {}): Promise<void> {
    await this.#askAt('/api/zap', { sRef: ref }, commandSchema, 'interactive', options);
  }

  /** Takes the box out of standby: its television comes on. */
  async wakeFromStandby(options: CallOptions = {}): Promise<void> {
    await this.#askAt('/api/powerstate', { newstate: '4' }, commandSchema, 'interactive', options);
  }

  /** The bouquets of the TV or the radio list, in the box's order. */
  async bouquets(list: 'tv' | 'radio', options: CallOptions = {}): Promise<Bouquet[]> {
    if (!this.#xmlOnly.has('bouquets')) {
      const query: Record<string, string> = list === 'radio' ? { stype: 'radio' } : {};
      try {
        return await this.#askAt('/api/bouquets', query, bouquetsSchema, 'background', options);
      } catch (error) {
        if (errorCode(error) !== 'RECEIVER_NOT_FOUND') throw error;
      }
      const bouquets = await this.services(ROOT_BOUQUETS[list], options);
      this.#xmlOnly.add('bouquets');
      return bouquets;
    }
    return this.services(ROOT_BOUQUETS[list], options);
  }

  /** The rows of a bouquet (or of a group of alternatives): services, markers, sub-bouquets. */
  async services(bouquetRef: string, options: CallOptions = {}): Promise<ServiceEntry[]> {
    return this.#ask('getservices', { sRef: bouquetRef }, servicesSchema, 'background', options);
  }

  /** All events that the box has of one service. An empty list is a valid answer. */
  async epgService(ref: string, options: CallOptions = {}): Promise<EpgEvent[]> {
    return this.#ask('epgservice', { sRef: ref }, eventsSchema, 'background', options);
  }

  /** The next minutes of every service of a bouquet. Cheap on good images; others need half a minute and 7 MB for it. */
  async epgMulti(bouquetRef: string, options: CallOptions & { minutes: number }): Promise<EpgEvent[]> {
    return this.#ask(
      'epgmulti',
      { bRef: bouquetRef, endTime: String(options.minutes) },
      eventsSchema,
      'background',
      options,
    );
  }

  /** What runs now and next on every service of a bouquet: one cheap call. */
  async epgNowNext(bouquetRef: string, options: CallOptions = {}): Promise<EpgEvent[]> {
    return this.#ask('epgnownext', { bRef: bouquetRef }, eventsSchema, 'background', options);
  }

  /**
   * Where a service's stream really is: the box decides between stream server, relay and direct URL. A channel that is
   * a URL itself is not asked for. A box without `stream.m3u` gets its stream server's usual address.
   */
  async streamUrl(ref: string, options: CallOptions & { name?: string } = {}): Promise<StreamTarget> {
    const context = this.#streamContext(ref);
    const parsed = parseServiceReference(ref);
    if (parsed?.kind === 'iptv') {
      const target = datagramTarget(parsed.path) ?? parseStreamPlaylist(parsed.path, context);
      if (target !== null) return target;
      // The address itself may hold a password.
      const scheme = parsed.path.slice(0, Math.max(0, parsed.path.indexOf(':')));
      throw new XgError(
        'RECEIVER_BAD_REFERENCE',
        `The channel's address begins with "${scheme}:", but only http, https, udp and rtp can be played`,
      );
    }
    const query = new URLSearchParams({ ref, ...(options.name === undefined ? {} : { name: options.name }) });
    let text: string;
    try {
      text = await this.#getText(`/web/stream.m3u?${query}`, 'interactive', options);
    } catch (error) {
      if (errorCode(error) === 'RECEIVER_NOT_FOUND') return directTarget(context);
      throw error;
    }
    const url = new URL('/web/stream.m3u', this.#transport.baseUrl);
    if (isHtml(text)) throw this.#notOpenWebif(url);
    const target = parseStreamPlaylist(text, context);
    if (target !== null) return target;
    throw this.#badAnswer(url, 'it names no stream URL');
  }

  /** The service on the stream server itself, without asking; null for a channel that is a URL. */
  directStream(ref: string): StreamTarget | null {
    return parseServiceReference(ref)?.kind === 'iptv' ? null : directTarget(this.#streamContext(ref));
  }

  /** The box's logo of a service, or null when it has none under any of its usual names. */
  async picon(ref: string, options: CallOptions & { name?: string } = {}): Promise<Picon | null> {
    const parsed = parseServiceReference(ref);
    if (parsed === null) return null;
    for (const name of piconNames(parsed, options.name ?? '')) {
      try {
        const { body } = await this.#transport.get(`/picon/${name}`, { lane: 'background', ...options });
        const contentType = imageType(body);
        if (contentType !== null && body.length <= MAX_PICON_BYTES) return { contentType, bytes: body };
      } catch (error) {
        if (errorCode(error) !== 'RECEIVER_NOT_FOUND') throw error;
      }
    }
    return null;
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #ask<Schema extends z.ZodType>(
    name: string,
    query: Record<string, string>,
    schema: Schema,
    lane: Lane,
    options: CallOptions,
  ): Promise<z.output<Schema>> {
    if (this.#xmlOnly.has(name)) return this.#askAt(`/web/${name}`, query, schema, lane, options);
    try {
      return await this.#askAt(`/api/${name}`, query, schema, lane, options);
    } catch (error) {
      if (errorCode(error) !== 'RECEIVER_NOT_FOUND') throw error;
    }
    const answer = await this.#askAt(`/web/${name}`, query, schema, lane, options);
    this.#xmlOnly.add(name);
    this.#logger.debug({ receiver: this.address, call: name }, 'no JSON form of this call, asking in XML');
    return answer;
  }

  async #askAt<Schema extends z.ZodType>(
    path: string,
    query: Record<string, string>,
    schema: Schema,
    lane: Lane,
    options: CallOptions,
  ): Promise<z.output<Schema>> {
    const search = new URLSearchParams(query).toString();
    const url = new URL(path, this.#transport.baseUrl);
    let text: string;
    try {
      text = await this.#getText(search === '' ? path : `${path}?${search}`, lane, options);
    } catch (error) {
      if (path.startsWith('/web/') && errorCode(error) === 'RECEIVER_NOT_FOUND') throw this.#notOpenWebif(url);
      throw error;
    }
    const answer = this.#parseAnswer(text, url);
    const refusal = refusalSchema.safeParse(answer);
    const parsed = schema.safeParse(answer);
    // To a command a refusal is an answer, and who gave it reads it.
    const isCommand = (schema as z.ZodType) === commandResultSchema && parsed.success;
    if (
      !isCommand &&
      refusal.success &&
      (refusal.data.exception !== '' || refusal.data.message !== '' || !parsed.success)
    ) {
      const { exception, message } = refusal.data;
      const why = exception === '' ? message : exception;
      throw receiverError(
        'RECEIVER_REFUSED',
        `The receiver at ${url.origin} refused ${url.pathname}: ${why === '' ? 'it gives no reason' : why.slice(0, 500)}`,
        url,
      );
    }
    if (!parsed.success) throw this.#badAnswer(url, 'it lacks what every OpenWebif sends', parsed.error);
    return parsed.data;
  }

  #parseAnswer(text: string, url: URL): unknown {
    const start = text.trimStart();
    if (isHtml(text)) throw this.#notOpenWebif(url);
    if (start.startsWith('<')) {
      const document = parseXmlAnswer(text);
      if (document === null) throw this.#badAnswer(url, 'its XML is cut off or broken');
      return document;
    }
    if (start === '') throw this.#badAnswer(url, 'it is empty');
    try {
      return parseJson(start);
    } catch (error) {
      if (!/^[[{]/.test(start)) throw this.#notOpenWebif(url, error);
      throw this.#badAnswer(url, 'its JSON is cut off or broken', error);
    }
  }

  async #getText(path: string, lane: Lane, options: CallOptions): Promise<string> {
    const { body, contentType } = await this.#transport.get(path, {
      lane,
      signal: options.signal,
      force: options.force,
    });
    return decodeBody(body, contentType);
  }

  #streamContext(ref: string): StreamPlaylistContext {
    const parsed = parseServiceReference(ref);
    return {
      baseUrl: this.#transport.baseUrl,
      streamPort: this.#options.streamPort ?? 8001,
      relayPort: this.#options.relayPort ?? 17999,
      ref: parsed === null ? ref : requestReference(parsed),
      user: this.#options.user ?? null,
      pass: this.#options.pass ?? null,
    };
  }

  #notOpenWebif(url: URL, cause?: unknown): XgError {
    return receiverError(
      'RECEIVER_NOT_OPENWEBIF',
      `What answers at ${url.origin} is not OpenWebif (a web page or plain text instead of data for ${url.pathname}). Check that XG2G_E2_HOST names the receiver and that OpenWebif is installed and enabled on it`,
      url,
      cause,
    );
  }

  #badAnswer(url: URL, what: string, cause?: unknown): XgError {
    return receiverError(
      'RECEIVER_BAD_ANSWER',
      `The answer of the receiver at ${url.origin} to ${url.pathname} cannot be used: ${what}. It will be asked again; if this stays, restart the receiver's web interface or update OpenWebif`,
      url,
      cause,
    );
  }
}

/** Old images put raw control characters into strings, which JSON forbids; between tokens a blank does no harm. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The second attempt throws the error that counts: about the text without control characters.
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is what this expression is for
  return JSON.parse(text.replace(/[\u0000-\u001f]/g, ' '));
}
