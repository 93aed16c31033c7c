/** Steers a running box from outside, on a port that its faults do not touch. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { parseFault } from '../fault-text.ts';
import { PortHolder } from '../network/port-holder.ts';
import type { SimulatedReceiver } from '../receiver.ts';

export const CONTROL_HELP = `  POST /sim/fault?set=FAULT     exactly this fault from now on; several set= for several; none: the box is well
  POST /sim/fault?add=FAULT     this one as well
  POST /sim/fault?remove=NAME   without this one
  POST /sim/standby?on=1|0      into standby, or out of it
  POST /sim/live?ref=REFERENCE  zap the television
  POST /sim/drop                break all streams off
  GET  /sim/stats               connections, tuners, recordings, requests, faults`;

/** @throws Error that says what is wrong with the request */
function command(receiver: SimulatedReceiver, name: string, query: URLSearchParams): void {
  switch (name) {
    case 'fault': {
      const { faults } = receiver;
      const set = query.getAll('set').filter((text) => text !== '');
      const changes = [...query.getAll('add').map(parseFault)];
      const removed = query.getAll('remove').map((text) => parseFault(text).fault);
      if (query.has('set') || (changes.length === 0 && removed.length === 0)) faults.set(set.map(parseFault));
      for (const fault of changes) faults.add(fault);
      for (const fault of removed) faults.remove(fault);
      return;
    }
    case 'standby':
      receiver.setStandby(query.get('on') !== '0');
      return;
    case 'live': {
      const service = receiver.box.lineup.resolve(query.get('ref') ?? '');
      if (service === null) throw new Error(`there is no service "${query.get('ref') ?? ''}"`);
      receiver.box.zap(service);
      return;
    }
    case 'drop':
      receiver.dropStreams();
      return;
    default:
      throw new Error(`/sim/${name} is unknown`);
  }
}

function stats(receiver: SimulatedReceiver): object {
  const { openByRef, totalByRef, requests, ...plain } = receiver.stats;
  return {
    ...plain,
    openByRef: Object.fromEntries(openByRef),
    totalByRef: Object.fromEntries(totalByRef),
    requests: Object.fromEntries(requests),
    faults: receiver.faults.settings,
    standby: receiver.box.standby,
    current: receiver.box.current.ref,
  };
}

export class ControlServer {
  readonly #ports: PortHolder;
  readonly #server: Server;

  constructor(receiver: SimulatedReceiver) {
    this.#server = createServer((request, response) => void this.#answer(receiver, request, response));
    this.#ports = new PortHolder(this.#server);
  }

  listen(host: string, port: number): Promise<number> {
    return this.#ports.listen(host, port);
  }

  close(): void {
    this.#ports.suspend();
    this.#server.closeAllConnections();
  }

  async #answer(receiver: SimulatedReceiver, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://control');
    const name = /^\/sim\/([a-z]+)$/.exec(pathname)?.[1] ?? '';
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
    };
    if (request.method !== 'POST') {
      if (name === 'stats') answer(200, stats(receiver));
      else answer(404, { error: 'GET /sim/stats, or POST a command' });
      return;
    }
    try {
      command(receiver, name, searchParams);
      await receiver.settled;
      answer(200, stats(receiver));
    } catch (error) {
      answer(400, { error: error instanceof Error ? error.message : String(error) });
    }
  }
}
