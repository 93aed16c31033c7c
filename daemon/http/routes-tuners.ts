import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { XgError } from '#shared/errors.ts';
import type { Channel } from '../lineup/channel.ts';
import { displayName } from '../lineup/display-name.ts';
import type { ChannelMemory } from '../streams/channel-memory.ts';
import type { Decider } from '../streams/decision.ts';
import type { Pretuner } from '../streams/pretune/pretuner.ts';
import type { StreamManager } from '../streams/stream-manager.ts';
import type { Arbiter } from '../tuners/arbiter.ts';
import { occupancyNow } from '../tuners/occupancy.ts';
import { leaseClass } from '../tuners/state.ts';
import type { TunerDesk } from '../tuners/tuner-desk.ts';
import { clockTime, collisionText, leaseText, useText } from '../tuners/words.ts';
import type { LineupView } from './deps.ts';
import { variantWishes } from './variant-wishes.ts';

export interface TunerRouteDeps {
  readonly lineup: Pick<LineupView, 'state' | 'get' | 'byNumber' | 'channels'>;
  readonly arbiter: Pick<Arbiter, 'state' | 'nowMs'>;
  readonly desk: Pick<TunerDesk, 'prospect'>;
  readonly decider: Pick<Decider, 'decide'>;
  readonly memory: Pick<ChannelMemory, 'get'>;
  readonly streams: Pick<StreamManager, 'reports'>;
  readonly pretuner: Pick<Pretuner, 'of'>;
}

/** `/api/v1/tuners`: who uses which tuner. `/api/v1/explain/<channel>`: what a request for a channel would get, and why. */
export function mountTuners(router: Router, deps: TunerRouteDeps): void {
  router.get('/api/v1/tuners', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { receivers: receiversAnswer(deps.arbiter), leases: leasesAnswer(deps) };
  });
  router.get('/api/v1/explain/:channel', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = explain(ctx, deps, findChannel(String(ctx.params['channel']), deps.lineup));
  });
}

function receiversAnswer({ state, nowMs }: TunerRouteDeps['arbiter']): object[] {
  return state.boxes.map((box) => ({
    id: box.id,
    name: box.name,
    lost: box.lost,
    standby: box.picture?.standby ?? null,
    seenAt: box.picture === null ? null : new Date(box.picture.atMs).toISOString(),
    tuners: box.picture?.tuners.length ?? null,
    uses: occupancyNow(state, box, nowMs).uses.map((use) => ({ transponder: use.transponder, text: useText(use) })),
    upcoming: (box.picture?.upcoming ?? []).map(({ name, service, beginMs, endMs, zapOnly }) => ({
      name,
      channel: service.id,
      channelName: service.name,
      begin: new Date(beginMs).toISOString(),
      end: new Date(endMs).toISOString(),
      zapOnly,
    })),
  }));
}

function leasesAnswer({ arbiter, streams }: Pick<TunerRouteDeps, 'arbiter' | 'streams'>): object[] {
  const reports = streams.reports();
  return arbiter.state.leases.map((lease) => ({
    channel: lease.service.id,
    name: lease.service.name,
    receiver: lease.box,
    transponder: lease.service.transponder,
    class: leaseClass(lease),
    viewers: lease.viewers.map(({ name, class: viewerClass }) => ({ name, class: viewerClass })),
    since: new Date(lease.sinceMs).toISOString(),
    text: leaseText(lease),
    warning: lease.collision === null ? null : collisionText(lease.collision),
    scrambledSince: isoTime(scrambledSince(reports, lease.service.id)),
  }));
}

/** Since when a channel flows and can't be seen; null while it can. */
function scrambledSince(reports: ReturnType<StreamManager['reports']>, channel: string): number | null {
  return (
    reports.find((report) => report.channel === channel && report.scrambledSinceMs !== null)?.scrambledSinceMs ?? null
  );
}

const isoTime = (unixMs: number | null): string | null => (unixMs === null ? null : new Date(unixMs).toISOString());

