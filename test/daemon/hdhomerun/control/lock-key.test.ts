import test from 'ava';
import { LockKey } from '#daemon/hdhomerun/control/lock-key.ts';

const ME = { address: '10.0.0.1', lockkey: null };

test('a lock is its owner’s: others may read, but not set anything, and not lock it', (t) => {
  const lock = new LockKey();
  t.true(lock.admits(ME));
  t.is(lock.set('12345', ME), 'done');
  t.is(lock.owner, '10.0.0.1');
  t.false(lock.admits({ address: '10.0.0.1', lockkey: null }), 'it is the key that counts, not the address');
  t.true(lock.admits({ address: '10.0.0.9', lockkey: 12_345 }));
  t.is(lock.set('777', { address: '10.0.0.2', lockkey: 777 }), 'locked');
  t.is(lock.set('none', { address: '10.0.0.2', lockkey: null }), 'locked');
  t.is(lock.set('none', { address: '10.0.0.1', lockkey: 12_345 }), 'done');
  t.is(lock.owner, null);
});

test('force opens it for everybody', (t) => {
  const lock = new LockKey();
  lock.set('12345', ME);
  t.is(lock.set('force', { address: '10.0.0.2', lockkey: null }), 'done');
  t.true(lock.admits({ address: '10.0.0.3', lockkey: null }));
});

for (const value of ['0', '', '-1', '4294967296', '1e3', '0x10', 'abc', '99999999999']) {
  test(`"${value}" is no key`, (t) => t.is(new LockKey().set(value, ME), 'invalid'));
}
