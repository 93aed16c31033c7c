import { connect, type Socket } from 'node:net';
import { checkTransportStream } from '#test/helpers/tr101290.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import type { FaultCase, RunningFaultCase, ZapFaultCase } from './fault-cases.ts';
import { zapTo } from './first-picture.ts';
import type { Gateway } from './gateway.ts';

export interface FaultOutcome {
  /** What the viewer sees: `picture`, `goes-on`, `ends`, or the code of a refusal. */
  readonly seen: string;
  /** In words: the status and detail of a refusal; what was lost. */
  readonly detail: string;
  /** Until the picture or the refusal; the longest time without a byte; until the end. */
  readonly seconds: number;
  /** Counters that break without an announcement. */
  readonly silentBreaks: number;
  /** The line of the log. */
  readonly log: string;
}

/** Bytes before the fault, and behind it before the stream counts as going on. */
const RUN_BYTES = 400_000;
const RECOVER_MS = 45_000;

/** Lets one fault happen to a gateway that is at rest, and leaves it at rest. */
export async function runFault(gateway: Gateway, one: FaultCase): Promise<FaultOutcome> {
  await eventually(() => gateway.receiver.stats.openConnections === 0, {
    what: 'the stream before to be released',
    timeoutMs: 15_000,
  });
  const logFrom = gateway.log.length;
  const outcome = one.when === 'zap' ? await zapInto(gateway, one) : await watchThrough(gateway, one);
  gateway.receiver.setFault(null);
  await gateway.receiver.settled;
  const log = await eventually(() => gateway.log.slice(logFrom).find((line) => one.log.test(line)), {
    what: `a log line like ${one.log} for "${one.name}"`,
  });
  return { ...outcome, log };
}

function healLater(gateway: Gateway, { healAfterMs }: FaultCase): void {
  if (healAfterMs !== undefined) setTimeout(() => gateway.receiver.setFault(null), healAfterMs);
}

async function zapInto(gateway: Gateway, one: ZapFaultCase): Promise<Omit<FaultOutcome, 'log'>> {
  gateway.receiver.setFault(one.fault, one.measures);
  await gateway.receiver.settled;
  healLater(gateway, one);
  const { status, code, detail, pictureMs, tookMs } = await zapTo(gateway.streamUrl(one.channel ?? 'plain', 'pass'));
  const seen = pictureMs === null ? (code ?? 'nothing') : 'picture';
  return { seen, detail: code === null ? '' : `${status}: ${detail}`, seconds: tookMs / 1000, silentBreaks: 0 };
}

/** A viewer on a raw socket that notes when bytes came. */
class Watcher {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  bytes = 0;
  lastAt = performance.now();
  endedAt: number | null = null;
  maxGapMs = 0;

  constructor(url: string) {
    const { hostname, port, pathname, search } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
    this.#socket.on('error', () => undefined); // 'close' follows
    this.#socket.on('close', () => {
      this.endedAt = performance.now();
    });
    this.#socket.on('data', (bytes) => {
      const now = performance.now();
      if (this.bytes > 0) this.maxGapMs = Math.max(this.maxGapMs, now - this.lastAt);
      this.lastAt = now;
      this.bytes += bytes.length;
      this.#chunks.push(bytes);
    });
  }

  /** Whole packets of the body. */
  get packets(): Buffer {
    const all = Buffer.concat(this.#chunks);
    const body = all.subarray(all.indexOf('\r\n\r\n') + 4);
    return body.subarray(0, body.length - (body.length % 188));
  }

  close(): void {
    this.#socket.destroy();
  }
}

async function watchThrough(gateway: Gateway, one: RunningFaultCase): Promise<Omit<FaultOutcome, 'log'>> {
  const watcher = new Watcher(gateway.streamUrl(one.channel ?? 'plain', 'pass'));
  try {
    await eventually(() => watcher.bytes > RUN_BYTES, { what: 'the stream before the fault', timeoutMs: 15_000 });
    const before = watcher.bytes;
    const startedAt = performance.now();
    watcher.maxGapMs = 0;
    gateway.receiver.setFault(one.fault, one.measures);
    healLater(gateway, one);
    // Faults that break nothing off are looked at for as long as they last.
    const minimumMs = Math.max((one.healAfterMs ?? 0) + 500, one.seconds >= 5 ? 4_500 : 4_000);
    await eventually(
      () =>
        watcher.endedAt !== null ||
        (performance.now() - startedAt > minimumMs &&
          watcher.bytes - before > RUN_BYTES &&
          performance.now() - watcher.lastAt < 200),
      { what: `"${one.name}" to be over`, timeoutMs: RECOVER_MS },
    );
    const report = checkTransportStream(watcher.packets);
    const ended = watcher.endedAt !== null;
    const silent = report.errors.continuity?.count ?? 0;
    return {
      seen: ended ? 'ends' : 'goes-on',
      detail: ended ? 'the connection is closed' : `${(watcher.maxGapMs / 1000).toFixed(1)} s without a byte`,
      seconds: (ended ? (watcher.endedAt ?? 0) - startedAt : watcher.maxGapMs) / 1000,
      silentBreaks: silent,
    };
  } finally {
    watcher.close();
  }
}
