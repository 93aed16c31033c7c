import type { Channel } from '../../lineup/channel.ts';
import type { ServiceFailures } from './failures.ts';

export interface DueOptions {
  readonly readAtSeconds: (channelId: string) => number;
  readonly failures: Pick<ServiceFailures, 'retryAtSeconds'>;
  readonly intervalSeconds: number;
  readonly nowSeconds: number;
  /** All of them, however fresh. */
  readonly force: boolean;
}

/** What is nearly due is read with the rest: else a round would be followed by a trickle of single services. */
const NEARLY = 0.9;

/** Services to be read, those never read first, then the oldest; otherwise in the lineup's order. */
export function dueChannels(channels: readonly Channel[], options: DueOptions): Channel[] {
  const { readAtSeconds, nowSeconds, intervalSeconds, force, failures } = options;
  // A clock that was set back must not keep a guide fresh for ever.
  const age = (channel: Channel): number => {
    const readAt = readAtSeconds(channel.id);
    return readAt > nowSeconds ? Number.POSITIVE_INFINITY : nowSeconds - readAt;
  };
  const due = channels.filter(
    (channel) =>
      force || (age(channel) >= intervalSeconds * NEARLY && nowSeconds >= failures.retryAtSeconds(channel.id)),
  );
  return due.sort((left, right) => Math.sign(age(right) - age(left)) || 0);
}

/** When the next one is due, in seconds from now; at least one. */
export function nextDueSeconds(channels: readonly Channel[], options: Omit<DueOptions, 'force'>): number {
  const { readAtSeconds, nowSeconds, intervalSeconds, failures } = options;
  let next = nowSeconds + intervalSeconds;
  for (const { id } of channels) {
    next = Math.min(next, Math.max(readAtSeconds(id) + intervalSeconds, failures.retryAtSeconds(id)));
  }
  return Math.max(1, next - nowSeconds);
}
