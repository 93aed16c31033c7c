import test from 'ava';
import { PesReader } from '#shared/mpegts/pes-reader.ts';
import { type PesFields, packet, pesPacket, TsWriter } from '#test/helpers/ts-builder.ts';

const PID = 0x100;

function reader() {
  const log: string[] = [];
  let data = '';
  const pes = new PesReader({
    onStart: ({ pts, dataLength }) => log.push(`start ${pts ?? '-'} ${dataLength ?? 'unbounded'}`),
    onData: (bytes, from, to) => {
      data += Buffer.from(bytes.subarray(from, to)).toString('latin1');
    },
    onBadHeader: () => log.push('bad'),
  });
  const push = (packets: readonly Buffer[]): void => {
    for (const bytes of packets) pes.pushPacket(Buffer.concat([Buffer.alloc(5), bytes, Buffer.alloc(3, 0x47)]), 5);
  };
  return { pes, log, push, data: () => data };
}

/** Text that says at every place where it is. */
const text = (length: number, letter = 'a'): string =>
  Array.from({ length }, (_, index) => String.fromCharCode(letter.charCodeAt(0) + (index % 20))).join('');

const pesOf = (fields: Partial<PesFields> & { readonly text: string }): Buffer =>
  pesPacket({ streamId: 0xc0, data: Buffer.from(fields.text), ...fields });

function packetsOf(...pes: readonly PesFields[]): Buffer[] {
  const writer = new TsWriter();
  return pes.flatMap((fields) => writer.pes(PID, fields));
}

test('data of every length come out whole, with the header before them', (t) => {
  for (const length of [1, 169, 170, 171, 353, 354, 355, 2000]) {
    const { log, push, data } = reader();
    const body = text(length);
    push(packetsOf({ streamId: 0xc0, pts: 5, data: Buffer.from(body) }, { streamId: 0xc0, data: Buffer.from('next') }));
    t.is(data(), `${body}next`);
    t.deepEqual(log, [`start 5 ${length}`, 'start - 4']);
  }
});

test('an unbounded PES runs until the next one starts', (t) => {
  const { log, push, data } = reader();
  const body = text(1000);
  const fields = { streamId: 0xc0, pts: 7, data: Buffer.from(body), packetLength: 0 };
  push(packetsOf(fields, { ...fields, pts: 8 }));
  t.is(data(), body + body);
  t.deepEqual(log, ['start 7 unbounded', 'start 8 unbounded']);
});

test('bytes behind the end of a bounded PES are not data', (t) => {
  const { push, data } = reader();
  const bytes = Buffer.concat([pesOf({ text: 'abc' }), Buffer.from('garbage')]);
  push([
    packet({ pid: PID, payloadStart: true, payload: bytes }),
    packet({ pid: PID, counter: 1, payload: Buffer.from('more') }),
  ]);
  t.is(data(), 'abc');
});

test('a header spread over packets in any way is put together', (t) => {
  const pes = pesOf({ text: 'the data', pts: 90_000, stuffing: 40 });
  for (let first = 1; first < 54; first++) {
    for (const second of [1, 20, 53]) {
      const { log, push, data } = reader();
      const cuts = [0, first, Math.min(first + second, pes.length), pes.length];
      const parts = cuts.slice(1).map((to, index) => pes.subarray(cuts[index], to));
      push(
        parts
          .filter(({ length }) => length > 0)
          .map((payload, index) => packet({ pid: PID, payloadStart: index === 0, counter: index, payload })),
      );
      t.is(data(), 'the data', `cut at ${cuts.join()}`);
      t.deepEqual(log, ['start 90000 8']);
    }
  }
});

