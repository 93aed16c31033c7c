import test from 'ava';
import { LogoCache } from '#daemon/http/logo-cache.ts';
import { LogoFiles } from '#daemon/lineup/logos/logo-files.ts';
import { channel } from '../support/channels.ts';

const picon = (size: number) => ({ contentType: 'image/png', bytes: Buffer.alloc(size) });

test('equal requests share one fetch, different ones wait their turn', async (t) => {
  let running = 0;
  let most = 0;
  let asked = 0;
  const cache = new LogoCache({
    address: '',
    picon: async () => {
      asked++;
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return picon(1);
    },
  });
  await Promise.all([1, 1, 1, 2, 3, 4, 5].map((number) => cache.get(channel(number))));
  t.is(asked, 5);
  t.is(most, 2);
});

test('the least recently used logos go when the bytes are spent', async (t) => {
  const asked: string[] = [];
  const cache = new LogoCache(
    {
      address: '',
      picon: async (ref) => {
        asked.push(ref);
        return picon(40);
      },
    },
    { files: new LogoFiles({ folder: null, onWarning: t.fail, maxBytes: 100 }) },
  );
  for (const number of [1, 2, 1, 3, 1, 2]) await cache.get(channel(number));
  t.deepEqual(
    asked,
    [1, 2, 3, 2].map((number) => channel(number).ref),
  );
});

test('a missing logo is asked for again after an hour, one that failed after half a minute', async (t) => {
  let nowMs = 0;
  let asked = 0;
  let broken = false;
  const cache = new LogoCache(
    {
      address: '',
      picon: async () => {
        asked++;
        if (broken) throw new Error('off');
        return null;
      },
    },
    { nowMs: () => nowMs },
  );
  const askAt = async (seconds: number): Promise<number> => {
    nowMs = seconds * 1000;
    t.is(await cache.get(channel(1)), null);
    return asked;
  };
  t.is(await askAt(0), 1);
  t.is(await askAt(3599), 1);
  broken = true;
  t.is(await askAt(3601), 2);
  t.is(await askAt(3630), 2);
  t.is(await askAt(3632), 3);
});

test('too many waiting are refused', async (t) => {
  const { promise, resolve } = Promise.withResolvers<null>();
  const cache = new LogoCache({ address: '', picon: () => promise });
  const waiting = Array.from({ length: 514 }, (_, index) => cache.get(channel(index + 1)));
  await t.throwsAsync(cache.get(channel(9999)), { code: 'LOGO_BUSY' });
  resolve(null);
  await Promise.all(waiting);
});
