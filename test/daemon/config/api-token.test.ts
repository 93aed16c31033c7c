import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ApiToken } from '#daemon/config/api-token.ts';

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'xg2g-token-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('the token is made once, has 256 bits and is readable for its owner only', (t) => {
  const dataFolder = join(folder(t), 'data');
  const token = new ApiToken({ dataFolder, configured: null });
  t.throws(() => token.read(), { code: 'API_TOKEN', message: /there is none yet/ });
  t.is(token.current(), null);
  token.prepare((text) => t.fail(text));
  const made = token.read();
  t.is(Buffer.from(made, 'base64url').length, 32);
  t.is(statSync(token.path).mode & 0o777, 0o600);
  token.prepare((text) => t.fail(text));
  t.is(token.current(), made);
  t.is(new ApiToken({ dataFolder, configured: null }).current(), made, 'it survives a restart');
});

test('a new token counts at once for the daemon that runs', (t) => {
  const dataFolder = folder(t);
  const daemon = new ApiToken({ dataFolder, configured: null });
  daemon.prepare((text) => t.fail(text));
  const before = daemon.current();
  const made = new ApiToken({ dataFolder, configured: null }).renew();
  t.not(made, before);
  t.is(daemon.current(), made);
});

test('the one of the configuration wins and is not replaced', (t) => {
  const dataFolder = folder(t);
  const token = new ApiToken({ dataFolder, configured: 'from-the-configuration' });
  token.prepare((text) => t.fail(text));
  t.is(token.current(), 'from-the-configuration');
  t.throws(() => token.renew(), { code: 'API_TOKEN', message: /configuration/ });
});

test('a damaged file is no token, and a folder that is none is said', (t) => {
  const dataFolder = folder(t);
  const token = new ApiToken({ dataFolder, configured: null });
  writeFileSync(token.path, '\n');
  t.is(token.current(), null);
  t.throws(() => token.read(), { code: 'API_TOKEN', message: /damaged/ });
  writeFileSync(join(dataFolder, 'file'), '');
  const nowhere = new ApiToken({ dataFolder: join(dataFolder, 'file'), configured: null });
  const warnings: string[] = [];
  nowhere.prepare((text) => warnings.push(text));
  t.regex(warnings.join(), /cannot be kept.*XG2G_API_TOKEN/);
  t.is(nowhere.current()?.length, 43, 'nobody may write without a secret all the same');
});
