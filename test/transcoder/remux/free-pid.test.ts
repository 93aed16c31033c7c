import test from 'ava';
import { asPid } from '#shared/mpegts/types.ts';
import { freePid } from '#transcoder/remux/free-pid.ts';

test('the lowest free PID from 0x1e00 on', (t) => {
  t.is(freePid(new Set()), asPid(0x1e00));
  t.is(freePid(new Set([0x100, 0x1e00, 0x1e02])), asPid(0x1e01));
  t.is(freePid(new Set([0x1e00, 0x1e01, 0x1e02])), asPid(0x1e03));
});

test('never the PID of stuffing; a programme that has taken all is told', (t) => {
  const taken = new Set(Array.from({ length: 0x1fe }, (_, index) => 0x1e00 + index));
  t.is(freePid(taken), asPid(0x1ffe));
  taken.add(0x1ffe);
  t.throws(() => freePid(taken), { instanceOf: RangeError });
});
