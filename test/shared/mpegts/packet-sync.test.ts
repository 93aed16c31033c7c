import test from 'ava';
import { type PacketSize, PacketSync } from '#shared/mpegts/packet-sync.ts';
import { packet } from '#test/helpers/ts-builder.ts';

/** Packets that tell their number, with sync bytes strewn into the payload to mislead the search. */
function numbered(count: number, first = 0): Buffer[] {
  return Array.from({ length: count }, (_, index) => {
    const payload = Buffer.alloc(184, 0x11);
    payload.writeUInt32BE(first + index);
    payload[40 + ((first + index) % 100)] = 0x47;
    return packet({ pid: 0x100, counter: first + index, payload });
  });
}

/** The same as 188, 192 (time stamp before) or 204 bytes each (parity behind). */
function framed(packets: readonly Buffer[], size: PacketSize): Buffer {
  const before = Buffer.alloc(size === 192 ? 4 : 0, 0x22);
  const behind = Buffer.alloc(size === 204 ? 16 : 0, 0x33);
  return Buffer.concat(packets.flatMap((bytes) => [before, bytes, behind]));
}

function collector() {
  const events: string[] = [];
  const numbers: number[] = [];
  const sync = new PacketSync({
    onPackets: (bytes, from, to) => {
      for (let at = from; at < to; at += 188) numbers.push(bytes.readUInt32BE(at + 4));
      if ((to - from) % 188 !== 0) events.push(`part of a packet: ${to - from}`);
    },
    onLock: (size, skipped) => events.push(`lock ${size} after ${skipped}`),
    onBadSync: (lost) => events.push(lost ? 'lost' : 'bad'),
  });
  return { sync, events, numbers };
}

const count = (length: number, first = 0) => Array.from({ length }, (_, index) => first + index);

for (const size of [188, 192, 204] as const) {
  const skipped = size === 192 ? 4 : 0;

  test(`packets of ${size} bytes come out whole, whatever the chunks`, (t) => {
    const bytes = framed(numbered(40), size);
    for (const chunk of [1, 7, 187, 188, 189, 204, 1000, 4096, bytes.length]) {
      const { sync, events, numbers } = collector();
      for (let at = 0; at < bytes.length; at += chunk) sync.push(bytes.subarray(at, at + chunk));
      sync.finish();
      t.deepEqual(numbers, count(40), `chunks of ${chunk}`);
      t.deepEqual(events, [`lock ${size} after ${skipped}`], `chunks of ${chunk}`);
      t.is(sync.packetSize, size);
      t.true(sync.locked);
    }
  });

  test(`junk before packets of ${size} bytes is skipped and counted`, (t) => {
    for (const junk of [1, 47, 188, 500, 5000]) {
      const { sync, events, numbers } = collector();
      sync.push(Buffer.concat([Buffer.alloc(junk, 0x99), framed(numbered(20), size)]));
      sync.finish();
      t.deepEqual(numbers, count(20), `${junk} bytes`);
      t.deepEqual(events, [`lock ${size} after ${junk + skipped}`]);
    }
  });

  test(`few packets of ${size} bytes are taken at the end of the input`, (t) => {
    for (const few of [1, 2, 3, 4]) {
      const { sync, numbers } = collector();
      sync.push(framed(numbered(few), size));
      sync.finish();
      t.deepEqual(numbers, count(few), `${few} packets`);
    }
  });
}

test('the last packet counts although the parity behind it is missing', (t) => {
  const { sync, numbers } = collector();
  sync.push(framed(numbered(20), 204).subarray(0, -16));
  sync.finish();
  t.deepEqual(numbers, count(20));
});

test('a packet cut off at the end is dropped', (t) => {
  const { sync, numbers } = collector();
  sync.push(framed(numbered(20), 188).subarray(0, -1));
  sync.finish();
  t.deepEqual(numbers, count(19));
});

test('one bad sync byte costs one packet, and the lock holds', (t) => {
  const packets = numbered(20);
  packets[9]?.fill(0x00, 0, 1);
  const { sync, events, numbers } = collector();
  sync.push(framed(packets, 188));
  t.deepEqual(numbers, [...count(9), ...count(10, 10)]);
  t.deepEqual(events, ['lock 188 after 0', 'bad']);
});

test('after lost bytes the lock is found again, whatever the chunks, and what was skipped is told', (t) => {
  const bytes = Buffer.concat([framed(numbered(10), 188), Buffer.alloc(300, 0x99), framed(numbered(10, 10), 188)]);
  for (const chunk of [1, 100, 188, 777, bytes.length]) {
    const { sync, events, numbers } = collector();
    for (let at = 0; at < bytes.length; at += chunk) sync.push(bytes.subarray(at, at + chunk));
    sync.finish();
    t.deepEqual(numbers, count(20), `chunks of ${chunk}`);
    t.deepEqual(events, ['lock 188 after 0', 'bad', 'lost', 'lock 188 after 300'], `chunks of ${chunk}`);
  }
});

test('a part of a packet missing in the middle costs only its neighbours', (t) => {
  const first = framed(numbered(10), 188);
  const { sync, numbers } = collector();
  sync.push(Buffer.concat([first.subarray(0, -60), framed(numbered(10, 10), 188)]));
  sync.finish();
  t.deepEqual(numbers.slice(0, 9), count(9));
  t.deepEqual(numbers.slice(-8), count(8, 12));
});

test('what is no transport stream never locks, and little of it is kept', (t) => {
  const { sync, events, numbers } = collector();
  // A small generator instead of text: what repeats every 188, 192 or 204 bytes would rightly be taken for packets.
  let state = 1;
  for (let index = 0; index < 200; index++) {
    const bytes = Uint8Array.from({ length: 700 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state >>> 24) % 16 === 0 ? 0x47 : state >>> 24;
    });
    sync.push(Buffer.from(bytes));
  }
  sync.finish();
  t.false(sync.locked);
  t.deepEqual([events, numbers], [[], []]);
  t.true(sync.skippedBytes > 130_000);
});

test('a stream may change its packet size after a reset', (t) => {
  const { sync, events, numbers } = collector();
  sync.push(framed(numbered(10), 188));
  sync.reset();
  t.false(sync.locked);
  sync.push(framed(numbered(10, 10), 204));
  t.deepEqual(numbers, count(20));
  t.deepEqual(events, ['lock 188 after 0', 'lock 204 after 0']);
});

test('an empty input ends quietly', (t) => {
  const { sync, events } = collector();
  sync.push(Buffer.alloc(0));
  sync.finish();
  t.deepEqual(events, []);
});
