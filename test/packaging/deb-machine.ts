/**
 * The .deb in a booted Debian: runs in the machine's network (nsenter --net) and beside its other namespaces.
 * Usage: node deb-machine.ts LABEL LEADER RESULT
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '#test/helpers/wait-for.ts';
import { Checks } from './support/checks.ts';
import {
  codecs,
  firstStream,
  GATEWAY,
  get,
  journal,
  mainPid,
  memoryMib,
  metric,
  RECEIVER,
  startMs,
  startReceiver,
  untilReady,
} from './support/gateway.ts';
import { BLOCK_EVENT_LOOP, evaluate } from './support/inspector.ts';
import { Inside } from './support/machine.ts';
import { probeSandboxes } from './support/sandbox.ts';
import { Traffic } from './support/traffic.ts';
import { Viewer } from './support/viewer.ts';

const [label = '', leader = '', resultPath = ''] = process.argv.slice(2);
const inside = new Inside(Number(leader));
const checks = new Checks(label);

const CONFIG = '/etc/xg2g/xg2g.yaml';
const UNITS = [
  'xg2g.service',
  'xg2g.socket',
  'xg2g-htsp.socket',
  'xg2g-transcoder.service',
  'xg2g-transcoder-control.socket',
  'xg2g-transcoder-stream.socket',
];
const OLD = '/packages/old.deb';
const NEW = '/packages/new.deb';
const SECOND_OF_STREAM = 250_000;
const KILLS = 10;

const sh = (script: string): Promise<string> => inside.must('sh', '-c', script);
const apt = (...args: readonly string[]): Promise<string> =>
  inside.must('env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--yes', '--quiet', ...args);

/** The viewer's streams ended whole, and the first request after each was served. */
async function assertUnbroken(): Promise<void> {
  if (viewer.failures.length === 0) return;
  const lines = (await journal(inside, 'xg2g.service')).split('\n');
  const log = lines
    .filter((line) => !line.includes('/healthz'))
    .slice(-40)
    .join('\n');
  assert.deepEqual(viewer.failures, [], log);
}

async function packageField(name: string): Promise<string> {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(await inside.must('dpkg', '--status', 'xg2g'))?.[1] ?? '';
}

await checks.check('apt installs the package and nothing else', async () => {
  const log = await apt('install', '--no-install-recommends', OLD);
  assert.match(log, /NEW packages will be installed:\s+xg2g\s/);
  assert.match(log, /0 upgraded, 1 newly installed/);
  for (const command of ['xg2g --version', 'xg2g-transcoder --version', 'xg2g config check']) await sh(command);
});

await checks.check('what it recommends is to be had', async () => {
  const log = await inside.must(
    'apt-get',
    'install',
    '--simulate',
    '--install-recommends',
    'libva2',
    'libva-drm2',
    'va-driver-all',
    'ffmpeg',
  );
  for (const name of ['libva2', 'libva-drm2', 'va-driver-all', 'ffmpeg'])
    assert.match(log, new RegExp(`^Inst ${name} `, 'm'));
});

await checks.check('the installation enables nothing and keeps the configuration from other users', async () => {
  for (const unit of UNITS) assert.equal(await inside.output('systemctl', 'is-enabled', unit), 'disabled', unit);
  assert.equal(await sh(`stat -c '%a %U:%G' ${CONFIG} /var/lib/xg2g`), '640 root:xg2g\n750 xg2g:xg2g');
  const groups = (await sh('id -nG xg2g-transcoder')).split(' ').sort();
  assert.deepEqual(groups, ['render', 'video', 'xg2g-transcoder']);
});

await checks.check(
  'systemctl enable --now starts it; without a receiver it runs and says what is missing',
  async () => {
    await inside.must('systemctl', 'enable', '--now', 'xg2g');
    const page = await get('/');
    assert.equal(page.status, 200);
    assert.match(page.text, /XG2G_E2_HOST/);
    assert.match(page.text, /xg2g\.yaml/);
    const readyz = await get('/readyz');
    assert.equal(readyz.status, 503);
    assert.match(readyz.text, /RECEIVER_UNSET/);
    assert.equal((await journal(inside, 'xg2g.service')).match(/no receiver is set/g)?.length, 1);
    for (const unit of UNITS) assert.equal(await inside.output('systemctl', 'is-active', unit), 'active', unit);
    for (const unit of UNITS) assert.equal(await inside.output('systemctl', 'is-enabled', unit), 'enabled', unit);
  },
);

