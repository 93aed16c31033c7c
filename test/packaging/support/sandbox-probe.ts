/** Runs in place of a service, in its sandbox, and prints what it could do. Needs nothing but Node. */
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';

const outcome = (attempt: () => unknown): string => {
  try {
    attempt();
    return 'yes';
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
};

const open = (path: string): string => outcome(() => closeSync(openSync(path, 'r+')));
const read = (path: string): string => outcome(() => readFileSync(path));
const list = (path: string): string[] | string => {
  try {
    return readdirSync(path);
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
};
const write = (folder: string): string =>
  outcome(() => {
    writeFileSync(`${folder}/probe`, 'x');
    rmSync(`${folder}/probe`);
  });
const reach = (port: number): Promise<string> =>
  new Promise((resolve) => {
    try {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('connect', () => {
        socket.destroy();
        resolve('yes');
      });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    } catch (error) {
      resolve(String((error as NodeJS.ErrnoException).code));
    }
  });

const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
const everyFolder = [
  '/',
  '/etc',
  '/usr',
  '/usr/lib',
  '/usr/lib/xg2g',
  '/var',
  '/var/tmp',
  '/var/lib',
  '/var/lib/xg2g',
  '/run',
  '/run/xg2g',
  '/tmp',
  '/dev',
  '/dev/shm',
  '/dev/mqueue',
  '/home',
  '/root',
  '/sys',
  '/proc',
];

console.log(
  `PROBE ${JSON.stringify({
    interfaces: outcome(() => {
      const names = Object.keys(networkInterfaces());
      if (names.length === 0) throw Object.assign(new Error('none'), { code: 'none' });
    }),
    http: await reach(8080),
    root: list('/'),
    etc: list('/etc'),
    var: list('/var'),
    run: list('/run'),
    passwd: read('/etc/passwd'),
    shadow: read('/etc/shadow'),
    configuration: read('/etc/xg2g/xg2g.yaml'),
    writable: everyFolder.filter((folder) => write(folder) === 'yes'),
    devices: Object.fromEntries(
      ['/dev/null', '/dev/dri/renderD128', '/dev/dri/card0', '/dev/probe-disk', '/dev/probe-mem', '/dev/probe-tun'].map(
        (path) => [path, open(path)],
      ),
    ),
    dri: list('/dev/dri'),
    foreignProcesses: processes.filter((pid) => Number(pid) !== process.pid && read(`/proc/${pid}/status`) === 'yes')
      .length,
  })}`,
);
