import { eventually } from '#test/helpers/wait-for.ts';

/** Has an expression evaluated by the process that listens for an inspector on port 9229: after SIGUSR1 every Node does. */
export async function evaluate(expression: string): Promise<void> {
  const socketUrl = await eventually(
    async () => {
      const targets = (await (await fetch('http://127.0.0.1:9229/json')).json()) as { webSocketDebuggerUrl: string }[];
      return targets[0]?.webSocketDebuggerUrl;
    },
    { what: "Node's inspector" },
  );
  const socket = new WebSocket(socketUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  const answered = new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
  await answered;
  socket.close();
}

/** From a timer: an evaluation of the inspector itself could be ended by it. */
export const BLOCK_EVENT_LOOP = 'setTimeout(() => { for (;;); }, 0)';

/** Takes 8 MiB more every 10 ms, and touches them, for as long as it lives. */
export const EAT_MEMORY = 'globalThis.eaten = []; setInterval(() => eaten.push(new Uint8Array(8 << 20).fill(1)), 10)';
