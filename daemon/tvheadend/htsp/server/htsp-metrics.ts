import { createCounter, createGauge, type Registry } from '#shared/observability/metrics.ts';

export type HtspMetrics = ReturnType<typeof createHtspMetrics>;

export function createHtspMetrics(registry: Registry) {
  return {
    clients: createGauge(registry, 'xg2g_htsp_clients', 'HTSP clients connected'),
    subscriptions: createGauge(registry, 'xg2g_htsp_subscriptions', 'Channels that HTSP clients watch'),
    refused: createCounter(
      registry,
      'xg2g_htsp_refused_total',
      'HTSP connections that were cut: limit (too many), broken (no HTSP), stalled (took nothing), silent (said nothing)',
      ['reason'],
    ),
    drops: createCounter(
      registry,
      'xg2g_htsp_dropped_packets_total',
      'Packets that HTSP clients were too slow for, by kind of picture; sound counts as I',
      ['picture'],
    ),
    requests: createCounter(registry, 'xg2g_htsp_requests_total', 'Requests of HTSP clients, by outcome', ['outcome']),
  };
}
