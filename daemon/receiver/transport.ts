import { Pool } from 'undici';
import { errorCode, XgError } from '#shared/errors.ts';
import { type BreakerState, CircuitBreaker } from './circuit-breaker.ts';
import { networkError, receiverError, slowAnswer, statusError } from './errors.ts';
import { type FileRange, type OpenFile, requestFile } from './file-stream.ts';
import { RequestBudget } from './request-budget.ts';

export interface TransportTimeouts {
  readonly connectMs: number;
  readonly headersMs: number;
  /** Between two pieces of a body. */
  readonly bodyIdleMs: number;
  /** The whole request, so that a body that drips does not last for ever. */
  readonly totalMs: number;
}

export const DEFAULT_TIMEOUTS: TransportTimeouts = {
  connectMs: 5_000,
  headersMs: 10_000,
  bodyIdleMs: 10_000,
  totalMs: 60_000,
};

export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** `interactive` is what a viewer waits for; it has a connection of its own and never queues behind the guide. */
export type Lane = 'interactive' | 'background';

export interface RawAnswer {
  readonly contentType: string | null;
  readonly body: Buffer;
}

export interface TransportOptions {
  readonly baseUrl: URL;
  readonly user: string | null;
  readonly pass: string | null;
  readonly tlsVerify: boolean;
  readonly timeouts?: Partial<TransportTimeouts>;
  readonly maxBodyBytes?: number;
  /** Every request that went out, by what became of it: `ok` or the error's code. */
  readonly onRequest?: ((outcome: string) => void) | undefined;
  readonly onBreaker?: ((state: BreakerState) => void) | undefined;
}

export interface GetOptions {
  readonly lane: Lane;
  readonly signal?: AbortSignal | undefined;
  /** Also while the circuit breaker is open. */
  readonly force?: boolean | undefined;
}

/** Failures that say that the box is gone or cannot cope, and not that a request or a setting is wrong. */
const BREAKING = new Set(['RECEIVER_UNREACHABLE', 'RECEIVER_TIMEOUT', 'RECEIVER_BUSY']);
const BREAKER = { failures: 5, openMs: 1_000, maxOpenMs: 30_000 };

/** Recordings that are read at once: each is a seek of the box's disk, which records at the same time. */
const MAX_FILES = 4;
/** A disk that sleeps takes its time. */
const FILE_HEADERS_MS = 30_000;

/**
 * HTTP to one receiver: two kept connections (one per lane), a request budget, a circuit breaker, bounded bodies, HTTP
 * Basic, and the box's session cookie, because it checks a login with crypt on a slow CPU.
 */
export class ReceiverTransport {
  readonly baseUrl: URL;
  readonly #lanes: Readonly<Record<Lane, Pool>>;
  readonly #budget = new RequestBudget({ perSecond: 10, burst: 20 });
  readonly #breaker: CircuitBreaker;
  readonly #onRequest: (outcome: string) => void;
  readonly #authorization: string | null;
  readonly #timeouts: TransportTimeouts;
  readonly #maxBodyBytes: number;
  readonly #files: Pool;
  #openFiles = 0;
  #sessionCookie: string | null = null;

  constructor(options: TransportOptions) {
    this.baseUrl = options.baseUrl;
    this.#timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
    this.#maxBodyBytes = options.maxBodyBytes ?? MAX_BODY_BYTES;
    this.#authorization =
      options.user === null
        ? null
        : `Basic ${Buffer.from(`${options.user}:${options.pass ?? ''}`, 'utf8').toString('base64')}`;
    const { onBreaker } = options;
    this.#breaker = new CircuitBreaker({ ...BREAKER, ...(onBreaker === undefined ? {} : { onChange: onBreaker }) });
    this.#onRequest = options.onRequest ?? (() => undefined);
    const createLane = (): Pool =>
      new Pool(options.baseUrl.origin, {
        connections: 1,
        pipelining: 1,
        connect: { timeout: this.#timeouts.connectMs, rejectUnauthorized: options.tlsVerify },
        headersTimeout: this.#timeouts.headersMs,
        bodyTimeout: this.#timeouts.bodyIdleMs,
        keepAliveTimeout: 30_000,
      });
    this.#lanes = { interactive: createLane(), background: createLane() };
    this.#files = new Pool(options.baseUrl.origin, {
      connections: MAX_FILES,
      pipelining: 1,
      connect: { timeout: this.#timeouts.connectMs, rejectUnauthorized: options.tlsVerify },
      headersTimeout: FILE_HEADERS_MS,
      bodyTimeout: this.#timeouts.bodyIdleMs,
    });
  }

  get breaker(): BreakerState {
    return this.#breaker.state;
  }

  /**
   * One GET. `path` is absolute on the receiver and already encoded. While the circuit breaker is open the failure that
   * opened it is thrown at once.
   *
   * @throws XgError of `ReceiverErrorCode`; the signal's reason when the caller aborts.
   */
  async get(path: string, options: GetOptions): Promise<RawAnswer> {
    options.signal?.throwIfAborted();
    const pass = this.#breaker.enter({ force: options.force === true });
    try {
      const answer = await this.#getInBudget(path, options);
      pass.succeed();
      this.#onRequest('ok');
      return answer;
    } catch (error) {
      if (options.signal?.aborted === true || !(error instanceof XgError)) pass.forget();
      else if (BREAKING.has(error.code)) pass.fail(error);
      else if (error.code === 'RECEIVER_BUDGET') pass.forget();
      else pass.succeed(); // it answers
      this.#onRequest(options.signal?.aborted === true ? 'aborted' : errorCode(error));
      throw error;
    }
  }

