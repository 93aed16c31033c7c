import type { ExecutionContext } from 'ava';
import { waitForEvent } from '#test/helpers/wait-for.ts';
import { type ReceiverOptions, type SimulatedReceiver, startReceiver } from '../receiver.ts';

/** A box of the test's own, on free ports, quick to tune. */
export async function startBox(t: ExecutionContext, options: ReceiverOptions = {}): Promise<SimulatedReceiver> {
  const box = await startReceiver({ tuneLatencyMs: 10, ...options });
  t.teardown(() => box.close());
  return box;
}

/** Waits until the box's figures are as wanted. */
export async function statsOf(
  box: SimulatedReceiver,
  what: string,
  wanted: (stats: SimulatedReceiver['stats']) => boolean,
  timeoutMs = 5_000,
): Promise<void> {
  if (wanted(box.stats)) return;
  await waitForEvent(box, 'change', { what, timeoutMs, accept: () => wanted(box.stats) });
}
