import test from 'ava';
import { continuityAt, hasPayload, PACKET_SIZE, pidAt } from '#shared/mpegts/packet.ts';
import { checkTransportStream } from '#test/helpers/tr101290.ts';
import { type DemoService, serviceByName } from './lineup/services.ts';
import { LOOP_PCR, LOOP_PTS } from './media/timing.ts';
import { alignedStartPcr } from './stream/player.ts';
import { loopOf, PLAYABLE, positionOf } from './support/loops.ts';
import { packetsOf, pidsOf } from './support/packets.ts';
import { clocksOf, stampsOf } from './support/stamps.ts';

/** Stamps begin again in the middle of turn 1, between two seams. */
const BEFORE_WRAP = alignedStartPcr(2 ** 33 * 300 - 1.5 * LOOP_PCR);
const SEAMS = { from: 0.9, to: 2.1 };
const TUESDAY = Date.UTC(2026, 9, 6, 21, 34, 56) / 1000;

/** Of audio. Video has one picture in each PES. */
const MAX_FRAMES_PER_PES = 4;

/** Ticks of 90 kHz that a picture or a frame of sound lasts. */
function frameTicks(service: DemoService, pid: number): number {
  const id = service.media.audio.find((track) => track.pid === pid)?.id;
  if (id === undefined) return 3_600;
  if (id.startsWith('mp2')) return 2_160;
  return id.startsWith('latm') ? 1_920 : 2_880;
}

const pcrPid = (service: DemoService): number => (service.media.video ?? service.media.audio[0])?.pid ?? 0;

async function overTheSeams(service: DemoService): Promise<Buffer> {
  const loop = await loopOf(service);
  return loop.read(positionOf(loop, SEAMS.from), positionOf(loop, SEAMS.to), BEFORE_WRAP, TUESDAY);
}

for (const service of PLAYABLE) {
  test(`${service.name} has no error over two seams and the 33-bit wrap`, async (t) => {
    const bytes = await overTheSeams(service);
    const report = checkTransportStream(bytes);
    // The PAT names the transponder's other programmes, whose PMTs a box does not send.
    t.deepEqual(Object.keys(report.errors), ['pmt-interval'], JSON.stringify(report.errors));
    t.is(report.duplicates, 0);
    t.true(Math.abs((report.durationMs ?? 0) - (SEAMS.to - SEAMS.from) * 24_000) < 1_000, `${report.durationMs} ms`);
    t.true(report.maxPatIntervalMs <= 120, `${report.maxPatIntervalMs} ms between two PATs`);
  });

  test(`${service.name}: clock and stamps go on over two seams and the 33-bit wrap`, async (t) => {
    const loop = await loopOf(service);
    const from = positionOf(loop, SEAMS.from);
    const bytes = await overTheSeams(service);
    const clocks = clocksOf(bytes, pcrPid(service));
    const wrap = 2 ** 33 * 300;
    t.true((clocks[0]?.pcr ?? 0) < wrap && (clocks.at(-1)?.pcr ?? 0) > wrap, 'the wrap lies in between');
    // Each PCR is the time at which its packet leaves, to the tick.
    t.is(
      clocks.findIndex(({ packet, pcr }) => pcr !== BEFORE_WRAP + loop.timeAt(from + packet)),
      -1,
    );

    const { video, audio } = service.media;
    for (const { pid } of [...(video === null ? [] : [video]), ...audio]) {
      const stamps = stampsOf(bytes, pid, 2 ** 33);
      t.true(stamps.length > 100);
      const steps = new Set(stamps.slice(1).map((stamp, index) => stamp.dts - (stamps[index]?.dts ?? 0)));
      const frame = frameTicks(service, pid);
      t.deepEqual(
        [...steps].filter((step) => step < frame || step > MAX_FRAMES_PER_PES * frame || step % frame !== 0),
        [],
        `PID ${pid}: steps of whole frames`,
      );
      // A turn later everything is as before, by one turn.
      const perTurn = stamps.findIndex((stamp) => stamp.packet >= loop.count);
      t.true(perTurn > 0);
      t.is((stamps[perTurn]?.dts ?? 0) - (stamps[0]?.dts ?? 0), LOOP_PTS);
      t.is((stamps[perTurn]?.pts ?? 0) - (stamps[0]?.pts ?? 0), LOOP_PTS);
      t.is(
        stamps.findIndex(({ pts, dts }) => pts < dts),
        -1,
      );
      // Each PES begins to arrive before it is due, and not long before.
      const leads = stamps.map(({ dts, packet }) => dts - (BEFORE_WRAP + loop.timeAt(from + packet)) / 300);
      t.true(Math.min(...leads) > 0, `PID ${pid}: ${Math.min(...leads)} ticks`);
      t.true(Math.max(...leads) < 2 * 90_000, `PID ${pid}: ${Math.max(...leads)} ticks`);
    }
  });
}

