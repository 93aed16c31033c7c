import { Agent, type Dispatcher, interceptors, request } from 'undici';
import { errorCode, XgError } from '#shared/errors.ts';

export interface WebSourceOptions {
  /** Until a TCP connection, and TLS over it, stands. */
  readonly connectMs: number;
  /** From the request to the headers, redirects included in each. */
  readonly headersMs: number;
  /** Between two pieces of a body. */
  readonly idleMs: number;
}

export interface WebAnswer {
  /** Where it came from in the end. */
  readonly url: URL;
  readonly contentType: string;
  readonly body: Dispatcher.ResponseData['body'];
}

const MAX_REDIRECTS = 5;

/**
 * Gets what lies behind the addresses of internet streams: redirects followed, a login in the URL sent as HTTP Basic and
 * to its own host alone. No address is put into an error: only host and port are, the rest may be a secret.
 */
export class WebSource {
  readonly #agent: Agent;
  readonly #dispatcher: Dispatcher;

  constructor({ connectMs, headersMs, idleMs }: WebSourceOptions) {
    this.#agent = new Agent({
      connect: { timeout: connectMs },
      headersTimeout: headersMs,
      bodyTimeout: idleMs,
      connections: 2,
    });
    this.#dispatcher = this.#agent.compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTS }));
  }

  /** @throws XgError UPSTREAM_UNREACHABLE, UPSTREAM_AUTH, UPSTREAM_BAD_ANSWER; the signal's reason. */
  async open(url: URL, signal: AbortSignal, range: ByteRange | null = null): Promise<WebAnswer> {
    const headers: Record<string, string> = { accept: '*/*', 'user-agent': 'xg2g' };
    if (url.username !== '') headers['authorization'] = `Basic ${basic(url)}`;
    if (range !== null) headers['range'] = `bytes=${range.from}-${range.from + range.length - 1}`;
    const bare = new URL(url);
    bare.username = '';
    bare.password = '';
    let answer: Dispatcher.ResponseData;
    try {
      answer = await request(bare, { dispatcher: this.#dispatcher, signal, headers });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw new XgError('UPSTREAM_UNREACHABLE', `${url.host} cannot be reached (${errorCode(error)})`, {
        cause: error,
      });
    }
    const { statusCode, context } = answer;
    if (statusCode !== 200 && statusCode !== 206) {
      answer.body.on('error', () => undefined).destroy(); // whatever it says, it is no stream
      throw statusError(statusCode, url);
    }
    const final = finalUrl(context) ?? bare;
    if (final.host === url.host) {
      final.username = url.username;
      final.password = url.password;
    }
    return { url: final, contentType: String(answer.headers['content-type'] ?? ''), body: answer.body };
  }

  /** A whole body. @throws as `open`, and UPSTREAM_BAD_ANSWER for more than `maxBytes`, UPSTREAM_CLOSED for a torn one. */
  async read(
    url: URL,
    options: { signal: AbortSignal; maxBytes: number; range?: ByteRange | null },
  ): Promise<{ readonly url: URL; readonly bytes: Buffer }> {
    const answer = await this.open(url, options.signal, options.range ?? null);
    const pieces: Buffer[] = [];
    let length = 0;
    try {
      for await (const piece of answer.body as AsyncIterable<Buffer>) {
        length += piece.length;
        if (length > options.maxBytes) break; // leaving the loop destroys the body and its connection
        pieces.push(piece);
      }
    } catch (error) {
      if (options.signal.aborted) throw options.signal.reason;
      throw new XgError('UPSTREAM_CLOSED', `${url.host} broke an answer off (${errorCode(error)})`, { cause: error });
    }
    if (length > options.maxBytes) {
      throw new XgError(
        'UPSTREAM_BAD_ANSWER',
        `${url.host} sent more than ${options.maxBytes} bytes where less is right`,
      );
    }
    return { url: answer.url, bytes: Buffer.concat(pieces, length) };
  }

  close(): void {
    this.#agent.destroy().catch(() => undefined); // what is under way ends with the error of its own call
  }
}

export interface ByteRange {
  readonly from: number;
  readonly length: number;
}

function basic(url: URL): string {
  return Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64');
}

/** undici's redirect interceptor notes the way in `context.history`. */
function finalUrl(context: object | undefined): URL | null {
  const history: unknown = context !== undefined && 'history' in context ? context.history : null;
  const last: unknown = Array.isArray(history) ? history.at(-1) : null;
  return last instanceof URL ? new URL(last) : null;
}

function statusError(status: number, { host }: URL): XgError {
  const data = { host, status };
  if (status === 401 || status === 403) {
    return new XgError(
      'UPSTREAM_AUTH',
      `${host} refuses this stream (status ${status}): login or address has expired`,
      {
        data,
      },
    );
  }
  return new XgError('UPSTREAM_BAD_ANSWER', `${host} answered with status ${status} where a stream was expected`, {
    data,
  });
}