  async #getInBudget(path: string, options: GetOptions): Promise<RawAnswer> {
    await this.#budget.take({ urgent: options.lane === 'interactive', signal: options.signal });
    const deadline = AbortSignal.timeout(this.#timeouts.totalMs);
    const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
    const url = new URL(path, this.baseUrl);
    try {
      return await this.#getOnce(url, options.lane, signal);
    } catch (error) {
      if (options.signal?.aborted === true) throw options.signal.reason;
      if (deadline.aborted) throw slowAnswer(url, error);
      throw error;
    }
  }

  /**
   * A file of the box on a connection of its own, for as long as its reader likes.
   *
   * @throws XgError of `ReceiverErrorCode`; the signal's reason when the caller aborts.
   */
  async openFile(path: string, range: FileRange): Promise<OpenFile> {
    range.signal.throwIfAborted();
    const url = new URL(`/file?file=${encodeURIComponent(path)}`, this.baseUrl);
    if (this.#openFiles >= MAX_FILES) {
      const text = `${MAX_FILES} recordings of the receiver at ${url.origin} are being read already`;
      throw receiverError('RECEIVER_BUSY', text, url);
    }
    const pass = this.#breaker.enter({ force: false });
    this.#openFiles++;
    const closed = (): void => void this.#openFiles--;
    try {
      await this.#budget.take({ urgent: true, signal: range.signal });
      const file = await requestFile({
        dispatcher: this.#files,
        url,
        headers: this.#headers(),
        range,
        loginSent: this.#authorization !== null,
      });
      file.body.once('close', closed);
      pass.succeed();
      this.#onRequest('ok');
      return file;
    } catch (error) {
      closed();
      if (error instanceof XgError && BREAKING.has(error.code)) pass.fail(error);
      else pass.forget();
      this.#onRequest(range.signal.aborted ? 'aborted' : errorCode(error));
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...Object.values(this.#lanes), this.#files].map((pool) => pool.destroy()));
  }

  #headers(): Record<string, string> {
    const headers: Record<string, string> = { accept: '*/*', 'user-agent': 'xg2g' };
    if (this.#authorization !== null) headers['authorization'] = this.#authorization;
    if (this.#sessionCookie !== null) headers['cookie'] = this.#sessionCookie;
    return headers;
  }

  async #getOnce(url: URL, lane: Lane, signal: AbortSignal): Promise<RawAnswer> {
    const response = await this.#request(url, lane, signal);
    const { statusCode, headers } = response;
    this.#keepSessionCookie(headers['set-cookie']);
    const body = await this.#readBody(response.body, url);
    if (statusCode === 401) this.#sessionCookie = null;
    const failure = statusError(
      {
        status: statusCode,
        body: body.subarray(0, 4096).toString('utf8'),
        location: headerText(headers['location']),
        loginSent: this.#authorization !== null,
      },
      url,
    );
    if (failure !== null) throw failure;
    return { contentType: headerText(headers['content-type']), body };
  }

  /** A kept connection may have been closed by the box just now: one more try on a fresh one, before any answer. */
  async #request(url: URL, lane: Lane, signal: AbortSignal): Promise<Awaited<ReturnType<Pool['request']>>> {
    const path = `${url.pathname}${url.search}`;
    const options = { method: 'GET', path, headers: this.#headers(), signal } as const;
    try {
      return await this.#lanes[lane].request(options);
    } catch (error) {
      if (signal.aborted || !['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(errorCode(error))) {
        throw networkError(error, url, 'request');
      }
    }
    try {
      return await this.#lanes[lane].request(options);
    } catch (error) {
      throw networkError(error, url, 'request');
    }
  }

  async #readBody(body: AsyncIterable<Buffer> & { destroy(): unknown }, url: URL): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let length = 0;
    try {
      for await (const piece of body) {
        length += piece.length;
        if (length > this.#maxBodyBytes) break; // leaving the loop destroys the body and its connection
        pieces.push(piece);
      }
    } catch (error) {
      throw networkError(error, url, 'body');
    }
    if (length > this.#maxBodyBytes) {
      throw receiverError(
        'RECEIVER_TOO_LARGE',
        `The receiver at ${url.origin} sent more than ${this.#maxBodyBytes} bytes for ${url.pathname}, which no OpenWebif does. Check that XG2G_E2_HOST names the receiver`,
        url,
      );
    }
    return Buffer.concat(pieces, length);
  }

  #keepSessionCookie(header: string | string[] | undefined): void {
    for (const line of header === undefined ? [] : [header].flat()) {
      const pair = line.split(';', 1)[0]?.trim() ?? '';
      if (/^TWISTED_SESSION[\w]*=[\x21-\x7e]{1,256}$/.test(pair)) this.#sessionCookie = pair;
    }
  }
}

function headerText(value: string | string[] | undefined): string | null {
  return value === undefined ? null : [value].flat().join(', ');
}
