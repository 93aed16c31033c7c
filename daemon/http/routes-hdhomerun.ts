import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { XgError } from '#shared/errors.ts';
import { lineupQuery } from '../hdhomerun/answers.ts';
import { deviceXml } from '../hdhomerun/device-xml.ts';
import type { HdhrDevice } from '../hdhomerun/devices.ts';
import { lineupM3u, lineupXml } from '../hdhomerun/lineup-forms.ts';
import { M3U_CONTENT_TYPE } from '../playlist/m3u.ts';
import { requestBaseUrl } from './base-url.ts';
import type { AppDeps } from './deps.ts';

type HdhomerunDeps = Pick<AppDeps, 'hdhomerun' | 'publicUrl'>;

/** A device as it was asked for: the URLs it gives lead back the same way. */
export interface AskedDevice {
  readonly device: HdhrDevice;
  readonly baseUrl: string;
}

/**
 * The devices' HTTP side: the first one at the root, further ones under `/hdhr/<name>` and at the root of their own ports.
 * The stream addresses are mounted with the streams.
 */
export function mountHdhomerun(router: Router, deps: HdhomerunDeps): void {
  const face = deps.hdhomerun;
  const answer = (path: string, type: string, build: (asked: AskedDevice, ctx: Context) => unknown): void => {
    for (const prefix of HDHR_PREFIXES) {
      router.get(`${prefix}${path}`, async (ctx) => {
        const asked = askedDevice(ctx, deps, deviceParameter(ctx));
        ctx.set('Cache-Control', 'no-cache');
        const body = await build(asked, ctx);
        ctx.set('Content-Type', type);
        ctx.body = typeof body === 'string' ? body : JSON.stringify(body);
      });
    }
  };
  const lineup = ({ device, baseUrl }: AskedDevice, ctx: Context) =>
    face.lineup(device, baseUrl, lineupQuery(firstOf(ctx.query['show'])));

  answer('/discover.json', JSON_TYPE, ({ device, baseUrl }) => face.discover(device, baseUrl));
  answer('/lineup.json', JSON_TYPE, lineup);
  answer('/lineup.xml', XML_TYPE, (asked, ctx) => lineupXml(lineup(asked, ctx)));
  answer('/lineup.m3u', M3U_CONTENT_TYPE, (asked, ctx) => lineupM3u(lineup(asked, ctx)));
  answer('/lineup_status.json', JSON_TYPE, () => face.lineupStatus());
  answer('/status.json', JSON_TYPE, ({ device }) => face.status(device));
  answer('/device.xml', XML_TYPE, ({ device, baseUrl }) => deviceXml(device, baseUrl));
  for (const prefix of HDHR_PREFIXES) {
    router.post(`${prefix}/lineup.post`, (ctx) => {
      const { device } = askedDevice(ctx, deps, deviceParameter(ctx));
      if (ctx.get('sec-fetch-site') === 'cross-site') {
        throw new XgError('HDHR_CROSS_SITE', 'A page of another site may not change anything here');
      }
      const scan = firstOf(ctx.query['scan']);
      const favorite = firstOf(ctx.query['favorite']);
      if (scan === 'start') face.scan.start();
      else if (scan === 'abort') face.scan.abort();
      else if (favorite !== null) face.mark(device, favorite);
      else throw new XgError('HDHR_POST', 'lineup.post takes scan=start, scan=abort or favorite=');
      ctx.status = 200;
      ctx.set('Content-Type', 'text/plain');
      // With its length: Tvheadend waits for the end of an answer that has none.
      ctx.body = '';
    });
  }
}

export const HDHR_PREFIXES = ['', '/hdhr/:device'] as const;

const JSON_TYPE = 'application/json; charset=utf-8';
const XML_TYPE = 'application/xml; charset=utf-8';

/** Null where the path names none. */
export function deviceParameter(ctx: Pick<Context, 'params'>): string | null {
  const slug: unknown = ctx.params['device'];
  return typeof slug === 'string' ? slug : null;
}

/** @throws XgError `HDHR_DISABLED`, `HDHR_DEVICE_UNKNOWN`, `HTTP_HOST`. */
export function askedDevice(ctx: Context, deps: HdhomerunDeps, slug: string | null): AskedDevice {
  const { enabled, devices } = deps.hdhomerun;
  if (!enabled) throw new XgError('HDHR_DISABLED', 'The HDHomeRun face is switched off (XG2G_HDHR_ENABLED)');
  if (slug === null) {
    const device = devices.byPort(ctx.req.socket.localPort);
    // The public URL is that of the main port.
    return { device, baseUrl: requestBaseUrl(ctx, device.port === null ? deps.publicUrl : null) };
  }
  const device = devices.bySlug(slug);
  if (device === null) {
    throw new XgError(
      'HDHR_DEVICE_UNKNOWN',
      `There is no HDHomeRun device "${slug.slice(0, 40)}" in the configuration`,
    );
  }
  return { device, baseUrl: `${requestBaseUrl(ctx, deps.publicUrl)}${device.path}` };
}

/** The first of several values of a query. */
export function firstOf(value: string | string[] | undefined): string | null {
  return [value ?? []].flat()[0] ?? null;
}
