import test from 'ava';
import { RateMeter, type SlotClaim, TunerSlots } from '#daemon/hdhomerun/tuner-slots.ts';
import { channel } from '../support/channels.ts';

function claim(number: number, address: string, by: SlotClaim['by'] = 'stream'): SlotClaim {
  return { channel: channel(number), address, by };
}

test('any tuner: the first that is free; the same client with the same channel shares its own', (t) => {
  const slots = new TunerSlots(() => 2);
  const first = slots.take(null, claim(1, 'a'));
  t.is(first.tuner, 0);
  t.is(slots.take(null, claim(1, 'a')).tuner, 0);
  t.is(slots.take(null, claim(1, 'b')).tuner, 1);
  first.release();
  t.is(slots.take(null, claim(2, 'c')).tuner, 2, 'beyond those that are shown: the arbiter has said yes');
  t.is(slots.size, 3);
});

test('a tuner by its number may be in use, or not be there', (t) => {
  const slots = new TunerSlots(() => 2);
  const use = slots.take(1, claim(1, 'a'));
  t.throws(() => slots.take(1, claim(2, 'b')), { code: 'HDHR_TUNER_IN_USE' });
  t.throws(() => slots.take(1, claim(2, 'a')), { code: 'HDHR_TUNER_IN_USE' }, 'his own, with another channel');
  t.notThrows(() => slots.take(1, claim(1, 'a')).release());
  t.throws(() => slots.take(2, claim(1, 'a')), { code: 'HDHR_TUNER_UNKNOWN' });
  use.release();
  use.release();
  t.notThrows(() => slots.take(1, claim(2, 'b')));
});

test('a tuner that a client has locked is nobody else’s', (t) => {
  const slots = new TunerSlots(() => 2);
  slots.lock(0, 'a');
  t.is(slots.take(null, claim(1, 'b')).tuner, 1);
  t.throws(() => slots.take(0, claim(1, 'b')), { code: 'HDHR_TUNER_IN_USE' });
  t.notThrows(() => slots.take(0, claim(1, 'a', 'control')).release());
  slots.lock(0, null);
  t.is(slots.take(0, claim(1, 'b')).tuner, 0);
});

test('with every number taken the device is full', (t) => {
  const slots = new TunerSlots(() => 2);
  for (let client = 0; client < 64; client++) slots.take(null, claim(1, `c${client}`));
  t.throws(() => slots.take(null, claim(1, 'one more')), { code: 'HDHR_TUNERS_IN_USE' });
});

test('a rate is that of the time since it was last asked', (t) => {
  let nowMs = 0;
  const meter = new RateMeter(() => nowMs);
  t.is(meter.bytesPerSecond(5_000), 0, 'where it begins');
  nowMs = 500;
  t.is(meter.bytesPerSecond(6_000), 2_000, 'early, but better than nothing');
  nowMs = 1_000;
  t.is(meter.bytesPerSecond(7_000), 2_000);
  nowMs = 1_200;
  t.is(meter.bytesPerSecond(9_000), 2_000, 'too soon to say anything new');
  nowMs = 3_000;
  t.is(meter.bytesPerSecond(7_000), 0);
});
