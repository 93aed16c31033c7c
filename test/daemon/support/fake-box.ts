import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type BoxHandler = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

/** A web interface reduced to what one test needs: a handler per path, and a record of what was asked. */
export interface FakeBox {
  readonly baseUrl: string;
  readonly port: number;
  /** Paths with their queries, in order. */
  readonly asked: string[];
  /** How many connections were opened. */
  connections(): number;
  handlers: Record<string, BoxHandler>;
  close(): Promise<void>;
}

/** Handlers by path; `*` answers the rest, and without it the rest is 404. */
export async function startFakeBox(handlers: Record<string, BoxHandler>, port = 0): Promise<FakeBox> {
  const asked: string[] = [];
  let connections = 0;
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://box');
    asked.push(`${url.pathname}${url.search}`);
    const handler = box.handlers[url.pathname] ?? box.handlers['*'];
    if (handler === undefined) response.writeHead(404).end();
    else handler(request, response, url);
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  const box: FakeBox = {
    baseUrl: `http://127.0.0.1:${address.port}`,
    port: address.port,
    asked,
    connections: () => connections,
    handlers,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return box;
}

export function json(body: unknown): BoxHandler {
  return (_request, response) => {
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(JSON.stringify(body));
  };
}

export function bytes(body: string | Buffer, contentType: string, status = 200): BoxHandler {
  return (_request, response) => {
    response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  };
}