const stopReceiver = await startReceiver();

await checks.check(
  'reload puts the receiver in force; a configuration with an error is refused and changes nothing',
  async () => {
    await sh(`sed -i 's/#host: .*/host: ${RECEIVER}/' ${CONFIG}`);
    await inside.must('systemctl', 'reload', 'xg2g');
    await untilReady();
    const pid = await mainPid(inside, 'xg2g');
    await sh(`cp -p ${CONFIG} /root/kept && echo 'logLvel: debug' >> ${CONFIG}`);
    const refused = await inside.tell('systemctl', 'reload', 'xg2g');
    assert.notEqual(refused.code, 0);
    assert.match(
      await journal(inside, 'xg2g.service'),
      /xg2g\.yaml:\d+: logLvel is no setting; did you mean logLevel\?/,
    );
    assert.equal((await get('/readyz')).status, 200);
    await sh(`cp -p /root/kept ${CONFIG} && sed -i 's/^#logLevel: info/logLevel: debug/' ${CONFIG}`);
    await inside.must('systemctl', 'reload', 'xg2g');
    const changed = async (): Promise<boolean> =>
      (await journal(inside, 'xg2g.service')).includes('"changed":["logLevel"]');
    await eventually(changed, { what: 'the new log level' });
    assert.equal(await mainPid(inside, 'xg2g'), pid, 'the same process');
    assert.match(await inside.must('systemctl', 'status', 'xg2g'), /Status: "\d+ channels of/);
  },
);

await checks.check(
  'the socket moves to another port by an edit of its unit; http.listen does not move it, and the log says so',
  async () => {
    await sh(
      "mkdir -p /etc/systemd/system/xg2g.socket.d && printf '[Socket]\\nListenStream=\\nListenStream=127.0.0.1:8090\\n' > /etc/systemd/system/xg2g.socket.d/override.conf && systemctl daemon-reload",
    );
    await sh(
      `sed -i '0,/^  #listen: /s/^  #listen: .*/  listen: ":9000"/' ${CONFIG} && systemctl restart xg2g.socket xg2g.service`,
    );
    const moved = await fetch('http://127.0.0.1:8090/healthz');
    assert.equal(moved.status, 200);
    assert.match(await journal(inside, 'xg2g.service'), /http\.listen is without effect/);
    await assert.rejects(fetch('http://127.0.0.1:9000/healthz'));
    await sh(
      `rm -r /etc/systemd/system/xg2g.socket.d && systemctl daemon-reload && sed -i 's/^  listen: .*/  #listen: ":8080"/' ${CONFIG} && systemctl restart xg2g.socket xg2g.service`,
    );
    await untilReady();
  },
);

await checks.check(
  'a configuration that cannot be used ends the daemon with 78 and is not tried over and over',
  async () => {
    await sh(`cp -p ${CONFIG} /root/kept && echo 'logLvel: debug' >> ${CONFIG}`);
    await inside.tell('systemctl', 'restart', 'xg2g');
    assert.equal(await inside.must('systemctl', 'show', '--value', '--property=ExecMainStatus', 'xg2g'), '78');
    assert.equal(await inside.output('systemctl', 'is-active', 'xg2g'), 'failed');
    await sh(`cp -p /root/kept ${CONFIG} && systemctl restart xg2g`);
    await untilReady();
  },
);

const url = await firstStream();
const viewer = new Viewer(url);

await checks.check('a channel plays with AAC through the installed services', async () => {
  await viewer.more(4 * SECOND_OF_STREAM);
  assert.match(await codecs(viewer.takeRecording()), /^(?:h264|mpeg2video|hevc) aac/);
});

await checks.check('restarting the transcoder under constant requests refuses none; the stream goes on', async () => {
  const connections = viewer.connections;
  const traffic = new Traffic(`${GATEWAY}/healthz`);
  for (let round = 0; round < 3; round++) {
    await inside.must('systemctl', 'restart', 'xg2g-transcoder');
    await viewer.more(2 * SECOND_OF_STREAM);
  }
  const report = await traffic.stop();
  assert.deepEqual(report.failures, {});
  assert.equal(viewer.connections, connections, 'the viewer kept its connection');
  viewer.takeRecording();
  await viewer.more(4 * SECOND_OF_STREAM);
  assert.match(await codecs(viewer.takeRecording()), / aac/);
  checks.figure(
    'requests while the transcoder restarted 3 times',
    `${report.answered}, slowest ${report.slowestMs} ms`,
  );
});

await checks.check(
  'restarting the daemon under constant requests refuses none; players connect again and play',
  async () => {
    const traffic = new Traffic(`${GATEWAY}/healthz`);
    for (let round = 0; round < 3; round++) {
      await inside.must('systemctl', 'restart', 'xg2g');
      await viewer.more(2 * SECOND_OF_STREAM);
    }
    const report = await traffic.stop();
    assert.deepEqual(report.failures, {});
    viewer.takeRecording();
    await viewer.more(4 * SECOND_OF_STREAM);
    assert.match(await codecs(viewer.takeRecording()), / aac/);
    checks.figure('requests while the daemon restarted 3 times', `${report.answered}, slowest ${report.slowestMs} ms`);
  },
);

await checks.check(
  `the transcoder killed ${KILLS} times while streaming: as many recoveries, each in 2 s`,
  async () => {
    const connections = viewer.connections;
    const times: number[] = [];
    for (let round = 1; round <= KILLS; round++) {
      const resumed = await metric('xg2g_transcoder_resume_seconds_count');
      const killedMs = performance.now();
      await inside.must('systemctl', 'kill', '--signal=KILL', 'xg2g-transcoder');
      const back = async (): Promise<boolean> => (await metric('xg2g_transcoder_resume_seconds_count')) > resumed;
      await eventually(back, { what: `recovery ${round}`, timeoutMs: 15_000, everyMs: 20 });
      times.push(Math.round(performance.now() - killedMs));
    }
    checks.figure('ms from the kill to the next AAC packet', times);
    viewer.takeRecording();
    await viewer.more(4 * SECOND_OF_STREAM);
    assert.match(await codecs(viewer.takeRecording()), / aac/);
    assert.equal(viewer.connections, connections, 'the viewer kept its connection');
    assert.ok(Math.max(...times) < 2_000, `${times} ms`);
  },
);

await checks.check('a blocked event loop is ended by the watchdog and comes back', async () => {
  await sh(
    `mkdir -p /etc/systemd/system/xg2g.service.d && printf '[Service]\\nWatchdogSec=2s\\n' > /etc/systemd/system/xg2g.service.d/test.conf && systemctl daemon-reload && systemctl restart xg2g`,
  );
  await untilReady();
  const pid = await mainPid(inside, 'xg2g');
  await delay(3_000); // longer than the watchdog waits: the pings keep it content
  assert.equal(await mainPid(inside, 'xg2g'), pid);
  await inside.must('systemctl', 'kill', '--kill-whom=main', '--signal=USR1', 'xg2g'); // opens Node's inspector
  const blockedMs = performance.now();
  await evaluate(BLOCK_EVENT_LOOP);
  const back = async (): Promise<boolean> => {
    const now = await mainPid(inside, 'xg2g');
    return now !== 0 && now !== pid && (await inside.output('systemctl', 'is-active', 'xg2g')) === 'active';
  };
  await eventually(back, { what: 'another process', timeoutMs: 15_000 });
  checks.figure(
    'ms from the blocked loop to the next process that is ready (WatchdogSec=2s)',
    Math.round(performance.now() - blockedMs),
  );
  assert.match(await journal(inside, 'xg2g.service'), /Watchdog timeout/);
  await sh('rm -r /etc/systemd/system/xg2g.service.d && systemctl daemon-reload && systemctl restart xg2g');
  await untilReady();
  viewer.forgetFailures(); // the watchdog's SIGABRT broke its stream
});

await probeSandboxes(checks, inside);

await checks.check('systemd finds both services closed enough (at most 2.0)', async () => {
  for (const unit of ['xg2g', 'xg2g-transcoder']) {
    const outcome = await inside.tell('systemctl', '--version');
    assert.equal(outcome.code, 0);
    const scored = await inside.tell('systemd-analyze', 'security', '--no-pager', '--threshold=20', `${unit}.service`);
    const score = /Overall exposure level for \S+: ([\d.]+)/.exec(scored.output)?.[1] ?? '?';
    checks.figure(`systemd-analyze security ${unit}`, score);
    assert.ok(Number(score) <= 2, `${unit}: ${score}`);
  }
  assert.equal(
    await inside.output('systemd-analyze', 'verify', '--man=no', 'xg2g.service', 'xg2g-transcoder.service'),
    '',
  );
});

await checks.check(
  'an upgrade keeps the edited configuration and what is enabled; requests wait, the stream resumes',
  async () => {
    await sh(`printf '\\n# mine\\n' >> ${CONFIG}; systemctl disable xg2g-transcoder.service 2> /dev/null`);
    const before = await sh(`md5sum ${CONFIG}; stat -c '%a %U:%G' ${CONFIG}`);
    await viewer.more(SECOND_OF_STREAM);
    const traffic = new Traffic(`${GATEWAY}/healthz`);
    await apt('install', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', NEW);
    await viewer.more(2 * SECOND_OF_STREAM);
    const report = await traffic.stop();
    assert.deepEqual(report.failures, {});
    checks.figure('requests during the upgrade', `${report.answered}, slowest ${report.slowestMs} ms`);
    await assertUnbroken();
    assert.equal(await sh(`md5sum ${CONFIG}; stat -c '%a %U:%G' ${CONFIG}`), before);
    assert.equal(await inside.output('systemctl', 'is-enabled', 'xg2g-transcoder.service'), 'disabled');
    assert.equal(await inside.output('systemctl', 'is-enabled', 'xg2g.service'), 'enabled');
    const installed = await packageField('Version');
    assert.notEqual(installed, '0.0.1');
    assert.match(
      (await get('/api/v1/status')).text,
      new RegExp(installed.replaceAll('+', '\\+')),
      'the new build runs',
    );
    viewer.takeRecording();
    await viewer.more(4 * SECOND_OF_STREAM);
    assert.match(await codecs(viewer.takeRecording()), / aac/);
  },
);

await viewer.stop();

await checks.check('start-up and idle memory', async () => {
  await inside.must('systemctl', 'stop', 'xg2g.service', 'xg2g-transcoder.service');
  const connected = performance.now();
  const first = await get('/healthz'); // the sockets are there: this starts the service
  assert.equal(first.status, 200);
  checks.figure('ms of the first request to a stopped service', Math.round(performance.now() - connected));
  await untilReady();
  for (const unit of ['xg2g', 'xg2g-transcoder']) {
    checks.figure(`ms from start to ready, ${unit}`, await startMs(inside, unit));
  }
  await delay(5_000); // the guide is read, garbage collected: idle is what is left
  for (const unit of ['xg2g', 'xg2g-transcoder']) {
    const pid = await mainPid(inside, unit);
    for (const kind of ['Rss', 'Anonymous'])
      checks.figure(`MiB idle, ${unit} ${kind}`, await memoryMib(inside, pid, kind));
  }
  checks.figure('MiB installed', Math.round(Number(await packageField('Installed-Size')) / 1024));
});

await checks.check('a masked service stays masked through a reinstallation', async () => {
  await inside.must('systemctl', 'disable', '--now', 'xg2g.socket', 'xg2g-htsp.socket', 'xg2g.service');
  await inside.must('systemctl', 'mask', 'xg2g.service');
  await apt('install', '--reinstall', '--no-install-recommends', NEW);
  assert.equal(await inside.output('systemctl', 'is-enabled', 'xg2g.service'), 'masked');
  assert.equal(await inside.output('systemctl', 'is-active', 'xg2g.service'), 'inactive');
  await inside.must('systemctl', 'unmask', 'xg2g.service');
});

await checks.check('remove stops it and keeps the configuration; purge leaves nothing', async () => {
  await inside.must('systemctl', 'enable', '--now', 'xg2g');
  await get('/healthz');
  await apt('remove', 'xg2g');
  for (const unit of UNITS) assert.notEqual(await inside.output('systemctl', 'is-active', unit), 'active', unit);
  await assert.rejects(get('/healthz'), /ECONNREFUSED/);
  await sh(`test -f ${CONFIG}`);
  await apt('purge', 'xg2g');
  const left = await sh(
    "find / -xdev \\( -path /proc -o -path /sys -o -path /packages -o -path /var/log/journal -o -path /run/log \\) -prune -o -name '*xg2g*' -print",
  );
  assert.equal(left, '');
  assert.equal(await sh('getent passwd | grep xg2g || true; getent group | grep xg2g || true'), '');
  assert.equal(await inside.output('systemctl', 'list-unit-files', '--no-legend', 'xg2g*'), '');
});

stopReceiver();
process.exit(await checks.finish(resultPath));
