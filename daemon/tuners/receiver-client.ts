import type { Logger } from '#shared/observability/logger.ts';
import type { Config } from '../config/load.ts';
import { ReceiverClient } from '../receiver/client.ts';
import { BREAKER_VALUES, type TunerMetrics } from './tuner-metrics.ts';

/** The keys of one receiver in the configuration. */
export type ReceiverKeys = Config['receiver'];

/** A client of a configured receiver whose requests are counted; `id` is its name in metrics. */
export function createReceiver(keys: ReceiverKeys, id: string, logger: Logger, metrics: TunerMetrics): ReceiverClient {
  return new ReceiverClient({
    // Without a receiver nothing is ever asked; the client wants an address all the same.
    baseUrl: keys.host ?? 'http://receiver.invalid',
    streamPort: keys.streamPort,
    relayPort: keys.relayPort,
    user: keys.user,
    pass: keys.password,
    tlsVerify: keys.tlsVerify,
    logger,
    onRequest: (outcome) => metrics.requests.inc({ receiver: id, outcome }),
    onBreaker: (state) => {
      metrics.breaker.set({ receiver: id }, BREAKER_VALUES[state.name]);
      logger.warn({ receiver: id }, `requests to the receiver: circuit breaker ${state.name}`);
    },
  });
}
