import test, { type ExecutionContext } from 'ava';
import { NO_DETAILS, type Programme } from '#daemon/guide/programme.ts';
import { MemoryGuideStore } from '#daemon/guide/store.ts';
import type { Channel } from '#daemon/lineup/channel.ts';
import { GuideJournal } from '#daemon/tvheadend/htsp/metadata/guide-journal.ts';
import { createHtspMetrics } from '#daemon/tvheadend/htsp/server/htsp-metrics.ts';
import { HtspServer } from '#daemon/tvheadend/htsp/server/htsp-server.ts';
import type { HtspServices } from '#daemon/tvheadend/htsp/server/services.ts';
import { TvhLineup } from '#daemon/tvheadend/ids.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { createRegistry } from '#shared/observability/metrics.ts';
import { channel } from '#test/daemon/support/channels.ts';
import { type Fields, HtspClient } from '../support/htsp-client.ts';

const NOW = Math.floor(Date.now() / 1000);

function programme(channelId: string, hour: number, title: string): Programme {
  return {
    id: 0,
    eventId: hour,
    channelId,
    title,
    shortDescription: '',
    longDescription: '',
    startSeconds: NOW + hour * 3_600,
    stopSeconds: NOW + (hour + 1) * 3_600,
    genreId: 0x10,
    details: NO_DETAILS,
  };
}

/** A lineup that can be changed, a guide, and a client that follows both. */
async function follow(t: ExecutionContext, wishes: Fields = { epg: 1 }) {
  let channels: readonly Channel[] = [channel(1), channel(2)];
  const listeners = new Set<() => void>();
  const guide = new MemoryGuideStore();
  const [first] = channels;
  guide.replaceChannel(first?.id ?? '', [programme(first?.id ?? '', 0, 'Now'), programme(first?.id ?? '', 1, 'Then')]);
  const lineup = {
    get channels() {
      return channels;
    },
    get: (id: string) => channels.find((one) => one.id === id) ?? null,
    byNumber: () => null,
    onChange: (listener: () => void) => {
      listeners.add(listener);
      listener();
      return () => listeners.delete(listener);
    },
  };
  const services = {
    lineup,
    guide,
    numbers: new TvhLineup(lineup),
    journal: new GuideJournal(guide, () => channels),
    recordings: null,
    access: { allowsAnonymous: () => true, user: () => null },
    settings: { profile: 'pass', timeshiftMinutes: 0 },
    webUrl: () => 'http://127.0.0.1:8080',
    version: '0',
    metrics: createHtspMetrics(createRegistry({ processMetrics: false })),
    logger: createSilentLogger(),
  } as unknown as HtspServices;
  const server = new HtspServer({ services });
  await server.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => server.close());
  const client = await HtspClient.connect(server.address?.port ?? 0);
  t.teardown(() => client.close());
  await client.hello();
  await client.metadata(wishes);
  const told = [...client.messages];
  client.messages.length = 0;
  const change = (next: readonly Channel[]): void => {
    channels = next;
    for (const listener of [...listeners]) listener();
  };
  return { client, guide, told, change, first: first as Channel };
}

test('a programme that changes, comes or goes is told to who follows the guide', async (t) => {
  const { client, guide, told, first } = await follow(t);
  const [now, then] = told.filter(({ method }) => method === 'eventAdd');
  t.like(now, { title: 'Now', nextEventId: then?.['eventId'], contentType: 0x10 });
  guide.replaceChannel(first.id, [programme(first.id, 0, 'Now, but longer'), programme(first.id, 2, 'Later')]);
  t.like(await client.waitForMethod('eventDelete'), { eventId: then?.['eventId'] });
  t.like(await client.waitForMethod('eventUpdate'), { eventId: now?.['eventId'], title: 'Now, but longer' });
  t.like(await client.waitForMethod('eventAdd'), { title: 'Later' });
});

test('channels that are renamed, new or gone are told, with their groups and what the guide knows of them', async (t) => {
  const { client, guide, told, change, first } = await follow(t);
  const number = told.find((message) => message['channelIdStr'] === first.id)?.['channelId'];
  const second = told.find((message) => message['channelName'] === 'Channel 2')?.['channelId'];
  const third = channel(3, { group: 'Films', groups: ['Films'] });
  guide.replaceChannel(third.id, [programme(third.id, 0, 'A film')]);
  change([{ ...first, name: 'Renamed' }, third]);
  t.like(await client.waitForMethod('channelUpdate'), { channelId: number, channelName: 'Renamed' });
  t.like(await client.waitForMethod('channelDelete'), { channelId: second });
  const added = await client.waitForMethod('channelAdd');
  t.is(added['channelIdStr'], third.id);
  t.like(await client.waitFor((message) => message['method'] === 'tagAdd'), {
    tagName: 'Films',
    members: [added['channelId']],
  });
  t.like(await client.waitFor((message) => message['method'] === 'tagUpdate'), { members: [number] });
  await client.waitFor((message) => message['title'] === 'A film' && message['channelId'] === added['channelId']);
});

test('who was here before is told what has changed since, and no more', async (t) => {
  const { told } = await follow(t, { epg: 1, lastUpdate: NOW + 60 });
  t.is(told.filter(({ method }) => method === 'channelAdd').length, 2);
  t.is(told.filter(({ method }) => method === 'eventAdd').length, 0);
});

test('who wants only so much of the guide gets no more, now and later', async (t) => {
  const { client, guide, told, first } = await follow(t, { epg: 1, epgMaxTime: NOW + 1_800 });
  t.deepEqual(
    told.filter(({ method }) => method === 'eventAdd').map(({ title }) => title),
    ['Now'],
  );
  guide.replaceChannel(first.id, [programme(first.id, 0, 'Now'), programme(first.id, 5, 'Much later')]);
  await client.waitForMethod('eventDelete');
  t.is((await client.ask('getSysTime'))['error'], undefined);
  t.false(client.messages.some(({ method }) => method === 'eventAdd'));
});
