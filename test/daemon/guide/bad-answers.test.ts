import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { toProgramme } from '#daemon/guide/refresh/programmes.ts';
import { MemoryGuideStore } from '#daemon/guide/store.ts';
import { writeXmltv } from '#daemon/guide/xmltv.ts';
import { ReceiverClient } from '#daemon/receiver/client.ts';
import { errorCode } from '#shared/errors.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { realDataPath } from '#test/helpers/real-data.ts';
import { cutOut, flipBits, insertJunk, overwriteRun } from '../../fuzz/mutations/bytes.ts';
import { caseSeed, Random } from '../../fuzz/random.ts';
import { channel } from '../support/channels.ts';
import { startFakeBox } from '../support/fake-box.ts';

const NOW = Math.floor(Date.now() / 1000);
const SEED = 3;
/** As many as a client may ask at once. */
const COPIES = 19;
const DEEP = 20_000;
const WRONG: readonly [unknown, ...unknown[]] = [
  null,
  -1,
  1e300,
  true,
  '',
  'None',
  [],
  {},
  [[[]]],
  { toString: 1 },
  '\u0000\ud800',
];

/** An answer as OpenWebif's own, from which copies are made beside those of the captures. */
const OWN = JSON.stringify({
  events: Array.from({ length: 20 }, (_, index) => ({
    id: index,
    title: `Sendung ${index}`,
    begin_timestamp: NOW + index * 600,
    duration_sec: 600,
    shortdesc: 'kurz',
    longdesc: 'lang',
    sref: channel(2).ref,
    genreid: 17,
  })),
});

/** Puts something else in the place of one value, or takes a field away, somewhere in the tree. */
function damageTree(value: unknown, random: Random): unknown {
  if (value === null || typeof value !== 'object' || random.chance(0.15)) return random.pick(WRONG);
  const keys = Object.keys(value);
  const key = random.pick(keys);
  if (key === undefined) return random.pick(WRONG);
  if (Array.isArray(value)) return value.map((one, index) => (String(index) === key ? damageTree(one, random) : one));
  const entries = Object.entries(value);
  if (random.chance(0.2)) return Object.fromEntries(entries.filter(([name]) => name !== key));
  return Object.fromEntries(entries.map(([name, one]) => [name, name === key ? damageTree(one, random) : one]));
}

function damagedCopy(bytes: Buffer, random: Random): Buffer {
  const tree = parseOrNull(bytes);
  if (tree !== null && random.chance(0.7)) {
    let damaged: unknown = tree;
    for (let left = random.between(1, 12); left > 0; left--) damaged = damageTree(damaged, random);
    return Buffer.from(JSON.stringify(damaged) ?? 'null');
  }
  if (random.chance(0.1)) return Buffer.from(`{"events":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}`);
  return random.pick([flipBits, overwriteRun, insertJunk, cutOut])(Buffer.from(bytes), random);
}

function parseOrNull(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null; // XML, or a fragment
  }
}

/** Each body as the guide of a service: what comes of it, and what the rest of the guide is afterwards. */
async function readBodies(bodies: readonly Buffer[], store: MemoryGuideStore): Promise<string[]> {
  let next = 0;
  const box = await startFakeBox({ '*': (_request, response) => void response.end(bodies[next++]) });
  const client = new ReceiverClient({ baseUrl: box.baseUrl, logger: createSilentLogger() });
  const outcomes: string[] = [];
  try {
    for (const _ of bodies) {
      try {
        const events = await client.epgService(channel(2).ref);
        const options = { nowSeconds: NOW, days: 14, keepDays: 1, language: 'de' };
        await store.update(
          channel(2).id,
          events.flatMap((event) => toProgramme(event, channel(2).id, options) ?? []),
        );
        outcomes.push('parsed');
      } catch (error) {
        outcomes.push(errorCode(error));
      }
    }
  } finally {
    await client.close();
    await box.close();
  }
  return outcomes;
}

async function check(
  files: readonly { name: string; bytes: Buffer }[],
  t: { deepEqual(a: unknown, b: unknown, m: string): void },
) {
  const store = new MemoryGuideStore();
  const fixed = { id: 0, eventId: 1, shortDescription: '', longDescription: '', genreId: 0 };
  const sound = toProgramme(
    { ...fixed, ref: '', title: 'unharmed', startSeconds: NOW, durationSeconds: 600 },
    channel(1).id,
    { nowSeconds: NOW, days: 14, keepDays: 1, language: null },
  );
  if (sound === null) throw new Error('the sound programme is none');
  await store.update(channel(1).id, [sound]);
  const before = [...store.programmes(channel(1).id)];
  const counts = new Map<string, number>();
  for (const [index, { name, bytes }] of files.entries()) {
    const random = new Random(caseSeed(SEED, index));
    const copies = Array.from({ length: COPIES }, () => damagedCopy(bytes, random));
    for (const outcome of await readBodies([bytes, ...copies], store)) {
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      const isNamed = outcome === 'parsed' || /^RECEIVER_(?:BAD_ANSWER|NOT_OPENWEBIF|REFUSED|NOT_FOUND)$/.test(outcome);
      t.deepEqual([name, isNamed ? 'named' : outcome], [name, 'named'], `seed ${SEED}`);
    }
    t.deepEqual([...store.programmes(channel(1).id)], before, name);
    let last = 0;
    for (const { startSeconds, stopSeconds } of store.programmes(channel(2).id)) {
      t.deepEqual([startSeconds >= last, stopSeconds > startSeconds], [true, true], name);
      last = stopSeconds;
    }
    const written = [...writeXmltv({ channels: [channel(1), channel(2)], guide: store, baseUrl: 'http://x' })].join('');
    t.deepEqual(written.includes('unharmed') && written.endsWith('</tv>\n'), true, name);
  }
  return counts;
}

test('damaged copies of an answer are parsed or refused with a reason, and the rest of the guide is unharmed', async (t) => {
  const copies = Array.from({ length: 8 }, (_, index) => ({ name: `copy ${index}`, bytes: Buffer.from(OWN) }));
  const counts = await check(copies, t);
  t.true((counts.get('parsed') ?? 0) > 20);
  t.true((counts.get('RECEIVER_BAD_ANSWER') ?? 0) > 5);
});

test('the same with every answer that real boxes gave', async (t) => {
  const folder = realDataPath(t, 'openwebif');
  if (folder === null) return;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:json|xml)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ name: path.slice(folder.length), bytes: readFileSync(path) }));
  t.true(files.length > 20);
  const counts = await check(files, t);
  t.log(Object.fromEntries(counts));
});
