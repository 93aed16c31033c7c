import { eventually } from '#test/helpers/wait-for.ts';

/** Makes the event loop of the process that listens for an inspector on port 9229 run in circles. */
export async function blockEventLoop(): Promise<void> {
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
  // From a timer: an evaluation of the inspector itself could be ended by it.
  const expression = 'setTimeout(() => { for (;;); }, 0)';
  const answered = new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
  await answered;
  socket.close();
}
