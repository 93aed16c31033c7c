import test from 'ava';
import { DropPolicy } from '#daemon/tvheadend/htsp/live/drop-policy.ts';

const DEPTH = 100;
const picture = (kind: 'I' | 'P' | 'B') => ({ picture: kind, isEntry: kind === 'I' });
const SOUND = { picture: null, isEntry: true };

const admits = test.macro<[number, string]>({
  exec(t, queued, expected) {
    const kept = (['I', 'P', 'B'] as const).filter((kind) => new DropPolicy(DEPTH).admits(picture(kind), queued));
    const sound = new DropPolicy(DEPTH).admits(SOUND, queued) ? ' sound' : '';
    t.is(`${kept.join('')}${sound}`, expected);
  },
  title: (_, queued, expected) => `with ${queued} of ${DEPTH} bytes in the queue go: ${expected || 'none'}`,
});
test(admits, 0, 'IPB sound');
test(admits, 100, 'IPB sound');
test(admits, 101, 'IP sound');
test(admits, 201, 'I sound');
test(admits, 301, '');

test('after a P picture that was left out nothing that leans on it goes, up to the next I', (t) => {
  const policy = new DropPolicy(DEPTH);
  t.false(policy.admits(picture('P'), 250));
  t.false(policy.admits(picture('B'), 0));
  t.false(policy.admits(picture('P'), 0));
  t.true(policy.admits(SOUND, 0), 'sound leans on nothing');
  t.true(policy.admits(picture('I'), 0));
  t.true(policy.admits(picture('P'), 0));
  t.deepEqual({ ...policy.drops }, { B: 1, P: 2, I: 0 });
});
