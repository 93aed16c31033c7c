import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '#test/helpers/wait-for.ts';
import { enterGroups, makeGroups, removeGroups } from './controllers.ts';

const run = promisify(execFile);

const BOOT_MS = 30_000;
const POWEROFF_MS = 15_000;

/** A Debian tree booted with systemd as its process 1, without a network but loopback. */
export class Machine {
  readonly #outer: ChildProcess;
  readonly #afterwards: () => Promise<void>;
  /** Process id, outside, of its process 1. */
  readonly leader: number;

  private constructor(outer: ChildProcess, leader: number, afterwards: () => Promise<void>) {
    this.#outer = outer;
    this.leader = leader;
    this.#afterwards = afterwards;
  }

  /** In systemd-nspawn: devices and addresses are controlled, limits are not. @throws Error when it is not up in 30 s. */
  static boot(tree: string, name: string): Promise<Machine> {
    const command = [
      'systemd-nspawn',
      '--quiet',
      `--machine=${name}`,
      `--directory=${tree}`,
      '--boot',
      '--private-network',
      '--register=no',
      '--keep-unit',
      '--link-journal=no',
      '--resolv-conf=off',
      '--timezone=off',
      // What enforces DeviceAllow= and IPAddressDeny= inside.
      '--capability=CAP_BPF,CAP_PERFMON',
      '--system-call-filter=bpf',
      '--console=pipe',
    ];
    return Machine.#boot(command, async () => undefined);
  }

  /** With the machine's cgroup controllers: limits are real. See `missingControllers`. */
  static async bootWithControllers(tree: string, name: string): Promise<Machine> {
    await makeGroups(name);
    const namespaces = 'unshare --mount --uts --ipc --net --pid --cgroup --fork --kill-child';
    const script = join(import.meta.dirname, 'boot-with-controllers.sh');
    const command = ['sh', '-c', `${enterGroups(name)} && exec ${namespaces} ${script} ${tree}`];
    return Machine.#boot(command, () => removeGroups(name));
  }

  static async #boot(command: readonly string[], afterwards: () => Promise<void>): Promise<Machine> {
    // Whatever becomes of the tests, no machine is left.
    const outer = spawn('setpriv', ['--pdeathsig=KILL', ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
      detached: true,
    });
    let lastWords = '';
    for (const stream of [outer.stdout, outer.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        lastWords = (lastWords + chunk.toString('utf8')).slice(-20_000);
      });
    }
    try {
      const leader = await eventually(() => childPid(outer.pid ?? 0, 'systemd'), {
        what: 'process 1 of the machine',
        timeoutMs: BOOT_MS,
      });
      const isUp = async (): Promise<boolean> =>
        /^(?:running|degraded)/.test(await new Inside(leader).output('systemctl', 'is-system-running'));
      await eventually(isUp, { what: 'the machine to be up', timeoutMs: BOOT_MS });
      return new Machine(outer, leader, afterwards);
    } catch (error) {
      outer.kill('SIGKILL');
      await afterwards();
      throw new Error(`The machine did not come up:\n${lastWords}`, { cause: error });
    }
  }

  async powerOff(): Promise<void> {
    if (this.#outer.exitCode === null && this.#outer.signalCode === null) {
      const gone = once(this.#outer, 'exit');
      const force = setTimeout(() => this.#outer.kill('SIGKILL'), POWEROFF_MS);
      await new Inside(this.leader).output('systemctl', 'poweroff');
      await gone;
      clearTimeout(force);
    }
    await this.#afterwards();
  }
}

export interface Outcome {
  readonly code: number;
  /** Standard output and error as they came. */
  readonly output: string;
}

/** Runs programs in a machine's namespaces. */
export class Inside {
  readonly #leader: number;

  constructor(leader: number) {
    this.#leader = leader;
  }

  async tell(...command: readonly string[]): Promise<Outcome> {
    const args = ['-t', String(this.#leader), '-a', 'env', '-i', `PATH=${PATH}`, 'LC_ALL=C.UTF-8', ...command];
    try {
      const { stdout, stderr } = await run('nsenter', args, { maxBuffer: 64 * 1024 * 1024, timeout: 120_000 });
      return { code: 0, output: stdout + stderr };
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
      return { code: typeof code === 'number' ? code : -1, output: stdout + stderr };
    }
  }

  /** What a program prints, whatever its exit code. */
  async output(...command: readonly string[]): Promise<string> {
    return (await this.tell(...command)).output.trim();
  }

  /** What a program prints. @throws Error with its output when it fails. */
  async must(...command: readonly string[]): Promise<string> {
    const { code, output } = await this.tell(...command);
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${output}`);
    return output.trim();
  }
}

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** A child of a process, at any depth, by its name. */
async function childPid(parent: number, name: string): Promise<number | null> {
  const parents = new Map<number, { parent: number; name: string }>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const match = /^\d+ \((.*)\) \S (\d+)/s.exec(stat);
    if (match !== null) parents.set(Number(entry), { name: match[1] ?? '', parent: Number(match[2]) });
  }
  const below = (pid: number): boolean => {
    const above = parents.get(pid)?.parent ?? 0;
    return above === parent || (above > 1 && below(above));
  };
  for (const [pid, one] of parents) if (one.name === name && below(pid)) return pid;
  return null;
}
