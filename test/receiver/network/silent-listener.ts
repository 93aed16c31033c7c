import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Connections that fill a queue of backlog 1 on Linux: one more than the backlog. */
const FILLING = 2;

/**
 * Ports on which no packet is answered, without rights over the network: a thread listens with the shortest queue and
 * sleeps, the queue is filled, and from then on the kernel drops every SYN. Who connects waits until it gives up, or until
 * this ends and somebody listens again: the SYN is repeated meanwhile, as on a real network.
 */
export class SilentListener {
  readonly #wake: Int32Array;
  readonly #worker: Worker;
  readonly #fill: Socket[] = [];

  private constructor(worker: Worker, wake: Int32Array) {
    this.#worker = worker;
    this.#wake = wake;
  }

  static async open(host: string, ports: readonly number[]): Promise<SilentListener> {
    const wake = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(join(import.meta.dirname, 'silent-listener-worker.ts'), {
      workerData: { host, ports, wake },
    });
    await once(worker, 'message');
    const listener = new SilentListener(worker, wake);
    for (const port of ports) {
      for (let count = 0; count < FILLING; count++) listener.#fill.push(connect({ host, port }));
    }
    for (const socket of listener.#fill) socket.on('error', () => socket.destroy()); // reset when the thread ends
    await Promise.all(listener.#fill.map((socket) => once(socket, 'connect')));
    return listener;
  }

  async close(): Promise<void> {
    const exited = once(this.#worker, 'exit');
    for (const socket of this.#fill) socket.destroy();
    Atomics.store(this.#wake, 0, 1);
    Atomics.notify(this.#wake, 0);
    await exited;
  }
}
