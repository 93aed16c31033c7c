/** HTSP clients in a process of their own: started by htsp.ts, which tells it what to do and hears what it saw. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Fields, HtspClient } from '#test/daemon/tvheadend/htsp/support/htsp-client.ts';

export interface HtspOrder {
  readonly port: number;
  readonly clients: number;
  /** By our ids; clients take them in turn. */
  readonly channels: readonly string[];
  readonly seconds: number;
}

export interface HtspReport {
  readonly packets: number;
  readonly bytes: number;
  /** Packets that should have come between two others of their stream. */
  readonly missing: number;
  readonly drops: number;
  readonly firstPacketMs: number;
}

async function watch(order: HtspOrder, index: number): Promise<HtspReport> {
  const client = await HtspClient.connect(order.port);
  await client.hello();
  const messages = await client.metadata();
  const wanted = order.channels[index % order.channels.length];
  const channel = messages.find((message) => message['channelIdStr'] === wanted);
  client.messages.length = 0;
  const askedAt = performance.now();
  await client.ask('subscribe', { channelId: channel?.['channelId'], subscriptionId: 1, normts: 1 });
  const report = { packets: 0, bytes: 0, missing: 0, drops: 0, firstPacketMs: 0 };
  const last = new Map<number, { dts: number; duration: number }>();
  const take = (message: Fields): void => {
    if (message['method'] === 'queueStatus') {
      report.drops = message['Bdrops'] + message['Pdrops'] + message['Idrops'];
    }
    if (message['method'] !== 'muxpkt') return;
    if (report.packets === 0) report.firstPacketMs = performance.now() - askedAt;
    report.packets++;
    report.bytes += message['payload'].length;
    const { stream, dts, duration } = message;
    const before = last.get(stream);
    if (before !== undefined && duration > 0) {
      report.missing += Math.max(0, Math.round((dts - before.dts) / before.duration) - 1);
    }
    if (duration > 0) last.set(stream, { dts, duration });
  };
  const until = performance.now() + order.seconds * 1_000;
  while (performance.now() < until) {
    for (const message of client.messages.splice(0)) take(message);
    await delay(50);
  }
  client.close();
  return report;
}

process.once('message', async (order: HtspOrder) => {
  const reports = await Promise.all(Array.from({ length: order.clients }, (_, index) => watch(order, index)));
  process.send?.(reports, () => process.exit(0));
});
