/** Listens on some ports and then does nothing at all, not even accept: see silent-listener.ts. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const { host, ports, wake } = workerData as { host: string; ports: readonly number[]; wake: Int32Array };
const servers = ports.map((port) => createServer().listen({ host, port, backlog: 1 }));
await Promise.all(servers.map((server) => once(server, 'listening')));
parentPort?.postMessage('listening');
await new Promise((resolve) => setImmediate(resolve)); // the message has to leave first
Atomics.wait(wake, 0, 0);
for (const server of servers) server.close();
parentPort?.close();
