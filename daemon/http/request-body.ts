import type { Context } from 'koa';
import { XgError } from '#shared/errors.ts';
import type { ErrorStatusTable } from './problem.ts';

export const BODY_ERROR_STATUS: ErrorStatusTable = { BODY_TOO_LARGE: 413, BODY_INVALID: 400, BODY_TYPE: 415 };

/** Orders are short. */
const MAX_BODY_BYTES = 64 * 1024;

/** @throws XgError `BODY_TOO_LARGE`. */
export async function readBody(ctx: Context): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of ctx.req as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_BODY_BYTES) {
      ctx.set('Connection', 'close'); // what else it sends is not read
      throw new XgError('BODY_TOO_LARGE', `The body is longer than ${MAX_BODY_BYTES} bytes`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length);
}

/** @throws XgError `BODY_TYPE`, `BODY_INVALID`, `BODY_TOO_LARGE`. */
export async function readJson(ctx: Context): Promise<unknown> {
  if (ctx.is('json', '+json') === false) {
    throw new XgError('BODY_TYPE', 'The body must be JSON, with Content-Type: application/json');
  }
  const text = (await readBody(ctx)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new XgError('BODY_INVALID', 'The body is no JSON', { cause });
  }
}
