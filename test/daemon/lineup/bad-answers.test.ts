import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { buildLineup } from '#daemon/lineup/build-lineup.ts';
import { ReceiverClient } from '#daemon/receiver/client.ts';
import { errorCode, XgError } from '#shared/errors.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { bytes, type FakeBox, json, startFakeBox } from '../support/fake-box.ts';
import { bouquetRef } from '../support/lineup-box.ts';

/** Whatever one bouquet holds: it is read or refused with a reason, and the other bouquet is there. */

const GOOD = { services: [{ servicereference: '1:0:19:283D:3FB:1:C00000:0:0:0:', servicename: 'Das Erste' }] };
const FOLDER = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data', 'openwebif');

interface Reading {
  readonly names: readonly string[];
  readonly warnings: readonly string[];
}

async function reader() {
  let bad: FakeBox['handlers'][string] = json({});
  const box = await startFakeBox({
    '/api/bouquets': (request, response, url) => {
      const bouquets = [
        [bouquetRef('Bad'), 'Bad'],
        [bouquetRef('Good'), 'Good'],
      ];
      json({ bouquets: url.searchParams.has('stype') ? [] : bouquets })(request, response, url);
    },
    '/api/getservices': (request, response, url) => {
      const answers: FakeBox['handlers'] = { [bouquetRef('Bad')]: bad, [bouquetRef('Good')]: json(GOOD) };
      const answer = answers[url.searchParams.get('sRef') ?? ''] ?? json({ services: [] });
      answer(request, response, url);
    },
  });
  return {
    async read(handler: FakeBox['handlers'][string]): Promise<Reading> {
      bad = handler;
      // One for each reading, because a client spares its box.
      const client = new ReceiverClient({
        baseUrl: box.baseUrl,
        logger: createSilentLogger(),
        timeouts: { totalMs: 2_000 },
        maxBodyBytes: 4 * 1024 * 1024,
      });
      try {
        const { channels, warnings } = await buildLineup(client, { bouquets: [] });
        return { names: channels.map(({ name }) => name), warnings };
      } finally {
        await client.close();
      }
    },
    close: () => box.close(),
  };
}

/** Readings that no good bouquet may be lost in. A box that is not OpenWebif at all is the one other answer allowed. */
async function survives(read: () => Promise<Reading>): Promise<string | null> {
  try {
    const { names, warnings } = await read();
    return names.includes('Das Erste') ? null : `the good bouquet is lost (${warnings.join('; ')})`;
  } catch (error) {
    if (error instanceof XgError && errorCode(error) === 'RECEIVER_NOT_OPENWEBIF') return null;
    return `it throws ${String(error)}`;
  }
}

test('every real answer that lies beside the project, in the place of a bouquet', async (t) => {
  if (!existsSync(FOLDER)) {
    t.log('skipped: the real answers are not beside the project');
    t.pass();
    return;
  }
  const { read, close } = await reader();
  t.teardown(close);
  const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  t.true(files.length >= 30);
  for (const { parentPath, name } of files) {
    const content = readFileSync(join(parentPath, name));
    const type = name.endsWith('.json') ? 'application/json' : 'text/xml';
    t.is(await survives(() => read(bytes(content, type))), null, name);
  }
});

const seeds: readonly string[] = [
  JSON.stringify({
    services: [
      { servicereference: '1:0:19:2B66:3F3:1:C00000:0:0:0:', servicename: 'arte', provider: 'ARD', pos: 1 },
      { servicereference: '1:64:0:0:0:0:0:0:0:0::News', servicename: 'News' },
      { servicereference: '1:134:1:0:0:0:0:0:0:0:FROM BOUQUET "alternatives.x.tv" ORDER BY bouquet', servicename: 'A' },
      { servicereference: '4097:0:1:0:0:0:0:0:0:0:http%3a//tv.example/a:Web', servicename: 'Web' },
    ],
    result: true,
  }),
  '<?xml version="1.0"?><e2servicelist><e2service><e2servicereference>1:0:1:6DCA:44D:1:C00000:0:0:0:</e2servicereference><e2servicename>3sat</e2servicename></e2service></e2servicelist>',
];

function randomFrom(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) ^ Math.imul(state ^ (state >>> 13), 3_266_489_917)) >>> 0;
    return state % below;
  };
}

const ODD: readonly unknown[] = [
  null,
  0,
  -1,
  1e300,
  '',
  '\u0000',
  true,
  [],
  {},
  [[[]]],
  'x'.repeat(70_000),
  '1:7:1:0:0',
];

/** Changes one value somewhere, or takes one away. */
function spoilJson(value: unknown, random: (below: number) => number): unknown {
  if (typeof value !== 'object' || value === null || random(4) === 0) return ODD[random(ODD.length)];
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  const keys = Object.keys(copy);
  const key = keys[random(Math.max(1, keys.length))];
  if (key === undefined) return null;
  if (random(4) === 0) delete copy[key];
  else copy[key] = spoilJson(copy[key], random);
  return copy;
}

function spoilBytes(text: string, random: (below: number) => number): Buffer {
  const content = Buffer.from(text);
  if (random(3) === 0) return content.subarray(0, random(content.length));
  for (let times = 1 + random(8); times > 0; times--) content[random(content.length)] = random(256);
  return content;
}

test('four hundred spoiled answers: missing fields, wrong types, nulls, cut bytes', async (t) => {
  const { read, close } = await reader();
  t.teardown(close);
  for (let seed = 1; seed <= 400; seed++) {
    const random = randomFrom(seed);
    const text = seeds[random(seeds.length)] ?? '';
    const isJson = text.startsWith('{');
    const content =
      isJson && random(2) === 0
        ? Buffer.from(JSON.stringify(spoilJson(JSON.parse(text), random)) ?? '')
        : spoilBytes(text, random);
    const answer = bytes(content, isJson ? 'application/json' : 'text/xml');
    t.is(await survives(() => read(answer)), null, `seed ${seed}: ${content.toString('latin1', 0, 300)}`);
  }
});

const monsters: readonly [string, FakeBox['handlers'][string], RegExp][] = [
  ['JSON nested 100,000 deep', bytes(`{"services":${'['.repeat(100_000)}`, 'application/json'), /"Bad".*cut off/],
  [
    'XML nested 20,000 deep',
    bytes(`${'<a>'.repeat(20_000)}${'</a>'.repeat(20_000)}`, 'text/xml'),
    /"Bad" cannot be read/,
  ],
  [
    'a body of 50 MB',
    (_request, response) => {
      const piece = Buffer.alloc(1024 * 1024, 0x20);
      const write = (): void => {
        while (!response.destroyed && response.write(piece));
        response.once('drain', write);
      };
      response.writeHead(200, { 'Content-Length': 50 * piece.length });
      write();
    },
    /"Bad".*more than 4194304 bytes/,
  ],
  [
    'a body that drips',
    (_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(drip));
    },
    /"Bad".*took too long/,
  ],
];
for (const [what, handler, reason] of monsters) {
  test(`${what} in the place of a bouquet is refused with a reason, the other bouquet is there`, async (t) => {
    const { read, close } = await reader();
    t.teardown(close);
    const { names, warnings } = await read(handler);
    t.deepEqual(names, ['Das Erste']);
    t.regex(warnings.join('\n'), reason);
  });
}
