import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { errorCode, XgError } from '#shared/errors.ts';
import type { HdhrDevice } from '../hdhomerun/devices.ts';
import { hdhomerunError, hdhomerunStatus } from '../hdhomerun/error-codes.ts';
import { durationMs, profileForTranscode } from '../hdhomerun/transcode-profiles.ts';
import type { ProfileBook } from '../streams/profiles.ts';
import type { AppDeps } from './deps.ts';
import { HTTP_ERROR_STATUS, retryAfterSeconds, writeProblem } from './problem.ts';
import { askedDevice, deviceParameter, firstOf, HDHR_PREFIXES } from './routes-hdhomerun.ts';
import { STREAM_ERROR_STATUS, type StreamRouteDeps, serveChannel } from './routes-streams.ts';
import { variantWishes } from './variant-wishes.ts';

export interface HdhomerunStreamDeps extends StreamRouteDeps, Pick<AppDeps, 'hdhomerun' | 'publicUrl'> {
  readonly profiles: Pick<ProfileBook, 'names'>;
}

/** What a path asks for. */
interface AskedStream {
  readonly device: string | null;
  /** Null: any. */
  readonly tuner: number | null;
  readonly virtual: string;
}

/** `/auto/v<number>` on any tuner, `/tuner<k>/v<number>` on that one, of each device. */
export function mountHdhomerunStreams(router: Router, deps: HdhomerunStreamDeps): void {
  for (const prefix of HDHR_PREFIXES) {
    router.get(`${prefix}/auto/:virtual`, (ctx) => {
      const virtual = String(ctx.params['virtual']);
      return play(ctx, deps, { device: deviceParameter(ctx), tuner: null, virtual });
    });
    router.get(`${prefix}/tuner:tuner/:virtual`, async (ctx, next) => {
      const { tuner, virtual } = ctx.params;
      if (!/^\d{1,2}$/.test(String(tuner))) return next();
      return play(ctx, deps, { device: deviceParameter(ctx), tuner: Number(tuner), virtual: String(virtual) });
    });
  }
}

/** Answered as everywhere else. */
const NOT_OF_THE_STREAM = new Set(['HDHR_DISABLED', 'HDHR_DEVICE_UNKNOWN', 'HTTP_HOST', 'ECANCELED']);

/** Whose messages a client may see. */
const SHOWN = new Set([
  ...Object.keys(STREAM_ERROR_STATUS),
  ...Object.keys(HTTP_ERROR_STATUS),
  'HDHR_TUNER_UNKNOWN',
  'HDHR_TUNER_IN_USE',
  'HDHR_TUNERS_IN_USE',
]);

async function play(ctx: Context, deps: HdhomerunStreamDeps, asked: AskedStream): Promise<void> {
  try {
    const { device } = askedDevice(ctx, deps, asked.device);
    await serve(ctx, deps, device, asked);
  } catch (error) {
    const code = errorCode(error);
    if (ctx.headerSent || ctx.res.destroyed || NOT_OF_THE_STREAM.has(code)) throw error;
    ctx.set('X-HDHomeRun-Error', hdhomerunError(code));
    if (!(error instanceof XgError) || !SHOWN.has(code)) throw error;
    writeProblem(ctx, hdhomerunStatus(code), {
      code,
      detail: error.message,
      retryAfterSeconds: retryAfterSeconds(error),
    });
  }
}

async function serve(
  ctx: Context,
  deps: HdhomerunStreamDeps,
  device: HdhrDevice,
  { tuner, virtual }: AskedStream,
): Promise<void> {
  const channel = deps.hdhomerun.channel(device, virtual);
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
      isDevice: true,
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
