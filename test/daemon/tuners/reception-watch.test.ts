import test from 'ava';
import type { Reception } from '#daemon/receiver/model.ts';
import { ReceptionWatch } from '#daemon/tuners/reception-watch.ts';

const GOOD: Reception = { snr: 92, snrDb: 14.2, agc: 71, bitErrors: 0, lock: true };

test('a box is asked when somebody wants to know, and then not again for some seconds', async (t) => {
  let nowMs = 0;
  let asked = 0;
  const reception = async (): Promise<Reception> => {
    asked++;
    return GOOD;
  };
  const watch = new ReceptionWatch(new Map([['box', { reception }]]), () => nowMs);
  t.is(asked, 0);
  const answers = await Promise.all([watch.of('box'), watch.of('box'), watch.of('box')]);
  t.deepEqual(answers, [GOOD, GOOD, GOOD]);
  t.is(asked, 1);
  nowMs = 2_999;
  await watch.of('box');
  t.is(asked, 1);
  nowMs = 3_001;
  await watch.of('box');
  t.is(asked, 2);
});

test('a box that fails, or is not there, has no signal', async (t) => {
  const reception = async (): Promise<Reception> => {
    throw new Error('no answer');
  };
  const watch = new ReceptionWatch(new Map([['box', { reception }]]));
  t.is(await watch.of('box'), null);
  t.is(await watch.of('other'), null);
});
