/**
 * The .rpm in a booted machine, with its scriptlets: runs in the machine's network. The machine is a Debian with rpm, so
 * dependencies are not resolved here.
 * Usage: node rpm-machine.ts LABEL LEADER RESULT
 */
import assert from 'node:assert/strict';
import { Checks } from './support/checks.ts';
import { codecs, firstStream, GATEWAY, get, RECEIVER, startReceiver, untilReady } from './support/gateway.ts';
import { Inside } from './support/machine.ts';
import { Traffic } from './support/traffic.ts';
import { Viewer } from './support/viewer.ts';

const [label = '', leader = '', resultPath = ''] = process.argv.slice(2);
const inside = new Inside(Number(leader));
const checks = new Checks(label);

const CONFIG = '/etc/xg2g/xg2g.yaml';
const SECOND_OF_STREAM = 250_000;

const sh = (script: string): Promise<string> => inside.must('sh', '-c', script);
const rpm = (...args: readonly string[]): Promise<string> => inside.must('rpm', '--force-debian', '--nodeps', ...args);

await checks.check('rpm installs it; users, modes and files are there', async () => {
  assert.equal(await rpm('--install', '/packages/old.rpm'), '');
  assert.equal(await sh(`stat -c '%a %U:%G' ${CONFIG} /var/lib/xg2g`), '640 root:xg2g\n750 xg2g:xg2g');
  const groups = (await sh('id -nG xg2g-transcoder')).split(' ').sort();
  assert.deepEqual(groups, ['render', 'video', 'xg2g-transcoder']);
  assert.equal(await inside.output('rpm', '--verify', '--nodeps', 'xg2g'), '');
});

const stopReceiver = await startReceiver();
await sh(`sed -i 's/#host: .*/host: ${RECEIVER}/' ${CONFIG}`);

await checks.check('systemctl enable --now starts it and a channel plays with AAC', async () => {
  await inside.must('systemctl', 'enable', '--now', 'xg2g');
  await untilReady();
});

const viewer = new Viewer(await firstStream());

await checks.check('an upgrade keeps the edited configuration; requests wait, the stream resumes', async () => {
  await viewer.more(4 * SECOND_OF_STREAM);
  assert.match(await codecs(viewer.takeRecording()), / aac/);
  const before = await sh(`md5sum ${CONFIG}; stat -c '%a %U:%G' ${CONFIG}`);
  const traffic = new Traffic(`${GATEWAY}/healthz`);
  await rpm('--upgrade', '/packages/new.rpm');
  await viewer.more(4 * SECOND_OF_STREAM);
  const report = await traffic.stop();
  assert.deepEqual(report.failures, {});
  assert.equal(await sh(`md5sum ${CONFIG}; stat -c '%a %U:%G' ${CONFIG}`), before);
  const { text } = await get('/api/v1/status');
  assert.doesNotMatch(text, /"version":"0\.0\.1"/);
  viewer.takeRecording();
  await viewer.more(4 * SECOND_OF_STREAM);
  assert.match(await codecs(viewer.takeRecording()), / aac/);
  checks.figure('requests during the upgrade', `${report.answered}, slowest ${report.slowestMs} ms`);
});

await viewer.stop();

await checks.check('erasing it stops and disables the services and leaves the edited configuration aside', async () => {
  await rpm('--erase', 'xg2g');
  await assert.rejects(get('/healthz'), /ECONNREFUSED/);
  assert.equal(await inside.output('systemctl', 'list-unit-files', '--no-legend', 'xg2g*'), '');
  assert.equal(await sh('ls /usr/lib/xg2g /usr/bin/xg2g* 2> /dev/null || true'), '');
  await sh(`test -f ${CONFIG}.rpmsave`);
});

stopReceiver();
process.exit(await checks.finish(resultPath));
