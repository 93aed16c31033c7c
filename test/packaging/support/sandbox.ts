import assert from 'node:assert/strict';
import type { Checks } from './checks.ts';
import type { Inside } from './machine.ts';

interface Probed {
  readonly interfaces: string;
  readonly http: string;
  readonly root: readonly string[];
  readonly etc: readonly string[] | string;
  readonly var: readonly string[] | string;
  readonly run: readonly string[] | string;
  readonly passwd: string;
  readonly shadow: string;
  readonly configuration: string;
  readonly writable: readonly string[];
  readonly devices: Readonly<Record<string, string>>;
  readonly dri: readonly string[] | string;
  readonly foreignProcesses: number;
}

/**
 * Runs the probe with a unit's own properties: its file, with another program and no sockets. It lies where both units
 * let programs be read.
 */
async function runProbe(inside: Inside, unit: string): Promise<Probed> {
  const probe = `probe-${unit}`;
  await inside.must(
    'sh',
    '-c',
    [
      `sed -E -e 's|^ExecStart=.*|ExecStart=/usr/lib/xg2g/node /usr/lib/probe/sandbox-probe.ts|' -e 's|^Type=.*|Type=oneshot|' \
-e '/^(ExecReload|Restart|RestartPrevent.*|WatchdogSec|Requires|Wants|After|Also|WantedBy)=/d' \
/usr/lib/systemd/system/${unit}.service > /run/systemd/system/${probe}.service`,
      'systemctl daemon-reload',
      `systemctl start ${probe}`,
    ].join(' && '),
  );
  const log = await inside.must('journalctl', '--no-pager', '--output=cat', `--unit=${probe}.service`);
  const line = /^PROBE (\{.*\})$/m.exec(log)?.[1];
  if (line === undefined) throw new Error(`the probe printed nothing:\n${log}`);
  return JSON.parse(line) as Probed;
}

/** Checks what the services' sandboxes let through. The devices are nodes without a driver: ENXIO is the kernel's answer
 * past the sandbox, EPERM the sandbox's. */
export async function probeSandboxes(checks: Checks, inside: Inside): Promise<void> {
  // mknod from outside the machine's own limits: nsenter keeps all capabilities.
  await inside.must(
    'sh',
    '-c',
    'mkdir -p /dev/dri && mknod -m 666 /dev/dri/renderD128 c 226 128 && mknod -m 666 /dev/dri/card0 c 226 0 && mknod -m 666 /dev/probe-disk b 8 0 && mknod -m 666 /dev/probe-mem c 1 1 && mknod -m 666 /dev/probe-tun c 10 200',
  );

  await checks.check(
    "the transcoder's sandbox: no network, no files, the render node only, nobody else's processes",
    async () => {
      const probed = await runProbe(inside, 'xg2g-transcoder');
      assert.notEqual(probed.interfaces, 'yes'); // not even the way to ask is there
      assert.match(probed.http, /EAFNOSUPPORT|EPERM/);
      assert.deepEqual(probed.root, ['dev', 'etc', 'lib', 'lib64', 'proc', 'run', 'sys', 'usr']);
      assert.deepEqual(probed.etc, ['ld.so.cache']);
      assert.equal(probed.var, 'ENOENT');
      assert.deepEqual(probed.run, ['systemd']);
      assert.equal(probed.passwd, 'ENOENT');
      assert.equal(probed.configuration, 'ENOENT');
      assert.deepEqual(probed.writable, []);
      assert.equal(probed.foreignProcesses, 0);
      assert.deepEqual(probed.devices, {
        '/dev/null': 'yes',
        '/dev/dri/renderD128': 'ENXIO',
        '/dev/dri/card0': 'EPERM',
        '/dev/probe-disk': 'EPERM',
        '/dev/probe-mem': 'EPERM',
        '/dev/probe-tun': 'EPERM',
      });
    },
  );

  await checks.check(
    "the daemon's sandbox: network and its own folder, no graphics device, nobody else's files",
    async () => {
      const probed = await runProbe(inside, 'xg2g');
      assert.equal(probed.interfaces, 'yes');
      assert.equal(probed.http, 'yes');
      assert.equal(probed.configuration, 'yes');
      assert.equal(probed.shadow, 'EACCES');
      assert.deepEqual(
        probed.writable.filter((folder) => !['/tmp', '/var/tmp', '/dev/shm', '/dev/mqueue'].includes(folder)),
        ['/var/lib/xg2g'],
      );
      assert.equal(probed.foreignProcesses, 0);
      assert.equal(probed.dri, 'ENOENT');
      assert.equal(probed.devices['/dev/null'], 'yes');
      for (const path of ['/dev/probe-disk', '/dev/probe-mem', '/dev/probe-tun'])
        assert.equal(probed.devices[path], 'ENOENT');
    },
  );
}
