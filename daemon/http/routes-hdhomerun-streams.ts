import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { errorCode, XgError } from '#shared/errors.ts';
import type { HdhrDevice } from '../hdhomerun/devices.ts';
import { hdhomerunError, hdhomerunStatus } from '../hdhomerun/error-codes.ts';
import { durationMs, profileForTranscode } from '../hdhomerun/transcode-profiles.ts';
import type { ProfileBook } from '../streams/profiles.ts';
import type { AppDeps } from './deps.ts';
import { retryAfterSeconds, writeProblem } from './problem.ts';
import { askedDevice, firstOf, HDHR_PREFIXES } from './routes-hdhomerun.ts';
import { type StreamRouteDeps, serveChannel } from './routes-streams.ts';
import { variantWishes } from './variant-wishes.ts';

export interface HdhomerunStreamDeps extends StreamRouteDeps, Pick<AppDeps, 'hdhomerun' | 'publicUrl'> {
  readonly profiles: Pick<ProfileBook, 'names'>;
}

/** `/auto/v<number>` on any tuner, `/tuner<k>/v<number>` on that one, of each device. */
export function mountHdhomerunStreams(router: Router, deps: HdhomerunStreamDeps): void {
  for (const prefix of HDHR_PREFIXES) {
    router.get(`${prefix}/auto/:virtual`, (ctx) => play(ctx, deps, null));
    router.get(`${prefix}/:tuner/:virtual`, async (ctx, next) => {
      const tuner = /^tuner(\d{1,2})$/.exec(String(ctx.params['tuner']))?.[1];
      if (tuner === undefined) await next();
      else await play(ctx, deps, Number(tuner));
    });
  }
}

/** Answered as everywhere else. */
const NOT_OF_THE_STREAM = new Set(['HDHR_DISABLED', 'HDHR_DEVICE_UNKNOWN', 'HTTP_HOST', 'ECANCELED']);

async function play(ctx: Context, deps: HdhomerunStreamDeps, tuner: number | null): Promise<void> {
  try {
    const { device } = askedDevice(ctx, deps);
    await serve(ctx, deps, device, tuner);
  } catch (error) {
    const code = errorCode(error);
    if (ctx.headerSent || ctx.res.destroyed || !(error instanceof XgError) || NOT_OF_THE_STREAM.has(code)) throw error;
    ctx.set('X-HDHomeRun-Error', hdhomerunError(code));
    writeProblem(ctx, hdhomerunStatus(code), {
      code,
      detail: error.message,
      retryAfterSeconds: retryAfterSeconds(error),
    });
  }
}

async function serve(ctx: Context, deps: HdhomerunStreamDeps, device: HdhrDevice, tuner: number | null): Promise<void> {
  const channel = deps.hdhomerun.channel(device, String(ctx['params']['virtual']));
  const profile = profileForTranscode(firstOf(ctx.query['transcode']), deps.profiles.names);
  const wishes = { ...variantWishes(ctx), ...(profile === null ? {} : { profile }) };
  if (channel === null || ctx.method === 'HEAD') {
    await serveChannel(ctx, deps, channel, { wishes });
    return;
  }
  const use = device.slots.take(tuner, { channel, address: ctx.ip.replace(/^::ffff:/, ''), by: 'stream' });
  use.target = use.address;
  ctx.set('X-HDHomeRun-Resource', `tuner${use.tuner}`);
  let isJoined = false;
  try {
    await serveChannel(ctx, deps, channel, {
      wishes,
      durationMs: durationMs(firstOf(ctx.query['duration'])),
      onJoined: (ring) => {
        isJoined = true;
        use.ring = ring;
        use.rate.bytesPerSecond(ring.end);
      },
      onClose: () => use.release(),
    });
  } finally {
    if (!isJoined) use.release();
    if (!isJoined) ctx.remove('X-HDHomeRun-Resource');
  }
}
