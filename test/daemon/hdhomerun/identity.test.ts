import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadIdentity } from '#daemon/hdhomerun/identity.ts';
import { XgError } from '#shared/errors.ts';

function setUp(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'xg2g-identity-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const warnings: string[] = [];
  const options = {
    dataFolder: join(folder, 'data'),
    configured: null,
    fallbackSeed: 'host',
    onWarning: (text: string) => void warnings.push(text),
  };
  return { options, warnings, file: join(folder, 'data', 'hdhomerun.json') };
}

test('the id is made once and kept', (t) => {
  const { options, warnings, file } = setUp(t);
  const first = loadIdentity(options);
  t.deepEqual(loadIdentity(options), first);
  t.true(readFileSync(file, 'utf8').includes(first.deviceId));
  t.deepEqual(warnings, []);
});

test('a configured id wins; one with a wrong check digit is refused with a right one', (t) => {
  const { options } = setUp(t);
  t.is(loadIdentity({ ...options, configured: '1050A5C0' }).deviceId, '1050A5C0' as never);
  const error = t.throws(() => loadIdentity({ ...options, configured: '12345678' }), { instanceOf: XgError });
  t.is(error.code, 'HDHR_DEVICE_ID');
});

test('a damaged file is replaced and said so', (t) => {
  const { options, warnings, file } = setUp(t);
  loadIdentity(options);
  writeFileSync(file, '{"deviceId":"12345678"}');
  const fresh = loadIdentity(options);
  t.is(warnings.length, 1);
  t.deepEqual(loadIdentity(options), fresh);
});

test('without a writable folder the id comes from the host and is stable all the same', (t) => {
  const { options, warnings } = setUp(t);
  const unwritable = { ...options, dataFolder: '/dev/null/data' };
  t.deepEqual(loadIdentity(unwritable), loadIdentity(unwritable));
  t.true(warnings.length > 0);
});
