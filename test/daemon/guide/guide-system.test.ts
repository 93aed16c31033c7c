import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { GuideSystem } from '#daemon/guide/guide-system.ts';
import { ReceiverClient } from '#daemon/receiver/client.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { createRegistry } from '#shared/observability/metrics.ts';
import { channel } from '../support/channels.ts';
import { startFakeBox } from '../support/fake-box.ts';
import { waitFor } from '../support/wait-for.ts';

const NOW = Math.floor(Date.now() / 1000);
const channels = [1, 2, 3, 4].map((number) => channel(number));
const answer = (title: string) => ({
  result: true,
  events: [{ id: 1, title, begin_timestamp: NOW, duration_sec: 3600, shortdesc: '', longdesc: '', sref: '' }],
});

test('one service with a body of 50 MB, one that never ends and one of rubbish: the rest of the guide is unharmed', async (t) => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'xg2g-guide-system-'));
  const box = await startFakeBox({
    '/api/epgservice': (_request, response, url) => {
      const number = channels.findIndex(({ ref }) => ref === url.searchParams.get('sRef')) + 1;
      if (number === 1) response.end(JSON.stringify(answer('whole')));
      if (number === 2) response.end(Buffer.alloc(50 * 1024 * 1024, 0x20));
      if (number === 3) response.write('{"events": [');
      if (number === 4)
        response.end('{"events": [{"id": {}, "title": ["x"], "begin_timestamp": null}, 7, null], "result"');
    },
  });
  const client = new ReceiverClient({
    baseUrl: box.baseUrl,
    logger: createSilentLogger(),
    timeouts: { bodyIdleMs: 1_000, totalMs: 20_000 },
  });
  const guide = new GuideSystem({
    source: client,
    lineup: { channels, bouquets: [], waitForReady: async () => {}, onChange: () => () => {} },
    settings: () => ({ days: 7, keepDays: 1, language: null, refreshInterval: 3600 }),
    dataFolder,
    logger: createSilentLogger(),
    registry: createRegistry({ processMetrics: false }),
  });
  const stop = new AbortController();
  t.teardown(async () => {
    stop.abort();
    guide.close();
    await client.close();
    await box.close();
    await rm(dataFolder, { recursive: true, force: true });
  });
  guide.start({ signal: stop.signal });
  await waitFor('the end of the round', () => guide.view.status.state === 'filled', 60_000);
  const { status } = guide.view;
  t.deepEqual(
    status.failures.map(({ channel: id, code }) => [id, code]),
    [
      [channel(2).id, 'RECEIVER_TOO_LARGE'],
      [channel(3).id, 'RECEIVER_TIMEOUT'],
      [channel(4).id, 'RECEIVER_BAD_ANSWER'],
    ],
  );
  t.deepEqual(
    [...guide.store.programmes(channel(1).id)].map(({ title }) => title),
    ['whole'],
  );
  t.like(status, {
    programmes: 1,
    channels: 4,
    lastError: null,
    ageSeconds: null,
    storage: { kind: 'file', problem: null },
  });
});
