/** A crowd of viewers in a process of its own: started by viewers.ts, which tells it what to do and hears what it saw. */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { hasDiscontinuityIndicator } from '#shared/mpegts/adaptation-field.ts';
import { ContinuityTracker } from '#shared/mpegts/continuity.ts';
import { pidAt } from '#shared/mpegts/packet.ts';

export interface CrowdOrder {
  readonly port: number;
  readonly path: string;
  readonly good: number;
  /** Each reads `slowBytesPerSecond`. */
  readonly slow: number;
  readonly slowBytesPerSecond: number;
  readonly seconds: number;
}

export interface ViewerReport {
  readonly kind: 'good' | 'slow';
  readonly bytes: number;
  /** Breaks of the counters that nobody announced. */
  readonly continuityErrors: number;
  /** Announced ones. */
  readonly marks: number;
  /** Longest time without a byte, the first second left out. */
  readonly maxGapMs: number;
  readonly ended: boolean;
}

class CrowdViewer {
  readonly #kind: ViewerReport['kind'];
  readonly #socket: Socket;
  readonly #continuity = new ContinuityTracker();
  #rest: Buffer = Buffer.alloc(0);
  #inBody = false;
  #bytes = 0;
  #errors = 0;
  #marks = 0;
  #maxGapMs = 0;
  #firstAt = 0;
  #lastAt = 0;
  #ended = false;

  constructor(order: CrowdOrder, kind: ViewerReport['kind']) {
    this.#kind = kind;
    this.#socket = connect(order.port, '127.0.0.1');
    this.#socket.on('error', () => undefined); // 'close' follows
    this.#socket.on('close', () => {
      this.#ended = true;
    });
    this.#socket.write(`GET ${order.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    this.#socket.on('data', (bytes) => {
      this.#read(bytes);
      if (kind === 'good') return;
      this.#socket.pause();
      setTimeout(() => this.#socket.resume(), (bytes.length / order.slowBytesPerSecond) * 1000);
    });
  }

  #read(bytes: Buffer): void {
    const now = performance.now();
    if (this.#firstAt === 0) this.#firstAt = now;
    if (this.#lastAt - this.#firstAt > 1_000) this.#maxGapMs = Math.max(this.#maxGapMs, now - this.#lastAt);
    this.#lastAt = now;
    let all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (!this.#inBody) {
      const end = all.indexOf('\r\n\r\n');
      this.#rest = all;
      if (end < 0) return;
      this.#inBody = true;
      all = all.subarray(end + 4);
    }
    this.#bytes += all.length;
    let at = 0;
    for (; at + 188 <= all.length; at += 188) {
      if (hasDiscontinuityIndicator(all, at)) this.#marks++;
      const pid = pidAt(all, at);
      // As players do it: a mark allows any counter, also in the packet behind one without payload.
      if (hasDiscontinuityIndicator(all, at)) this.#continuity.forget(pid);
      else if (this.#continuity.check(all, at, pid) > 0) this.#errors++;
    }
    this.#rest = Buffer.from(all.subarray(at)); // copy: less than a packet
  }

  finish(): ViewerReport {
    const report = {
      kind: this.#kind,
      bytes: this.#bytes,
      continuityErrors: this.#errors,
      marks: this.#marks,
      maxGapMs: this.#maxGapMs,
      ended: this.#ended,
    };
    this.#socket.destroy();
    return report;
  }
}

process.once('message', (order: CrowdOrder) => {
  void crowd(order);
});

async function crowd(order: CrowdOrder): Promise<void> {
  const viewers: CrowdViewer[] = [];
  for (let index = 0; index < order.good + order.slow; index++) {
    viewers.push(new CrowdViewer(order, index < order.good ? 'good' : 'slow'));
    if (index % 20 === 19) await delay(20);
  }
  await delay(order.seconds * 1000);
  const cpu = process.cpuUsage();
  process.send?.({ reports: viewers.map((viewer) => viewer.finish()), cpuSeconds: (cpu.user + cpu.system) / 1e6 });
  process.disconnect();
}
