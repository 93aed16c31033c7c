import test from 'ava';
import { FaultCounters } from '#shared/mpegts/faults.ts';

test('faults are counted by kind, and only those that happened are told', (t) => {
  const faults = new FaultCounters();
  t.is(faults.get('continuity'), 0);
  t.deepEqual(faults.toJSON(), {});
  faults.add('continuity');
  faults.add('continuity');
  faults.add('skipped-bytes', 376);
  t.is(faults.get('continuity'), 2);
  t.is(JSON.stringify(faults), '{"continuity":2,"skipped-bytes":376}');
});
