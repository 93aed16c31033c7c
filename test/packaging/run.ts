/**
 * `make test-packages`: builds the packages, installs them into booted Debian machines and uses them there. Needs root.
 * Usage: node test/packaging/run.ts [bookworm] [trixie] (default: both)
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Result } from './support/checks.ts';
import { Machine } from './support/machine.ts';
import { buildPackage, olderDeb, ROOT } from './support/packages.ts';
import { copyTree, debianTree, putFile, SUITES, type Suite } from './support/tree.ts';

const run = promisify(execFile);

const WORK = join(ROOT, '.cache', 'packages', 'machines');
/** Longer than everything in one machine takes. */
const MACHINE_MS = 300_000;

interface Packages {
  readonly deb: string;
  readonly older: string;
}

/** What is to be done when the tests end, in whatever way. */
const cleanups = new Set<() => Promise<void>>();

async function cleanUp(): Promise<void> {
  for (const clean of [...cleanups]) {
    cleanups.delete(clean);
    await clean().catch((error: unknown) => console.log(`cleaning up: ${String(error)}`));
  }
}

async function testDeb(suite: Suite, packages: Packages): Promise<Result> {
  const name = `xg2g-${suite}-${process.pid}`;
  const tree = join(WORK, name);
  const clean = async (): Promise<void> => rm(tree, { recursive: true, force: true });
  cleanups.add(clean);
  await copyTree(await debianTree(suite), tree);
  for (const folder of ['packages', 'usr/lib/probe']) await mkdir(join(tree, folder), { recursive: true });
  await putFile(tree, packages.deb, 'packages/new.deb');
  await putFile(tree, packages.older, 'packages/old.deb');
  await putFile(tree, join(import.meta.dirname, 'support/sandbox-probe.ts'), 'usr/lib/probe/sandbox-probe.ts');
  await writeFile(join(tree, 'usr/lib/probe/package.json'), '{ "type": "module" }\n');
  const machine = await Machine.boot(tree, name);
  const off = (): Promise<void> => machine.powerOff();
  cleanups.add(off);
  // Off first, then away with the tree.
  cleanups.delete(clean);
  cleanups.add(clean);
  try {
    return await inMachine('deb-machine.ts', suite, machine);
  } finally {
    await cleanUp();
  }
}

/** Runs a script of checks in the machine's network. */
async function inMachine(script: string, label: string, machine: Machine): Promise<Result> {
  const result = join(WORK, `${label}.json`);
  await rm(result, { force: true });
  const child = spawn(
    'nsenter',
    [
      '--target',
      String(machine.leader),
      '--net',
      process.execPath,
      join(import.meta.dirname, script),
      label,
      String(machine.leader),
      result,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const stop = async (): Promise<void> => void child.kill('SIGKILL');
  cleanups.add(stop);
  const force = setTimeout(() => child.kill('SIGKILL'), MACHINE_MS);
  await once(child, 'exit');
  clearTimeout(force);
  cleanups.delete(stop);
  const text = await readFile(result, 'utf8').catch(() => null);
  if (text === null) throw new Error(`the checks in ${label} did not come to their end`);
  return JSON.parse(text) as Result;
}

async function requireTools(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('make test-packages needs root: it boots machines');
  const names = ['mmdebstrap', 'systemd-container', 'zstd', 'dpkg-dev', 'binutils'];
  const missing: string[] = [];
  for (const name of names) {
    await run('dpkg', ['-s', name]).catch(() => missing.push(name));
  }
  if (missing.length === 0) return;
  console.log(`# installing ${missing.join(' ')}`);
  await run('apt-get', ['update', '-qq']);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

async function main(): Promise<void> {
  const asked = SUITES.filter((suite) => process.argv.includes(suite));
  const suites = asked.length > 0 ? asked : SUITES;
  let passed = 0;
  let failed = 0;
  try {
    await requireTools();
    await mkdir(WORK, { recursive: true });
    const deb = await buildPackage('deb');
    const packages = { deb, older: await olderDeb(deb, WORK) };
    for (const suite of suites) {
      const startedMs = performance.now();
      const result = await testDeb(suite, packages);
      passed += result.passed;
      failed += result.failed;
      console.log(`# ${suite} took ${Math.round((performance.now() - startedMs) / 1000)} s`);
    }
  } catch (error) {
    failed++;
    console.log(`not ok - ${String(error instanceof Error ? error.stack : error)}`);
  } finally {
    await cleanUp();
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void cleanUp().then(() => process.exit(1)));
}
await main();
