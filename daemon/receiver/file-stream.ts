import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { errorCode, type XgError } from '#shared/errors.ts';
import { cleanLine } from './clean-text.ts';
import { networkError, receiverError, statusError } from './errors.ts';

export interface FileRange {
  readonly startByte: number;
  /** Inclusive; null reads to the end. */
  readonly endByte: number | null;
  readonly signal: AbortSignal;
}

/** A file of the box, or a part of it, while it is being sent. */
export interface OpenFile {
  /** Of the whole file, now: one that is being recorded grows. */
  readonly sizeBytes: number;
  /** 0 from a box that does not know ranges, whatever was asked for. */
  readonly startByte: number;
  /** Inclusive; one less than `startByte` for nothing. */
  readonly endByte: number;
  readonly body: Readable;
}

export interface FileRequest {
  readonly dispatcher: Dispatcher;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly range: FileRange;
  readonly loginSent: boolean;
}

/**
 * `GET /file?file=…` of OpenWebif. Who reads slowly slows the box down; nothing is kept here.
 *
 * @throws XgError `RECEIVER_NO_FILE`, or another `RECEIVER_…`.
 */
export async function requestFile(request: FileRequest): Promise<OpenFile> {
  const { dispatcher, url, range } = request;
  const isPart = range.startByte > 0 || range.endByte !== null;
  const headers = {
    ...request.headers,
    ...(isPart ? { range: `bytes=${range.startByte}-${range.endByte ?? ''}` } : {}),
  };
  let response: Dispatcher.ResponseData;
  try {
    const path = `${url.pathname}${url.search}`;
    response = await dispatcher.request({ method: 'GET', path, headers, signal: range.signal });
  } catch (error) {
    if (range.signal.aborted) throw range.signal.reason;
    throw networkError(error, url, 'request');
  }
  const { statusCode, body } = response;
  // A body that nobody reads any more ends with an error that nobody waits for.
  body.on('error', () => undefined);
  try {
    if (statusCode === 416) return endOfFile(response);
    const text = (name: string): string => [response.headers[name] ?? ''].flat().join(', ');
    const failure = statusError(
      { status: statusCode, body: '', location: text('location') || null, loginSent: request.loginSent },
      url,
    );
    if (errorCode(failure) === 'RECEIVER_NOT_FOUND') throw noFile(url);
    const isText =
      /^text\/(?:plain|html)\b/i.test(text('content-type')) && !(Number(text('content-length')) > MAX_TEXT);
    if (failure === null && statusCode !== 206 && isText) throw refusalInWords(await body.text(), url);
    if (failure !== null) throw failure;
    const open = statusCode === 206 ? contentRange(text('content-range')) : wholeFile(text('content-length'));
    if (open === null) {
      const what = 'it does not say how long the file is. Update OpenWebif on it';
      throw receiverError(
        'RECEIVER_BAD_ANSWER',
        `The answer of the receiver at ${url.origin} to /file cannot be used: ${what}`,
        url,
      );
    }
    return { ...open, body };
  } catch (error) {
    body.destroy();
    throw error;
  }
}

/** OpenWebif says with status 200 in a text that a file is not there. No recording is that short. */
const MAX_TEXT = 4_096;

function noFile(url: URL): XgError {
  return receiverError('RECEIVER_NO_FILE', `The receiver at ${url.origin} does not have that recording any more`, url);
}

function refusalInWords(words: string, url: URL): XgError {
  if (/not found/i.test(words)) return noFile(url);
  const text = `The receiver at ${url.origin} refused ${url.pathname}: ${cleanLine(words).slice(0, 200)}`;
  return receiverError('RECEIVER_REFUSED', text, url);
}

type Extent = Omit<OpenFile, 'body'>;

/** Spec: RFC 9110, 14.4 Content-Range. */
function contentRange(header: string): Extent | null {
  const [, start, end, size] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(header) ?? [];
  const extent = { startByte: Number(start), endByte: Number(end), sizeBytes: Number(size) };
  return size !== undefined && extent.startByte <= extent.endByte && extent.endByte < extent.sizeBytes ? extent : null;
}

function wholeFile(length: string): Extent | null {
  if (!/^\d{1,15}$/.test(length)) return null;
  return { startByte: 0, endByte: Number(length) - 1, sizeBytes: Number(length) };
}

/** Behind the end there is nothing: the reader of a recording that grows asks again later. */
async function endOfFile(response: Dispatcher.ResponseData): Promise<OpenFile> {
  const header = [response.headers['content-range'] ?? ''].flat()[0] ?? '';
  const sizeBytes = Number(/^bytes \*\/(\d{1,15})$/.exec(header)?.[1] ?? 0);
  await response.body.dump();
  return { sizeBytes, startByte: sizeBytes, endByte: sizeBytes - 1, body: Readable.from([]) };
}
