import test from 'ava';
import { CONTINUITY_DUPLICATE, ContinuityTracker } from '#shared/mpegts/continuity.ts';
import { asPid } from '#shared/mpegts/types.ts';
import { type PacketFields, packet } from '#test/helpers/ts-builder.ts';

const PID = 0x123;
const PAYLOAD = Buffer.alloc(100, 1);
type Step = number | Partial<PacketFields>;

/** A number is a packet with payload and that counter. */
function packetOf(step: Step): Buffer {
  return packet({ pid: PID, payload: PAYLOAD, ...(typeof step === 'number' ? { counter: step } : step) });
}

const noPayload = (counter: number, discontinuity = false): Partial<PacketFields> & { counter: number } => ({
  counter,
  adaptation: { pcr: 0, discontinuity },
});
const jump = (counter: number): Partial<PacketFields> => ({ counter, adaptation: { discontinuity: true } });

function adaptationOnly(fields: Partial<PacketFields> & { counter: number }): Buffer {
  const { counter, adaptation } = fields;
  return packet({ pid: PID, counter, ...(adaptation === undefined ? {} : { adaptation }) });
}

const verdicts = test.macro<[string, readonly (Step | Buffer)[], readonly number[]]>({
  exec(t, _name, steps, expected) {
    const tracker = new ContinuityTracker();
    const found = steps.map((step) => {
      const bytes = Buffer.isBuffer(step) ? step : packetOf(step);
      return tracker.check(Buffer.concat([Buffer.alloc(188), bytes]), 188, asPid(PID));
    });
    t.deepEqual(found, expected);
  },
  title: (_, name) => name,
});

test(verdicts, 'counting up by one is in order, over the wrap at 16 too', [13, 14, 15, 0, 1], [0, 0, 0, 0, 0]);
test(verdicts, 'the first packet may have any counter', [9], [0]);
for (let missing = 1; missing <= 14; missing++) {
  test(
    verdicts,
    `${missing} missing packets are counted as ${missing}`,
    [3, (4 + missing) & 15, (5 + missing) & 15],
    [0, missing, 0],
  );
}
test(verdicts, 'a packet sent twice is a duplicate', [5, 5, 6], [0, CONTINUITY_DUPLICATE, 0]);
test(verdicts, 'each packet may be sent twice', [5, 5, 6, 6, 7], [0, -1, 0, -1, 0]);
test(verdicts, 'sent three times it is 15 packets missing', [5, 5, 5, 6], [0, -1, 15, 0]);
test(verdicts, 'a duplicate does not hide what is missing after it', [5, 5, 8], [0, -1, 2]);
test(verdicts, 'a packet without payload does not count', [5, adaptationOnly(noPayload(5)), 6], [0, 0, 0]);
test(verdicts, 'not even with a wrong counter', [5, adaptationOnly(noPayload(9)), 6], [0, 0, 0]);
test(verdicts, 'an announced jump is in order and counting goes on from it', [5, jump(11), 12, 14], [0, 0, 0, 1]);
test(verdicts, 'an announced jump onto the same counter is no duplicate', [5, jump(5), 6], [0, 0, 0]);

test('PIDs do not disturb each other', (t) => {
  const tracker = new ContinuityTracker();
  for (const [pid, counter] of [
    [1, 4],
    [2, 9],
    [1, 5],
    [2, 10],
    [0x1fff, 3],
    [0, 4],
  ] as const) {
    t.is(tracker.check(packet({ pid, counter, payload: PAYLOAD }), 0, asPid(pid)), 0);
  }
});

test('a forgotten PID starts anew, the others do not', (t) => {
  const tracker = new ContinuityTracker();
  const check = (pid: number, counter: number) =>
    tracker.check(packet({ pid, counter, payload: PAYLOAD }), 0, asPid(pid));
  check(1, 0);
  check(2, 0);
  tracker.forget(asPid(1));
  t.is(check(1, 9), 0);
  t.is(check(2, 9), 8);
  tracker.reset();
  t.is(check(2, 3), 0);
});
