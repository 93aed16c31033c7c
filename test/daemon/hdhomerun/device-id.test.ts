import test from 'ava';
import { deriveDeviceId, isValidDeviceId } from '#daemon/hdhomerun/device-id.ts';

for (const id of ['1251E8E2', '1010C032', '131ED0E0', '10439EFD', '1050A5C0']) {
  test(`the id ${id} of a real device is valid`, (t) => {
    t.true(isValidDeviceId(id));
  });
}

for (const id of ['12345678', '1050A5C1', '1050a5c0', '1050A5C', '', '1050A5C0F']) {
  test(`"${id}" is not valid`, (t) => {
    t.false(isValidDeviceId(id));
  });
}

test('derived ids are valid, stable per seed and different between seeds', (t) => {
  const ids = Array.from({ length: 200 }, (_, index) => deriveDeviceId(`seed ${index}`));
  t.true(ids.every((id) => isValidDeviceId(id) && id.startsWith('105')));
  t.is(ids[0], deriveDeviceId('seed 0'));
  t.true(new Set(ids).size > 190);
});

test('one wrong digit anywhere is noticed', (t) => {
  const id = '1050A5C0';
  for (let place = 0; place < 8; place++) {
    for (const digit of '0123456789ABCDEF') {
      const changed = id.slice(0, place) + digit + id.slice(place + 1);
      t.is(isValidDeviceId(changed), changed === id, changed);
    }
  }
});
