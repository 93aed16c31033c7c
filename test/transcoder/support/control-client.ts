import type { ExecutionContext } from 'ava';
import { ControlClient } from '#daemon/transcoder-client/control-client.ts';
import { waitFor } from '#test/helpers/wait-for.ts';

/** The daemon's side of a control socket, once it has said hello. */
export async function readyControlClient(t: ExecutionContext, path: string): Promise<ControlClient> {
  const listeners = new Set<() => void>();
  const client = new ControlClient({
    path,
    build: 'test',
    onState: () => {
      for (const listener of listeners) listener();
    },
  });
  t.teardown(() => client.close());
  client.start();
  await waitFor(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => client.state.name === 'ready',
    { what: 'the control connection' },
  );
  return client;
}
