import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SlowProxy {
  readonly port: number;
  /** When questions about the guide came, in ms since the proxy was made. */
  readonly guideRequestsMs: readonly number[];
  close(): Promise<void>;
}

/** Stands before the web interface of a box and takes its time, as the box's CPU would. */
export async function startSlowProxy(targetPort: number, latencyMs: number): Promise<SlowProxy> {
  const bornAt = performance.now();
  const guideRequestsMs: number[] = [];
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.startsWith('/api/epg') === true) guideRequestsMs.push(performance.now() - bornAt);
    setTimeout(() => {
      const { url = '/', headers } = incoming;
      const upstream = request({ port: targetPort, host: '127.0.0.1', path: url, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      upstream.on('error', () => outgoing.destroy());
      upstream.end();
    }, latencyMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    guideRequestsMs,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