test('reading in any pieces gives the same bytes, over seam and wrap, scrambled or clear', async (t) => {
  for (const scrambled of [false, true]) {
    const loop = await loopOf(serviceByName('Schlüssel Kino HD'), scrambled);
    for (const turn of [1, 2, 16]) {
      const startPcr = alignedStartPcr(2 ** 33 * 300 - turn * LOOP_PCR);
      const from = turn * loop.count - 2_500;
      const to = turn * loop.count + 2_500;
      const whole = loop.read(from, to, startPcr, TUESDAY);
      for (const size of [1, 7, 1_000, 2_500, 4_999]) {
        const pieces: Buffer[] = [];
        for (let at = from; at < to; at += size) {
          pieces.push(loop.read(at, Math.min(to, at + size), startPcr, TUESDAY));
        }
        t.true(Buffer.concat(pieces).equals(whole), `pieces of ${size} packets at turn ${turn}`);
      }
    }
  }
});

test('a read of several turns at once is those turns one after the other', async (t) => {
  const loop = await loopOf(serviceByName('Radio Ödland'));
  const whole = loop.read(3, 5 * loop.count - 3, 0, TUESDAY);
  const turns = [0, 1, 2, 3, 4].map((turn) => {
    const first = turn === 0 ? 3 : turn * loop.count;
    return loop.read(first, turn === 4 ? 5 * loop.count - 3 : (turn + 1) * loop.count, 0, TUESDAY);
  });
  t.true(Buffer.concat(turns).equals(whole));
});

test('counters go on after a hundred thousand turns', async (t) => {
  const loop = await loopOf(serviceByName('Klangwelle 5.1'));
  const seam = 100_000 * loop.count;
  const bytes = loop.read(seam - 2_000, seam + 2_000, 0, TUESDAY);
  const last = new Map<number, number>();
  let checked = 0;
  for (const offset of packetsOf(bytes)) {
    const pid = pidAt(bytes, offset);
    const before = last.get(pid);
    const counter = continuityAt(bytes, offset);
    if (before !== undefined && hasPayload(bytes, offset)) {
      if (counter !== ((before + 1) & 15)) t.fail(`PID ${pid}: ${counter} after ${before}`);
      checked++;
    }
    last.set(pid, counter);
  }
  t.true(checked > 3_900);
});

test('positions and times belong together: what is due is found, in every turn', async (t) => {
  const loop = await loopOf(serviceByName('Klassik SD'));
  for (const turn of [0, 1, 7]) {
    t.is(loop.positionAt(turn * LOOP_PCR), turn * loop.count, 'the tables begin the turn');
    for (const index of [0, 1, 1_000, loop.count - 1]) {
      const position = turn * loop.count + index;
      const time = loop.timeAt(position);
      t.true(time >= turn * LOOP_PCR && time < (turn + 1) * LOOP_PCR);
      t.true(loop.positionAt(time) <= position);
      t.true(loop.positionAt(time + 1) > position);
    }
  }
});

test('a scrambled loop keeps PIDs, counters and clock of the clear one', async (t) => {
  const service = serviceByName('Schlüssel Kino HD');
  const [clear, coded] = [await loopOf(service), await loopOf(service, true)];
  t.is(coded.count, clear.count);
  const read = (loop: typeof clear): Buffer => loop.read(0, loop.count, BEFORE_WRAP, TUESDAY);
  const [clearBytes, codedBytes] = [read(clear), read(coded)];
  t.deepEqual(pidsOf(codedBytes), pidsOf(clearBytes));
  t.deepEqual(clocksOf(codedBytes, pcrPid(service)), clocksOf(clearBytes, pcrPid(service)));
  let same = 0;
  let media = 0;
  const parities = new Set<number>();
  for (const offset of packetsOf(codedBytes)) {
    if (continuityAt(codedBytes, offset) !== continuityAt(clearBytes, offset)) t.fail(`counter at byte ${offset}`);
    const control = (codedBytes[offset + 3] ?? 0) >> 6;
    if (control === 0) continue;
    parities.add(control);
    media++;
    const end = offset + PACKET_SIZE;
    if (codedBytes.subarray(end - 8, end).equals(clearBytes.subarray(end - 8, end))) same++;
  }
  t.true(media > 0.9 * clear.count);
  t.is(same, 0, 'no payload goes through unchanged');
  t.deepEqual(parities, new Set([2, 3]), 'even and odd keys');
});

test('the time table carries the time it is read at', async (t) => {
  const loop = await loopOf(serviceByName('Radio Ödland'));
  const bytes = loop.read(0, loop.count, 0, TUESDAY);
  const tables = [...packetsOf(bytes)].filter((offset) => pidAt(bytes, offset) === 0x14);
  t.is(tables.length, 16);
  // MJD 61319 is 2026-10-06. Spec: ETSI EN 300 468, Annex C.
  for (const offset of tables) {
    t.deepEqual([...bytes.subarray(offset + 5, offset + 13)], [0x70, 0x70, 0x05, 0xef, 0x87, 0x21, 0x34, 0x56]);
  }
});
