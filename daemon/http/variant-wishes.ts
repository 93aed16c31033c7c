import type { Context } from 'koa';
import { WISH_NAMES } from '../streams/profiles.ts';

/** The parts of a query that choose how a channel is played; the first of several counts. */
export function variantWishes(ctx: Pick<Context, 'query'>): Record<string, string> {
  const wishes: Record<string, string> = {};
  for (const name of WISH_NAMES) {
    const value = [ctx.query[name] ?? []].flat()[0];
    if (value !== undefined) wishes[name] = value;
  }
  return wishes;
}
