import test from 'ava';
import { PacketOutput } from '#shared/mpegts/packet-output.ts';
import { asPid, wrapPts } from '#shared/mpegts/types.ts';
import { pesPacket } from '#test/helpers/ts-builder.ts';
import { AacPacketizer } from '#transcoder/remux/aac-packetizer.ts';
import { adtsHeader } from '../support/audio-frames.ts';

const PID = asPid(0x1abc);

/** Payloads put together, and the packets themselves. */
function packetsOf(bytes: Buffer): { packets: Buffer[]; payload: Buffer } {
  const packets: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 188) packets.push(bytes.subarray(at, at + 188));
  const payload = Buffer.concat(
    packets.map((packet) => packet.subarray(((packet[3] ?? 0) & 0x20) === 0 ? 4 : 5 + (packet[4] ?? 0))),
  );
  return { packets, payload };
}

test('access units of every length become one PES each, with ADTS before them, in whole packets', (t) => {
  const packetizer = new AacPacketizer(PID, 0xc0);
  let counter = 0;
  for (const length of [1, 100, 161, 162, 163, 164, 346, 347, 348, 1000, 8184]) {
    const unit = Buffer.alloc(length, length & 0xff);
    const output = new PacketOutput();
    packetizer.writeAccessUnit(output, {
      bytes: unit,
      pts: wrapPts(2 ** 33 - 1),
      rateIndex: 3,
      channelConfiguration: 2,
    });
    const { packets, payload } = packetsOf(output.take() ?? Buffer.alloc(0));
    t.deepEqual(
      payload,
      pesPacket({
        streamId: 0xc0,
        pts: 2 ** 33 - 1,
        aligned: true,
        data: Buffer.concat([adtsHeader({ length: length + 7 }), unit]),
      }),
      `${length} bytes`,
    );
    for (const [index, packet] of packets.entries()) {
      t.is(packet.length, 188);
      t.is(packet[0], 0x47);
      t.is(packet.readUInt16BE(1), PID | (index === 0 ? 0x4000 : 0), 'PID, and payload_unit_start_indicator once');
      t.is((packet[3] ?? 0) & 0x0f, counter & 0x0f);
      t.is((packet[3] ?? 0) >> 6, 0);
      counter++;
    }
    t.is(packetizer.lastContinuity, (counter - 1) & 0x0f);
  }
});

test('counters go on where the PID that was passed until now stood', (t) => {
  const packetizer = new AacPacketizer(PID, 0xc0, 0x0f);
  t.is(packetizer.lastContinuity, 0x0e);
  const output = new PacketOutput();
  packetizer.writeAccessUnit(output, {
    bytes: Buffer.alloc(200),
    pts: wrapPts(0),
    rateIndex: 3,
    channelConfiguration: 2,
  });
  const { packets } = packetsOf(output.take() ?? Buffer.alloc(0));
  t.deepEqual(
    packets.map((packet) => (packet[3] ?? 0) & 0x0f),
    [0x0f, 0x00],
  );
});

test('stuffing lies in the adaptation field, a byte or many', (t) => {
  for (let length = 140; length < 200; length++) {
    const output = new PacketOutput();
    new AacPacketizer(PID, 0xc0).writeAccessUnit(output, {
      bytes: Buffer.alloc(length),
      pts: wrapPts(0),
      rateIndex: 3,
      channelConfiguration: 2,
    });
    const { packets } = packetsOf(output.take() ?? Buffer.alloc(0));
    const last = packets.at(-1) ?? Buffer.alloc(0);
    const used = (length + 21) % 184;
    if (used === 0) t.is((last[3] ?? 0) >> 4, 1);
    else {
      t.is((last[3] ?? 0) >> 4, 3);
      t.is(last[4], 183 - used);
      if (used < 183) t.is(last[5], 0, 'no flags');
      t.true(last.subarray(6, 188 - used).every((byte) => byte === 0xff));
    }
  }
});