test('what is no PES header is told once, and skipped up to the next start', (t) => {
  const { log, push, data } = reader();
  push([
    packet({ pid: PID, payloadStart: true, payload: Buffer.from('no header at all') }),
    packet({ pid: PID, counter: 1, payload: Buffer.from('goes on') }),
    packet({ pid: PID, counter: 2, payload: Buffer.from('and on') }),
    packet({ pid: PID, payloadStart: true, counter: 3, payload: pesOf({ text: 'here' }) }),
  ]);
  t.deepEqual(log, ['bad', 'start - 4']);
  t.is(data(), 'here');
});

test('a start that comes before a header is whole begins anew', (t) => {
  const { log, push, data } = reader();
  push([
    packet({ pid: PID, payloadStart: true, payload: pesOf({ text: 'lost', pts: 1 }).subarray(0, 7) }),
    packet({ pid: PID, payloadStart: true, counter: 1, payload: pesOf({ text: 'here', pts: 2 }) }),
  ]);
  t.deepEqual(log, ['start 2 4']);
  t.is(data(), 'here');
});

test('before the first start nothing is data, and packets without payload are nothing', (t) => {
  const { log, push, data } = reader();
  push([
    packet({ pid: PID, payload: Buffer.from('the middle of something') }),
    packet({ pid: PID, adaptation: { pcr: 5 } }),
    packet({ pid: PID, payloadStart: true, payload: pesOf({ text: 'here' }) }),
    packet({ pid: PID, payloadStart: true, adaptation: { pcr: 6 } }),
  ]);
  t.deepEqual(log, ['start - 4']);
  t.is(data(), 'here');
});

test('a packet whose adaptation field runs past its end is nothing', (t) => {
  const { log, push, data } = reader();
  const [first, second] = packetsOf({ streamId: 0xc0, data: Buffer.from(text(200)) });
  const broken = Buffer.from(second as Buffer);
  broken[4] = 183;
  push([first as Buffer, broken]);
  t.is(data(), text(175));
  t.is(log.length, 1);
});

test('after a loss within a PES its data go on', (t) => {
  const { pes, push, data } = reader();
  const packets = packetsOf(
    { streamId: 0xc0, data: Buffer.from(text(1000)) },
    { streamId: 0xc0, data: Buffer.from('!') },
  );
  push(packets.slice(0, 2));
  pes.lose();
  push(packets.slice(3));
  const whole = text(1000);
  t.is(data(), `${whole.slice(0, 359)}${whole.slice(543)}!`);
});

test('a loss that took the start of a PES loses no more of it than that', (t) => {
  const { pes, log, push, data } = reader();
  const first = { streamId: 0xc0, data: Buffer.from(text(200)) };
  const second = { streamId: 0xc0, data: Buffer.from(text(1000, 'A')) };
  const packets = packetsOf(first, second);
  push(packets.slice(0, 1));
  pes.lose(); // the end of the first, the start of the second
  push(packets.slice(3));
  t.is(data(), text(200).slice(0, 175) + text(1000, 'A').slice(175));
  t.deepEqual(log, ['start - 200']);
});

test('a loss within a header loses the PES, not the next one', (t) => {
  const { pes, log, push, data } = reader();
  push([packet({ pid: PID, payloadStart: true, payload: pesOf({ text: 'lost', pts: 1 }).subarray(0, 10) })]);
  pes.lose();
  push([
    packet({ pid: PID, counter: 2, payload: Buffer.from('the rest') }),
    packet({ pid: PID, payloadStart: true, counter: 3, payload: pesOf({ text: 'here', pts: 2 }) }),
  ]);
  t.deepEqual(log, ['start 2 4']);
  t.is(data(), 'here');
});

test('after a reset the next start is awaited', (t) => {
  const { pes, log, push, data } = reader();
  const packets = packetsOf(
    { streamId: 0xc0, data: Buffer.from(text(500)) },
    { streamId: 0xc0, data: Buffer.from('!') },
  );
  push(packets.slice(0, 1));
  pes.reset();
  push(packets.slice(1));
  t.is(data(), `${text(175)}!`);
  t.is(log.length, 2);
});
