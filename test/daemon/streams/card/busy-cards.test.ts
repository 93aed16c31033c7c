import test, { type ExecutionContext } from 'ava';
import { BusyCards } from '#daemon/streams/card/busy-cards.ts';
import { ChannelMemory } from '#daemon/streams/channel-memory.ts';
import { KnownPrograms } from '#daemon/streams/known-programs.ts';
import { createStreamMetrics } from '#daemon/streams/stream-metrics.ts';
import type { CardMake } from '#shared/ipc/card.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { createRegistry } from '#shared/observability/metrics.ts';
import { eventually } from '#test/helpers/wait-for.ts';

const PASS = { profile: 'pass', key: 'pass', audio: null };
const VIEWER = { id: 'v', class: 'interactive', name: 'Kodi', address: null } as const;
const service = (id: string) => ({ id, ref: id, name: id, program: 7, originalNetworkId: 1, radio: false });

interface Setting {
  readonly cards: BusyCards;
  readonly made: CardMake[];
  readonly listeners: ReadonlySet<unknown>;
  say(lines: string[] | null): void;
}

function setUp(t: ExecutionContext): Setting {
  const made: CardMake[] = [];
  const listeners = new Set<() => void>();
  let lines: string[] | null = ['No free tuner', 'A watches'];
  const cards = new BusyCards({
    make: async (wish) => {
      made.push(wish);
      return {
        pictures: [Buffer.alloc(500, 1), Buffer.alloc(40, 2)],
        silence: Buffer.alloc(20),
        silenceSamples: 1024,
        milliseconds: 1,
      };
    },
    tuners: {
      refusalLines: () => lines,
      look: async () => undefined,
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    known: new KnownPrograms(),
    memory: new ChannelMemory(),
    metrics: createStreamMetrics(createRegistry()),
    logger: createSilentLogger(),
  });
  t.teardown(() => cards.close());
  return {
    cards,
    made,
    listeners,
    say: (next) => {
      lines = next;
      for (const listener of listeners) listener();
    },
  };
}

test('viewers of one channel share a card; it is gone with the last of them', async (t) => {
  const { cards, made, listeners } = setUp(t);
  const [one, other] = await Promise.all([
    cards.open(service('a'), PASS, VIEWER, ['x']),
    cards.open(service('a'), PASS, VIEWER, ['x']),
  ]);
  t.is(one.ring, other.ring);
  t.is(made.length, 1);
  one.release();
  one.release();
  t.is(cards.size, 1);
  t.is(listeners.size, 1);
  other.release();
  t.is(cards.size, 0);
  t.is(listeners.size, 0, 'nobody listens where nothing is shown');
  t.not(one.ring.closed, null);
});

test('the words follow the tuners, and no picture is encoded twice', async (t) => {
  const { cards, made, say } = setUp(t);
  await cards.open(service('a'), PASS, VIEWER, ['No free tuner', 'A watches']);
  say(['No free tuner', 'A watches']);
  say(['No free tuner', 'B watches']);
  await eventually(() => made.length === 2, { what: 'the new words to be encoded', timeoutMs: 3_000 });
  t.deepEqual(
    made.map(({ lines }) => lines[1]),
    ['A watches', 'B watches'],
  );
  const again = await cards.open(service('b'), PASS, VIEWER, ['No free tuner', 'B watches']);
  t.is(made.length, 2, 'another channel with the same words takes the same picture');
  again.release();
});

test('there is a bound to the cards that are shown', async (t) => {
  const { cards } = setUp(t);
  for (let index = 0; index < 16; index++) await cards.open(service(`c${index}`), PASS, VIEWER, ['x']);
  const error = await t.throwsAsync(cards.open(service('one too many'), PASS, VIEWER, ['x']));
  t.is((error as Error & { code: string }).code, 'CARDS_FULL');
});
