import test from 'ava';
import { ScramblingGate } from '#daemon/streams/scrambling-gate.ts';
import { parsePmt } from '#shared/mpegts/pmt.ts';
import { packet, pmtSection } from '#test/helpers/ts-builder.ts';

const VIDEO = 0x101;
const AUDIO = 0x102;
const PMT = 0x100;
const payload = Buffer.alloc(184, 7);

const H264 = { type: 0x1b, pid: VIDEO };
const MP2 = { type: 0x03, pid: AUDIO };

function gate(streams: readonly { type: number; pid: number }[] = [H264, MP2]) {
  const passed: Buffer[] = [];
  let scrambled = 0;
  const made = new ScramblingGate({ onPackets: (packets) => passed.push(packets), onScrambled: () => scrambled++ });
  const pmt = parsePmt(pmtSection({ program: 1, pcrPid: VIDEO, streams }));
  if (pmt === null) throw new Error('the PMT of the test is none');
  made.setProgram(pmt);
  return { gate: made, passed: () => Buffer.concat(passed), scrambled: () => scrambled };
}

const clear = (pid: number, counter = 0): Buffer => packet({ pid, counter, payload });
const locked = (pid: number, counter = 0): Buffer => packet({ pid, counter, payload, scrambling: 2 });

test('a clear picture opens it at once, with everything that came before', (t) => {
  const { gate: made, passed } = gate();
  const first = Buffer.concat([clear(PMT), clear(AUDIO)]);
  made.push(first);
  t.is(passed().length, 0);
  const second = Buffer.concat([clear(AUDIO, 1), clear(VIDEO), clear(VIDEO, 1)]);
  made.push(second);
  t.is(made.state, 'open');
  t.deepEqual(passed(), Buffer.concat([first, second]));
});

test('scrambled packets are held back until clear ones come; players never see them', (t) => {
  const { gate: made, passed, scrambled } = gate();
  made.push(Buffer.concat([clear(PMT), locked(VIDEO), locked(AUDIO)]));
  made.push(locked(VIDEO, 1));
  t.is(made.state, 'scrambled');
  t.is(scrambled(), 1, 'told once');
  t.is(made.scrambledPackets, 3);
  made.push(Buffer.concat([locked(VIDEO, 2), clear(PMT, 1), clear(VIDEO, 3), locked(AUDIO, 1)]));
  t.is(made.state, 'open');
  t.deepEqual(passed(), Buffer.concat([clear(PMT), clear(PMT, 1), clear(VIDEO, 3), locked(AUDIO, 1)]));
});

test('clear sound does not open a programme whose picture is scrambled', (t) => {
  const { gate: made } = gate();
  for (let n = 0; n < 500; n++) made.push(Buffer.concat([clear(AUDIO, n & 15), locked(VIDEO, n & 15)]));
  t.is(made.state, 'scrambled');
});

test('clear sound opens radio at once, and a programme whose picture never comes after a while', (t) => {
  const radio = gate([MP2]);
  radio.gate.push(clear(AUDIO));
  t.is(radio.gate.state, 'open');
  const dark = gate();
  let pushed = 0;
  for (; dark.gate.state !== 'open' && pushed < 1_000; pushed++) dark.gate.push(clear(AUDIO, pushed & 15));
  t.is(pushed, 64);
});

test('packets without payload say nothing: their bits are not meant', (t) => {
  const { gate: made } = gate();
  made.push(packet({ pid: VIDEO, adaptation: { pcr: 900 } }));
  t.is(made.state, 'judging');
});

test('a programme of streams that nobody knows passes', (t) => {
  const { gate: made, passed } = gate([{ type: 0x06, pid: 0x200 }]);
  made.push(clear(0x200));
  t.is(passed().length, 188);
});

test('a channel that stays scrambled costs no more than 128 KiB', (t) => {
  const { gate: made, passed } = gate();
  for (let n = 0; n < 5_000; n++) made.push(Buffer.concat([clear(PMT, n & 15), locked(VIDEO, n & 15)]));
  made.push(clear(VIDEO));
  t.true(passed().length <= 129 * 1024, `${passed().length} bytes`);
});

test('after a reset the next connection is judged anew', (t) => {
  const { gate: made, scrambled } = gate();
  made.push(clear(VIDEO));
  made.reset();
  t.is(made.state, 'judging');
  made.push(locked(VIDEO));
  t.is(scrambled(), 1);
});
