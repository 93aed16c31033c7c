import type { Router } from '@koa/router';
import type { Channel } from '../lineup/channel.ts';
import { streamUrl } from '../playlist/m3u.ts';
import { requestBaseUrl } from './base-url.ts';
import type { AppDeps } from './deps.ts';
import { readiness } from './readiness.ts';

/** Reading only, so without a token. */
export function mountApi(router: Router, deps: AppDeps): void {
  router.get('/api/v1/channels', (ctx) => {
    const baseUrl = requestBaseUrl(ctx, deps.publicUrl);
    ctx.set('Cache-Control', 'no-cache');
    ctx.body = { channels: deps.lineup.channels.map((channel) => channelAnswer(channel, baseUrl)) };
  });
  router.get('/api/v1/receivers/discover', async (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { receivers: (await deps.discover?.()) ?? [] };
  });
  router.get('/api/v1/status', (ctx) => {
    const { state } = deps.lineup;
    ctx.set('Cache-Control', 'no-store');
    ctx.body = {
      version: deps.version,
      uptimeSeconds: Math.round(process.uptime()),
      receiver: deps.receiver === null ? null : { address: deps.receiver.address },
      ...readiness(deps),
      lineup: {
        channels: deps.lineup.channels.length,
        readAt: state.kind === 'ready' ? new Date(state.readAtMs).toISOString() : null,
        origin: state.kind === 'ready' ? (state.origin ?? 'receiver') : null,
        warnings: state.kind === 'ready' ? state.lineup.warnings : [],
      },
      guide: { programmes: deps.guide.size, progress: deps.guide.progress },
    };
  });
}

export function channelAnswer(channel: Channel, baseUrl: string): object {
  return {
    id: channel.id,
    number: channel.number,
    name: channel.name,
    group: channel.group,
    groups: channel.groups,
    radio: channel.radio,
    kind: channel.kind,
    definition: channel.definition,
    provider: channel.provider,
    transponder: channel.transponder,
    url: streamUrl(channel, { baseUrl, query: '' }),
    logo: `${baseUrl}/logos/${channel.id}.png`,
  };
}
