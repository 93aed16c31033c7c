import test from 'ava';
import type { CardLease } from '#daemon/streams/card/busy-cards.ts';
import { planCard } from '#daemon/streams/card/card-programme.ts';
import { type CardVisitOptions, visitCard } from '#daemon/streams/card/card-visit.ts';
import { Ring } from '#daemon/streams/ring.ts';
import { XgError } from '#shared/errors.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { Programme } from '../support/programme.ts';

const service = { id: 'x', ref: 'x', name: 'X', program: 7, originalNetworkId: 1, radio: false };
const plan = planCard({ service, variant: { profile: 'pass', key: 'pass', audio: null }, known: null, format: null });
const card: CardLease = { ring: new Ring(), plan, release: () => undefined };

interface Fixture {
  readonly options: CardVisitOptions;
  readonly leave: AbortController;
  /** A tuner comes free, or goes. */
  free(isFree: boolean): void;
  readonly listeners: ReadonlySet<unknown>;
}

function fixture(more: Partial<CardVisitOptions> = {}): Fixture {
  const listeners = new Set<() => void>();
  const leave = new AbortController();
  let lines: string[] | null = ['No free tuner'];
  return {
    leave,
    listeners,
    free: (isFree) => {
      lines = isFree ? null : ['No free tuner'];
      for (const listener of [...listeners]) listener();
    },
    options: {
      card,
      service,
      viewer: { id: 'v', class: 'interactive', name: 'Kodi', address: null },
      tuners: {
        refusalLines: () => lines,
        look: async () => undefined,
        onChange: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      join: async () => {
        const ring = new Ring();
        ring.append(new Programme().tables().picture('key').picture('other').take());
        return { ring, release: () => undefined };
      },
      logger: createSilentLogger(),
      signal: leave.signal,
      ...more,
    },
  };
}

test('the channel is opened when a tuner comes free, and nobody listens any more afterwards', async (t) => {
  const { options, free, listeners } = fixture();
  const outcome = visitCard(options);
  t.is(listeners.size, 1);
  free(false);
  free(true);
  t.is((await outcome).kind, 'other-form', 'nothing was known of it');
  t.is(listeners.size, 0);
});

test('who leaves ends the wait at once, whatever it is for', async (t) => {
  const { options, leave, listeners } = fixture();
  const outcome = visitCard(options);
  leave.abort(new XgError('ECANCELED', 'the client went away'));
  await t.throwsAsync(outcome, { message: 'the client went away' });
  t.is(listeners.size, 0);
});

test('a channel that opens just when its viewer leaves is given back', async (t) => {
  let released = 0;
  const joined = Promise.withResolvers<void>();
  const { options, leave, free } = fixture({
    join: async () => {
      joined.resolve();
      return { ring: new Ring(), release: () => released++ }; // and shows no picture
    },
  });
  const outcome = visitCard(options);
  free(true);
  await joined.promise;
  leave.abort(new XgError('ECANCELED', 'the client went away'));
  await t.throwsAsync(outcome, { message: 'the client went away' });
  t.is(released, 1);
});

test('a card is not shown for ever', async (t) => {
  const { options } = fixture({ maxMs: 30 });
  t.is((await visitCard(options)).kind, 'expired');
});

test('what no tuner can mend ends it, with the reason', async (t) => {
  const { options, free } = fixture({
    join: () => Promise.reject(new XgError('SCRAMBLED', 'X is encrypted')),
  });
  const outcome = visitCard(options);
  free(true);
  const end = await outcome;
  t.is(end.kind, 'failed');
  t.is(end.kind === 'failed' ? end.error.code : null, 'SCRAMBLED');
});
