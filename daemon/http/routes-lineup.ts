import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import { XgError } from '#shared/errors.ts';
import type { Channel } from '../lineup/channel.ts';
import type { LineupChange } from '../lineup/lineup-changes.ts';
import type { ChannelOverride, OverridePatch } from '../lineup/rules/channel-overrides.ts';
import { overridePatch } from '../lineup/rules/channel-overrides.ts';
import type { LineupState } from '../lineup/service.ts';
import { groupSlugs } from '../playlist/selection.ts';
import { requestBaseUrl } from './base-url.ts';
import type { ErrorStatusTable } from './problem.ts';
import { BODY_ERROR_STATUS, readJson } from './request-body.ts';
import { channelAnswer } from './routes-api.ts';

/** What these routes need of the lineup. */
export interface EditableLineup {
  readonly state: LineupState;
  readonly channels: readonly Channel[];
  readonly hidden: ReadonlyMap<string, Channel>;
  readonly changes: readonly LineupChange[];
  get(id: string): Channel | null;
  original(id: string): Channel | null;
  overrideOf(id: string): ChannelOverride | null;
  /** Resolves when the change is kept, or known not to be. */
  patch(id: string, patch: OverridePatch): Promise<void>;
  refresh(): Promise<void>;
  /** Why something is in memory only; empty while all is on the disk. */
  readonly problems: readonly string[];
}

export interface LineupRouteDeps {
  readonly lineup: EditableLineup;
  readonly publicUrl: string | null;
}

export const LINEUP_ERROR_STATUS: ErrorStatusTable = {
  ...BODY_ERROR_STATUS,
  CHANNEL_CHANGE: 400,
};

/** The lineup as it is and as it was, and what somebody wants to be different about one channel. The gate wants the token for that. */
export function mountLineup(router: Router, deps: LineupRouteDeps): void {
  const { lineup } = deps;

  router.get('/api/v1/lineup', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = lineupAnswer(lineup, requestBaseUrl(ctx, deps.publicUrl));
  });

  router.get('/api/v1/lineup/changes', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = {
      changes: lineup.changes.map(({ atMs, ...lists }) => ({ at: new Date(atMs).toISOString(), ...lists })),
    };
  });

  router.post('/api/v1/lineup/refresh', async (ctx) => {
    await lineup.refresh();
    ctx.body = lineupAnswer(lineup, requestBaseUrl(ctx, deps.publicUrl));
  });

  router.get('/api/v1/channels/:id', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = answerOf(ctx, channelOf(ctx));
  });

  router.patch('/api/v1/channels/:id', async (ctx) => {
    const { id } = channelOf(ctx);
    const parsed = overridePatch.safeParse(await readJson(ctx));
    if (!parsed.success) {
      throw new XgError(
        'CHANNEL_CHANGE',
        `The change cannot be used: ${z.prettifyError(parsed.error).replace(/\s+/g, ' ').slice(0, 500)}. It may hold name, group and logo (text), number (1 to 99999) and hidden (true, false); null takes one back`,
      );
    }
    await lineup.patch(id, parsed.data);
    ctx.body = answerOf(ctx, channelOf(ctx));
  });

  function channelOf(ctx: Context & { params: Record<string, string | undefined> }): Channel {
    const channel = lineup.get(ctx.params['id'] ?? '');
    if (channel === null) throw new XgError('CHANNEL_UNKNOWN', 'There is no channel of that id');
    return channel;
  }

  function answerOf(ctx: Context, channel: Channel): object {
    const original = lineup.original(channel.id) ?? channel;
    return {
      ...channelAnswer(channel, requestBaseUrl(ctx, deps.publicUrl)),
      hidden: lineup.hidden.has(channel.id),
      heading: channel.heading ?? null,
      box: { name: original.name, number: original.number, group: original.group },
      set: lineup.overrideOf(channel.id) ?? {},
      problems: lineup.problems,
    };
  }
}

function lineupAnswer(lineup: EditableLineup, baseUrl: string): object {
  const { state } = lineup;
  const ready = state.kind === 'ready' ? state : null;
  const failure = state.kind === 'loading' ? null : state.failure;
  return {
    state: state.kind,
    /** `cache`: of the last run, until the receiver answers. */
    origin: ready === null ? null : (ready.origin ?? 'receiver'),
    readAt: ready === null ? null : new Date(ready.readAtMs).toISOString(),
    ageSeconds: ready === null ? null : Math.max(0, Math.round((Date.now() - ready.readAtMs) / 1000)),
    failure: failure === null ? null : { ...failure, atMs: undefined, at: new Date(failure.atMs).toISOString() },
    channels: lineup.channels.length,
    hidden: [...lineup.hidden.values()].map(({ id, name }) => ({ id, name })),
    bouquets: ready?.lineup.bouquets ?? [],
    groups: groupSlugs(lineup.channels).map(({ group, slug, channels }) => ({
      name: group,
      channels,
      playlist: `${baseUrl}/playlist/${slug}.m3u`,
    })),
    warnings: ready?.lineup.warnings ?? [],
    problems: lineup.problems,
  };
}
