import test from 'ava';
import {
  continuityAt,
  hasAdaptationField,
  hasPayload,
  hasPayloadStart,
  hasTransportError,
  payloadOffset,
  pidAt,
  scramblingAt,
  setContinuity,
  writePacketHeader,
} from '#shared/mpegts/packet.ts';
import { asPid } from '#shared/mpegts/types.ts';
import { type PacketFields, packet } from '#test/helpers/ts-builder.ts';

const PAYLOAD = Buffer.alloc(184, 0xaa);

const fields = test.macro<[string, PacketFields]>({
  exec(t, _name, given) {
    // Behind another packet: nothing may be read from offset 0.
    const bytes = Buffer.concat([Buffer.alloc(188, 0xff), packet(given)]);
    t.is(pidAt(bytes, 188), asPid(given.pid));
    t.is(hasTransportError(bytes, 188), given.transportError ?? false);
    t.is(hasPayloadStart(bytes, 188), given.payloadStart ?? false);
    t.is(scramblingAt(bytes, 188), given.scrambling ?? 0);
    t.is(continuityAt(bytes, 188), given.counter ?? 0);
    t.is(hasPayload(bytes, 188), given.payload !== undefined);
    t.is(hasAdaptationField(bytes, 188), (given.payload?.length ?? 0) < 184);
    t.is(payloadOffset(bytes, 188), 2 * 188 - (given.payload?.length ?? 0));
  },
  title: (_, name) => `header: ${name}`,
});
test(fields, 'PID 0', { pid: 0, payload: PAYLOAD });
test(fields, 'the highest PID, all flags', {
  pid: 0x1fff,
  payloadStart: true,
  transportError: true,
  priority: true,
  scrambling: 3,
  counter: 15,
  payload: PAYLOAD,
});
test(fields, 'even key', { pid: 0x100, scrambling: 2, counter: 7, payload: PAYLOAD });
test(fields, 'an empty adaptation field', { pid: 0x100, payload: PAYLOAD.subarray(0, 183) });
test(fields, 'one byte of payload', { pid: 0x100, payload: PAYLOAD.subarray(0, 1) });
test(fields, 'adaptation field only', { pid: 0x100, adaptation: { pcr: 5 } });
test(fields, 'transport_priority is not part of the PID', { pid: 0x0020, priority: true, payload: PAYLOAD });

function withControl(control: number, length: number): Buffer {
  const bytes = packet({ pid: 1, payload: PAYLOAD });
  bytes[3] = control << 4;
  bytes[4] = length;
  return bytes;
}

const payloadAt = test.macro<[number, number, number | null]>({
  exec(t, control, length, expected) {
    t.is(payloadOffset(withControl(control, length), 0), expected);
  },
  title: (_, control, length, expected) =>
    `adaptation_field_control ${control}, length ${length}: payload at ${expected ?? 'no valid place'}`,
});
test(payloadAt, 0, 0, 188);
test(payloadAt, 1, 255, 4);
test(payloadAt, 2, 183, 188);
test(payloadAt, 2, 7, 188);
test(payloadAt, 2, 184, null);
test(payloadAt, 2, 255, null);
test(payloadAt, 3, 0, 5);
test(payloadAt, 3, 182, 187);
test(payloadAt, 3, 183, null);
test(payloadAt, 3, 255, null);

const header = test.macro<[number, boolean, 1 | 2 | 3, number]>({
  exec(t, pid, start, control, counter) {
    const bytes = Buffer.alloc(190, 0x55);
    writePacketHeader(bytes, 1, asPid(pid), start, control, counter);
    t.is(bytes[1], 0x47);
    t.is(pidAt(bytes, 1), asPid(pid));
    t.is(hasPayloadStart(bytes, 1), start);
    t.is(hasPayload(bytes, 1), (control & 1) !== 0);
    t.is(hasAdaptationField(bytes, 1), (control & 2) !== 0);
    t.is(continuityAt(bytes, 1), counter & 15);
    t.is(scramblingAt(bytes, 1), 0);
    t.false(hasTransportError(bytes, 1));
    t.deepEqual([bytes[0], bytes[5]], [0x55, 0x55], 'four bytes and no more');
  },
  title: (_, pid, start, control, counter) => `written header: PID ${pid}, ${start}, ${control}, counter ${counter}`,
});
test(header, 0, false, 1, 0);
test(header, 0x1fff, true, 3, 15);
test(header, 0x1234, false, 2, 16);
test(header, 0x100, true, 1, 33);

test('setting a counter leaves the other bits of its byte alone', (t) => {
  const bytes = packet({ pid: 1, scrambling: 3, counter: 5, payload: PAYLOAD.subarray(0, 100) });
  setContinuity(bytes, 0, 18);
  t.is(continuityAt(bytes, 0), 2);
  t.is(bytes[3], 0xf2);
});
