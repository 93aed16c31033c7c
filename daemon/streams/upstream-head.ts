/**
 * The answer of Enigma2's stream server: `HTTP/1.0 200 OK`, written before it has tuned, then the bytes of the service,
 * or a second status line in the body when tuning could not be started. Some boxes send no header at all.
 */
import { XgError } from '#shared/errors.ts';
import { u8 } from '#shared/mpegts/bytes.ts';
import { SYNC_BYTE } from '#shared/mpegts/packet.ts';

/** A head longer than this is none. */
export const MAX_HEAD = 8 * 1024;
/** Texts in the body are shorter than a few packets. */
const MAX_ERROR_TEXT = 512;

export type HeadVerdict =
  /** The body begins at `bodyOffset`. */
  | { readonly kind: 'body'; readonly bodyOffset: number }
  | { readonly kind: 'more' }
  | { readonly kind: 'refused'; readonly error: XgError };

/** Judges what has arrived so far. */
export function judgeHead(bytes: Buffer, address: string): HeadVerdict {
  if (bytes.length === 0) return { kind: 'more' };
  if (u8(bytes, 0) === SYNC_BYTE) return { kind: 'body', bodyOffset: 0 };
  const start = bytes.toString('latin1', 0, Math.min(bytes.length, 5));
  if (!'HTTP/'.startsWith(start)) return { kind: 'body', bodyOffset: 0 };
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) {
    return bytes.length < MAX_HEAD
      ? { kind: 'more' }
      : { kind: 'refused', error: badAnswer(address, 'an endless header') };
  }
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(bytes.toString('latin1', 0, 16))?.[1];
  if (status === '200') return { kind: 'body', bodyOffset: end + 4 };
  return { kind: 'refused', error: statusError(Number(status ?? 0), address) };
}

/** Judges the first bytes of the body. `ended`: no more will come. */
export function judgeBody(bytes: Buffer, ended: boolean, address: string): 'stream' | 'more' | XgError {
  if (bytes.length === 0) return ended ? tuneFailed(address) : 'more';
  if (u8(bytes, 0) === SYNC_BYTE) return 'stream';
  const text = bytes.toString('latin1', 0, Math.min(bytes.length, MAX_ERROR_TEXT));
  const printable = /^[\t\r\n\x20-\x7e]*$/.test(text);
  if (!printable) return 'stream'; // not aligned: the packet sync will find its way
  if (!ended && bytes.length < MAX_ERROR_TEXT && !/\r\n\r\n$/.test(text)) return 'more';
  const status = /HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  if (status !== undefined) return statusError(Number(status), address);
  if (/Traceback \(most recent call last\)/.test(text)) {
    return badAnswer(address, 'the traceback of a failure in its own software (restart its graphical interface)');
  }
  return badAnswer(address, `the text "${plainText(text)}"`);
}

/** On one line, without tags. */
function plainText(text: string): string {
  return text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 120);
}

export function tuneFailed(address: string): XgError {
  return new XgError(
    'TUNE_FAILED',
    `${address} closed the stream without a byte: no signal on this channel, no free tuner, or no rights for it`,
    { data: { address } },
  );
}

function badAnswer(address: string, what: string): XgError {
  return new XgError('UPSTREAM_BAD_ANSWER', `${address} sent ${what} where a transport stream was expected`, {
    data: { address },
  });
}

function statusError(status: number, address: string): XgError {
  const data = { address, status };
  if (status === 401 || status === 403) {
    return new XgError('UPSTREAM_AUTH', `${address} wants a login for streams: set XG2G_E2_USER and XG2G_E2_PASS`, {
      data,
    });
  }
  if (status === 409) return new XgError('ENCODER_BUSY', `${address}: the receiver's own encoder is in use`, { data });
  if (status === 400 || status === 503) {
    return new XgError(
      'NO_TUNER',
      `${address} could not tune: all tuners are in use, or the channel is not receivable`,
      {
        data,
      },
    );
  }
  return new XgError('UPSTREAM_BAD_ANSWER', `${address} answered with status ${status}`, { data });
}
