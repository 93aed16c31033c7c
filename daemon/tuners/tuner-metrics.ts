import { createCounter, createGauge, type Registry } from '#shared/observability/metrics.ts';
import type { BreakerState } from '../receiver/circuit-breaker.ts';
import type { Arbiter } from './arbiter.ts';
import { occupancyNow } from './occupancy.ts';
import { leaseClass } from './state.ts';

export type TunerMetrics = ReturnType<typeof createTunerMetrics>;

/** Counters, which exist before the arbiter does. */
export function createTunerMetrics(registry: Registry) {
  return {
    refusals: createCounter(registry, 'xg2g_tuner_refusals_total', 'Requests for a tuner that were refused'),
    revocations: createCounter(registry, 'xg2g_tuner_revocations_total', 'Leases taken away, by cause', ['cause']),
    requests: createCounter(registry, 'xg2g_receiver_requests_total', 'Requests to the web interface, by outcome', [
      'receiver',
      'outcome',
    ]),
    breaker: createGauge(
      registry,
      'xg2g_receiver_breaker_state',
      'Circuit breaker of the web interface: 0 closed, 1 half open, 2 open',
      ['receiver'],
    ),
  };
}

export const BREAKER_VALUES: Readonly<Record<BreakerState['name'], number>> = { closed: 0, 'half-open': 1, open: 2 };

/** What the arbiter knows, read at every scrape. */
export function registerTunerGauges(registry: Registry, arbiter: Arbiter): void {
  createGauge(
    registry,
    'xg2g_tuner_leases',
    'Services that a receiver tunes for us, by class',
    ['receiver', 'class'],
    (gauge) => {
      gauge.reset();
      for (const box of arbiter.state.boxes) {
        for (const name of ['lingering', 'background', 'interactive', 'recording'])
          gauge.set({ receiver: box.id, class: name }, 0);
      }
      for (const lease of arbiter.state.leases) gauge.inc({ receiver: lease.box, class: leaseClass(lease) });
    },
  );
  createGauge(registry, 'xg2g_tuners', 'Tuners of a receiver', ['receiver'], (gauge) => {
    for (const box of arbiter.state.boxes) gauge.set({ receiver: box.id }, box.picture?.tuners.length ?? 0);
  });
  createGauge(registry, 'xg2g_tuners_in_use', 'Tuners in use, by whomever', ['receiver'], (gauge) => {
    for (const box of arbiter.state.boxes) {
      gauge.set({ receiver: box.id }, occupancyNow(arbiter.state, box, arbiter.nowMs).uses.length);
    }
  });
}
