import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PassThrough, type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { Agent, type Dispatcher, interceptors, request } from 'undici';
import { errorCode, XgError } from '#shared/errors.ts';

/** By what a server or a folder says whether a guide has changed. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export interface OpenGuide {
  readonly validators: Validators;
  /** UTF-8 (or what the document declares), unpacked, bounded. */
  readonly text: AsyncIterable<string>;
}

export interface GuideLimits {
  /** Of the file as it comes, and unpacked. */
  readonly packedBytes: number;
  readonly bytes: number;
  /** For all of it, milliseconds. */
  readonly totalMs: number;
}

export const GUIDE_LIMITS: GuideLimits = { packedBytes: 256 * 2 ** 20, bytes: 2 ** 30, totalMs: 10 * 60_000 };

const MAX_REDIRECTS = 5;
const CONNECT_MS = 10_000;
const IDLE_MS = 30_000;

/** A login in the address goes to its own host alone, and neither into errors nor logs. */
export function withoutLogin(address: string): string {
  const url = URL.parse(address);
  return url === null ? address : `${url.protocol}//${url.host}${url.pathname}`;
}

/**
 * Opens a guide by URL or path; null when it has not changed since.
 *
 * @throws XgError GUIDE_UNREACHABLE, GUIDE_REFUSED, GUIDE_FILE; reading throws GUIDE_TOO_LARGE, GUIDE_BROKEN, or the
 * signal's reason.
 */
export async function openGuide(
  where: { readonly url: string } | { readonly file: string },
  options: { known: Validators | null; limits?: GuideLimits; signal: AbortSignal },
): Promise<OpenGuide | null> {
  const limits = options.limits ?? GUIDE_LIMITS;
  const opened = 'url' in where ? await openUrl(where.url, options) : await openFile(where.file, options.known);
  if (opened === null) return null;
  return { validators: opened.validators, text: textOf(opened.bytes, limits, options.signal) };
}

interface Opened {
  readonly validators: Validators;
  readonly bytes: Readable;
}

async function openFile(path: string, known: Validators | null): Promise<Opened | null> {
  try {
    const { mtimeMs, size } = await stat(path);
    const etag = `${mtimeMs}-${size}`;
    if (known?.etag === etag) return null;
    return { validators: { etag, lastModified: null }, bytes: createReadStream(path) };
  } catch (error) {
    throw new XgError('GUIDE_FILE', `${path} cannot be read (${errorCode(error)})`, { cause: error });
  }
}

async function openUrl(
  address: string,
  { known, signal }: { known: Validators | null; signal: AbortSignal },
): Promise<Opened | null> {
  const url = new URL(address);
  const headers: Record<string, string> = { accept: '*/*', 'accept-encoding': 'gzip', 'user-agent': 'xg2g' };
  if (known?.etag != null) headers['if-none-match'] = known.etag;
  if (known?.lastModified != null) headers['if-modified-since'] = known.lastModified;
  if (url.username !== '') {
    const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(login).toString('base64')}`;
    url.username = '';
    url.password = '';
  }
  const agent = new Agent({ connect: { timeout: CONNECT_MS }, headersTimeout: IDLE_MS, bodyTimeout: IDLE_MS });
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTS }));
  let answer: Dispatcher.ResponseData;
  try {
    answer = await request(url, { dispatcher, signal, headers });
  } catch (error) {
    void agent.destroy();
    if (signal.aborted) throw signal.reason;
    throw new XgError('GUIDE_UNREACHABLE', `${withoutLogin(address)} cannot be reached (${errorCode(error)})`, {
      cause: error,
    });
  }
  answer.body.once('close', () => void agent.destroy());
  if (answer.statusCode === 200) {
    const value = (name: string): string | null => [answer.headers[name] ?? []].flat()[0] ?? null;
    return { validators: { etag: value('etag'), lastModified: value('last-modified') }, bytes: answer.body };
  }
  answer.body.on('error', () => undefined).destroy();
  if (answer.statusCode === 304 && known !== null) return null;
  throw new XgError('GUIDE_REFUSED', `${withoutLogin(address)} answered with status ${answer.statusCode}`);
}

/** Unpacked by its first bytes, since neither names nor headers tell the truth about that; a gzip may hold a gzip. */
async function* textOf(bytes: Readable, limits: GuideLimits, signal: AbortSignal): AsyncGenerator<string> {
  const total = AbortSignal.any([signal, AbortSignal.timeout(limits.totalMs)]);
  const out = new PassThrough();
  const running = pipeline(bytes, bounded(limits.packedBytes), unpack, unpack, bounded(limits.bytes), out, {
    signal: total,
  }).catch((error: unknown) => {
    out.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  let decoder: TextDecoder | null = null;
  try {
    for await (const chunk of out) {
      const buffer = chunk as Buffer;
      decoder ??= decoderOf(buffer);
      yield decoder.decode(buffer, { stream: true });
    }
    if (decoder !== null) yield decoder.decode();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (total.aborted) throw new XgError('GUIDE_TIMEOUT', `it was not read in ${limits.totalMs / 1000} s`);
    if (error instanceof XgError) throw error;
    throw new XgError('GUIDE_BROKEN', `reading broke off (${errorCode(error)})`, { cause: error });
  } finally {
    bytes.destroy();
    out.destroy();
    await running;
  }
}

function bounded(maxBytes: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > maxBytes)
        done(new XgError('GUIDE_TOO_LARGE', `it is larger than ${Math.round(maxBytes / 2 ** 20)} MiB`));
      else done(null, chunk);
    },
  });
}

const XZ_MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);

async function* unpack(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = source[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  let length = 0;
  while (length < XZ_MAGIC.length) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    head.push(value);
    length += value.length;
  }
  const first = Buffer.concat(head);
  const whole = async function* (): AsyncGenerator<Buffer> {
    if (first.length > 0) yield first;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  };
  if (first.subarray(0, XZ_MAGIC.length).equals(XZ_MAGIC)) {
    throw new XgError('GUIDE_PACKED', 'it is packed with xz, which is not read here: take the .gz, or unpack it');
  }
  if (first[0] === 0x50 && first[1] === 0x4b) {
    throw new XgError('GUIDE_PACKED', 'it is a zip archive, which is not read here: take the .gz, or unpack it');
  }
  if (first[0] !== 0x1f || first[1] !== 0x8b) {
    yield* whole();
    return;
  }
  const gunzip = createGunzip();
  const feeding = pipeline(whole, gunzip).catch(() => undefined); // the reader below sees the error
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } finally {
    gunzip.destroy();
    await feeding;
  }
}

/** Of the XML declaration; UTF-8 where it names none or one nobody knows. */
function decoderOf(head: Buffer): TextDecoder {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le');
  const declared = /^[^>]{0,80}encoding=["']([\w.:-]{1,40})["']/.exec(head.subarray(0, 120).toString('latin1'))?.[1];
  try {
    return new TextDecoder(declared ?? 'utf-8');
  } catch {
    return new TextDecoder('utf-8');
  }
}
