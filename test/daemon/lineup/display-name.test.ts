import test from 'ava';
import { displayName } from '#daemon/lineup/display-name.ts';

test('names keep their letters and lose what breaks a line', (t) => {
  t.is(displayName(' Süd  "West"\t,\n3sat '), "Süd 'West' 3sat");
  t.is(displayName('a\u2028b\u0085c\u0000d'), 'a b c d');
});
