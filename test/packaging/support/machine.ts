import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { eventually } from '#test/helpers/wait-for.ts';

const run = promisify(execFile);

const BOOT_MS = 30_000;
const POWEROFF_MS = 15_000;

/** A Debian tree booted with systemd as its process 1, without a network but loopback. */
export class Machine {
  readonly #nspawn: ChildProcess;
  /** Process id, outside, of its process 1. */
  readonly leader: number;

  private constructor(nspawn: ChildProcess, leader: number) {
    this.#nspawn = nspawn;
    this.leader = leader;
  }

  /** @throws Error when it is not up in 30 s. */
  static async boot(tree: string, name: string): Promise<Machine> {
    const nspawn = spawn(
      'setpriv',
      [
        '--pdeathsig=KILL', // whatever becomes of the tests, no machine is left
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
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
        detached: true,
      },
    );
    let console_ = '';
    for (const stream of [nspawn.stdout, nspawn.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        console_ = (console_ + chunk.toString('utf8')).slice(-20_000);
      });
    }
    try {
      const leader = await eventually(() => childPid(nspawn.pid ?? 0, 'systemd'), {
        what: 'process 1 of the machine',
        timeoutMs: BOOT_MS,
      });
      const machine = new Machine(nspawn, leader);
      const isUp = async (): Promise<boolean> =>
        /^(?:running|degraded)/.test(await machine.output('systemctl', 'is-system-running'));
      await eventually(isUp, { what: 'the machine to be up', timeoutMs: BOOT_MS });
      return machine;
    } catch (error) {
      nspawn.kill('SIGKILL');
      throw new Error(`The machine did not come up:\n${console_}`, { cause: error });
    }
  }

  async powerOff(): Promise<void> {
    if (this.#nspawn.exitCode !== null || this.#nspawn.signalCode !== null) return;
    const gone = once(this.#nspawn, 'exit');
    const force = setTimeout(() => this.#nspawn.kill('SIGKILL'), POWEROFF_MS);
    await new Inside(this.leader).output('systemctl', 'poweroff');
    await gone;
    clearTimeout(force);
  }

  output(...command: readonly string[]): Promise<string> {
    return new Inside(this.leader).output(...command);
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
