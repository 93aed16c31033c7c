import test from 'ava';
import { nextSequence } from '#transcoder/aac/window-sequencer.ts';
import { EIGHT_SHORT, LONG_START, LONG_STOP, ONLY_LONG, type WindowSequence } from '#transcoder/aac/windows.ts';
import { noiseSource } from './support/sounds.ts';

test('an attack late in the new samples is prepared for, one at their beginning comes too late', (t) => {
  t.is(nextSequence(ONLY_LONG, 15), LONG_START);
  t.is(nextSequence(LONG_STOP, 8), LONG_START);
  t.is(nextSequence(ONLY_LONG, 2), ONLY_LONG);
  t.is(nextSequence(ONLY_LONG, 3), LONG_START);
  t.is(nextSequence(ONLY_LONG, -1), ONLY_LONG);
  t.is(nextSequence(EIGHT_SHORT, 0), EIGHT_SHORT, 'short windows hold it wherever it is');
  t.is(nextSequence(EIGHT_SHORT, -1), LONG_STOP);
});

test('no sequence follows another that its slope does not fit', (t) => {
  const random = noiseSource(1);
  let before: WindowSequence = ONLY_LONG;
  for (let frame = 0; frame < 1000; frame++) {
    const next = nextSequence(before, Math.floor(random() * 17 - 1));
    const endsShort = before === LONG_START || before === EIGHT_SHORT;
    const beginsShort = next === EIGHT_SHORT || next === LONG_STOP;
    t.is(endsShort, beginsShort, `${before} then ${next}`);
    before = next;
  }
});
