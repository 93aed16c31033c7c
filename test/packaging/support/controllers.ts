import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const CGROUP = '/sys/fs/cgroup';
const CONTROLLERS = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids', 'systemd'];

/** What is missing for a machine with cgroup controllers of its own, or null. */
export async function missingControllers(): Promise<string | null> {
  for (const controller of CONTROLLERS) {
    const there = await access(join(CGROUP, controller, 'cgroup.procs')).then(
      () => true,
      () => false,
    );
    if (!there) return `this machine has no cgroup version 1 controller "${controller}" in ${CGROUP}`;
  }
  return null;
}

/** Makes a group under each controller. */
export async function makeGroups(name: string): Promise<void> {
  for (const controller of CONTROLLERS) await mkdir(join(CGROUP, controller, name), { recursive: true });
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const all = await readFile(join(CGROUP, 'cpuset', file), 'utf8');
    await writeFile(join(CGROUP, 'cpuset', name, file), all);
  }
}

/** A shell command that puts its process into the groups. */
export function enterGroups(name: string): string {
  return CONTROLLERS.map((controller) => `echo 0 > ${join(CGROUP, controller, name, 'cgroup.procs')}`).join(' && ');
}

export async function removeGroups(name: string): Promise<void> {
  for (const controller of CONTROLLERS) await removeGroup(join(CGROUP, controller, name));
}

/** Groups have no files that could be removed: only the groups inside are in the way. */
async function removeGroup(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeGroup(join(folder, entry.name));
  await rmdir(folder).catch(() => undefined);
}