/** By id, number or name. @throws XgError `CHANNEL_UNKNOWN`, `LINEUP_NOT_READY`. */
function findChannel(text: string, lineup: TunerRouteDeps['lineup']): Channel {
  if (lineup.state.kind !== 'ready') throw new XgError('LINEUP_NOT_READY', 'There are no channels yet');
  const wanted = text.trim().toLowerCase();
  const found =
    lineup.get(wanted) ??
    (/^\d{1,6}$/.test(wanted) ? lineup.byNumber(Number(wanted)) : null) ??
    lineup.channels.find((channel) => displayName(channel.name).toLowerCase() === wanted) ??
    lineup.channels.find((channel) => displayName(channel.name).toLowerCase().startsWith(wanted));
  if (found !== undefined) return found;
  throw new XgError('CHANNEL_UNKNOWN', `There is no channel "${text.slice(0, 80)}", by id, number or name`);
}

/** `?client=` stands for a User-Agent; without it the request's own counts. */
function explain(ctx: Context, deps: TunerRouteDeps, channel: Channel): object {
  const client = [ctx.query['client'] ?? []].flat()[0] ?? (ctx.get('user-agent') || null);
  const decision = deps.decider.decide(variantWishes(ctx), client, channel.id);
  const prospect = deps.desk.prospect(channel);
  const boxName = (id: string): string => deps.arbiter.state.boxes.find((box) => box.id === id)?.name ?? id;
  const tracks = deps.memory.get(channel.id);
  const streams = deps.streams.reports().filter((report) => report.channel === channel.id);
  const { variant, why } = decision;
  const scrambledAt = scrambledSince(streams, channel.id);
  const kept = deps.pretuner.of(channel.id);
  const words = [
    `${channel.name} is channel ${channel.number} (${channel.id}).`,
    receiverWords(prospect.boxes.map(boxName)),
    prospect.transponder === null
      ? 'It is no broadcast: it needs no tuner.'
      : `Transponder ${prospect.transponder} (namespace:tsid:onid).`,
    prospect.box === null ? `${prospect.text}.` : `Tuner: ${boxName(prospect.box)}, since ${prospect.text}.`,
    ...(prospect.collision === null ? [] : [`It will end: ${prospect.collision}.`]),
    `Profile ${variant.profile}: ${why}.`,
    tracks === null
      ? 'What it carries is not known: it was never watched.'
      : `When last seen it carried ${[...tracks.video, ...tracks.audio].join(', ') || 'nothing'}.`,
    ...(kept === null
      ? []
      : [
          `It is kept ready since ${clockTime(kept.sinceMs)}, as the neighbour of ${kept.neighbourOf}: a zap to it is immediate.`,
        ]),
    ...(scrambledAt === null
      ? []
      : [`It is scrambled since ${clockTime(scrambledAt)}: the receiver no longer decrypts what it sends.`]),
    ...streams.map((stream) => `It runs as ${stream.profile} for ${stream.viewers} (${stream.state}).`),
  ];
  return {
    channel: {
      id: channel.id,
      number: channel.number,
      name: channel.name,
      ref: refAnswer(channel),
      kind: channel.kind,
    },
    receiver: prospect.box === null ? null : { id: prospect.box, name: boxName(prospect.box) },
    receivers: prospect.boxes.map((id) => ({ id, name: boxName(id) })),
    transponder: prospect.transponder,
    tuner: { outcome: prospect.outcome, text: prospect.text, warning: prospect.collision },
    profile: { name: variant.profile, variant: variant.key, transcoded: variant.audio !== null, why },
    tracks: tracks === null ? null : { ...tracks, seenMs: undefined, seenAt: new Date(tracks.seenMs).toISOString() },
    streams,
    keptReady: kept === null ? null : { neighbourOf: kept.neighbourOf, since: isoTime(kept.sinceMs) },
    words,
  };
}

function receiverWords(names: readonly string[]): string {
  const [first, ...others] = names;
  if (first === undefined) return 'No receiver has it.';
  return others.length === 0 ? `${first} has it.` : `${first} has it; ${others.join(', ')} can stand in.`;
}

/** That of an internet stream holds its address, and that may hold a login. */
function refAnswer(channel: Channel): string | null {
  return channel.kind === 'dvb' ? channel.ref : null;
}
