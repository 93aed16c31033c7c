import test from 'ava';
import { ReceiverClient } from '#daemon/receiver/client.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { DEMO_PARTS, Lineup, playableOnly } from './lineup/lineup.ts';
import { SERVICES } from './lineup/services.ts';
import { withSynthetic } from './lineup/synthetic.ts';
import { startBox } from './support/box.ts';
import { RawReader } from './support/raw-reader.ts';

test('a thousand made-up services have their own references, eight a transponder, in bouquets of a hundred', (t) => {
  const { services, bouquets } = withSynthetic(DEMO_PARTS, 1_000);
  t.is(services.length, SERVICES.length + 1_000);
  t.is(new Set(services.map((service) => service.ref)).size, services.length);
  const made = services.slice(SERVICES.length);
  const perTransponder = Map.groupBy(made, (service) => service.transponder.key);
  t.true([...perTransponder.values()].every((group) => group.length === 8));
  t.is(bouquets.length, DEMO_PARTS.bouquets.length + 9 + 1);
  t.is(bouquets.flatMap((bouquet) => bouquet.rows).filter((row) => row.kind === 'service').length > 1_000, true);
});

test("the daemon's client reads a thousand services and the guide of one, and the demo's still play", async (t) => {
  const box = await startBox(t, { syntheticServices: 1_000 });
  const client = new ReceiverClient({
    baseUrl: `http://127.0.0.1:${box.httpPort}`,
    streamPort: box.streamPort,
    relayPort: box.relayPort,
    logger: createSilentLogger(),
    timeouts: {},
  });
  t.teardown(() => client.close());
  const [, , synthetic] = await client.bouquets('tv');
  const services = await client.services(synthetic?.ref ?? '');
  t.is(services.length, 100);
  const events = await client.epgService(services[7]?.ref ?? '');
  t.true(events.length > 100);
  const reader = await RawReader.get(t, box.streamPort, `/${SERVICES[0]?.ref}`);
  await reader.waitForLength(10_000);
  const silent = await RawReader.get(t, box.streamPort, `/${services[0]?.ref}`);
  await reader.waitForLength(300_000);
  t.is(silent.body.length, 0, 'no picture is behind a made-up service');
});

test('a lineup of what plays alone has neither markers, groups nor scrambled services', (t) => {
  const rows = new Lineup(playableOnly(DEMO_PARTS)).bouquets.flatMap((bouquet) => bouquet.rows);
  t.true(rows.length > 5);
  t.true(rows.every((row) => row.kind === 'service' && row.service.reception === 'clear'));
});
