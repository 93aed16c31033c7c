/**
 * `make test-packages`: builds the packages, installs them into booted machines and uses them there. Needs root.
 * Usage: node test/packaging/run.ts [PART …], PART one of trixie, bookworm, rpm, limits, lint, same-bytes (default: all)
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Checks, type Result } from './support/checks.ts';
import { missingControllers, removeGroups } from './support/controllers.ts';
import { Machine } from './support/machine.ts';
import { buildPackage, OLD_VERSION, olderDeb, ROOT } from './support/packages.ts';
import { installTools } from './support/tools.ts';
import { copyTree, debianTree, putFile, type TreeName } from './support/tree.ts';

const run = promisify(execFile);

const WORK = join(ROOT, '.cache', 'packages', 'machines');
/** Longer than everything in one machine takes. */
const MACHINE_MS = 420_000;

/** What is to be done when the tests end, in whatever way; the last first. */
const cleanups: (() => Promise<void>)[] = [];
let cleaning: Promise<void> = Promise.resolve();

/** One after the other, whoever asks: a machine must be off before its folder goes. */
function cleanUp(): Promise<void> {
  cleaning = cleaning.then(async () => {
    for (let clean = cleanups.pop(); clean !== undefined; clean = cleanups.pop()) {
      await clean().catch((error: unknown) => console.log(`cleaning up: ${String(error)}`));
    }
  });
  return cleaning;
}

/** Takes away what a run left that was ended by force. Its machines ended with it. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(WORK).catch(() => [])) {
    const pid = /^xg2g-.*-(\d+)$/.exec(name)?.[1];
    if (
      pid === undefined ||
      (await access(`/proc/${pid}`).then(
        () => true,
        () => false,
      ))
    )
      continue;
    await rm(join(WORK, name), { recursive: true, force: true });
    await rm(join('/run/systemd/nspawn/propagate', name), { recursive: true, force: true });
    await removeGroups(name);
  }
}

/** Boots a copy of a tree with some files put into it, and runs a script of checks in its network. */
async function onMachine(
  part: string,
  tree: TreeName,
  script: string,
  files: Readonly<Record<string, string>>,
  boot: (folder: string, name: string) => Promise<Machine> = Machine.boot,
): Promise<Result> {
  const name = `xg2g-${part}-${process.pid}`;
  const folder = join(WORK, name);
  try {
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    await copyTree(await debianTree(tree), folder);
    for (const path of ['packages', 'usr/lib/probe']) await mkdir(join(folder, path), { recursive: true });
    for (const [to, from] of Object.entries(files)) await putFile(folder, from, to);
    await writeFile(join(folder, 'usr/lib/probe/package.json'), '{ "type": "module" }\n');
    const machine = await boot(folder, name);
    cleanups.push(() => machine.powerOff());
    return await runChecks(script, part, machine);
  } finally {
    await cleanUp();
  }
}

async function runChecks(script: string, part: string, machine: Machine): Promise<Result> {
  const result = join(WORK, `${part}.json`);
  await rm(result, { force: true });
  const child = spawn(
    'setpriv',
    [
      '--pdeathsig=KILL',
      'nsenter',
      '--target',
      String(machine.leader),
      '--net',
      process.execPath,
      join(import.meta.dirname, script),
      part,
      String(machine.leader),
      result,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  cleanups.push(async () => void child.kill('SIGKILL'));
  const force = setTimeout(() => child.kill('SIGKILL'), MACHINE_MS);
  await once(child, 'exit');
  clearTimeout(force);
  const text = await readFile(result, 'utf8').catch(() => null);
  if (text === null) throw new Error(`the checks of ${part} did not come to their end`);
  return JSON.parse(text) as Result;
}

async function onDebian(part: 'bookworm' | 'trixie'): Promise<Result> {
  await mkdir(WORK, { recursive: true });
  const deb = await buildPackage('deb');
  return onMachine(part, part, 'deb-machine.ts', {
    'packages/new.deb': deb,
    'packages/old.deb': await olderDeb(deb, WORK),
    'usr/lib/probe/sandbox-probe.ts': join(import.meta.dirname, 'support/sandbox-probe.ts'),
  });
}

async function onRpm(): Promise<Result> {
  const older = await buildPackage('rpm', { version: OLD_VERSION });
  const newer = await buildPackage('rpm');
  return onMachine('rpm', 'rpm', 'rpm-machine.ts', { 'packages/old.rpm': older, 'packages/new.rpm': newer });
}

async function onLimits(): Promise<Result> {
  const missing = await missingControllers();
  if (missing !== null) {
    console.log(`# limits: not run: ${missing}`);
    return { passed: 0, failed: 0, figures: {} };
  }
  const files = { 'packages/new.deb': await buildPackage('deb') };
  return onMachine('limits', 'bookworm', 'limits-machine.ts', files, Machine.bootWithControllers);
}

async function lint(): Promise<Result> {
  const checks = new Checks('lint');
  await checks.check('lintian has nothing to say that is not explained', async () => {
    // As it is published: this lintian does not know zstd.
    const { stdout } = await run('lintian', [
      '--tag-display-limit',
      '0',
      await buildPackage('deb', { compression: 'xz:0' }),
    ]);
    if (stdout.trim() !== '') throw new Error(stdout);
  });
  await checks.check('rpmlint has nothing to say that is not explained', async () => {
    await run('rpmlint', ['--config', join(ROOT, 'packaging/rpm/rpmlint.toml'), '--strict', await buildPackage('rpm')]);
  });
  return checks.end();
}

async function sameBytes(): Promise<Result> {
  const checks = new Checks('same bytes');
  for (const kind of ['deb', 'rpm'] as const) {
    await checks.check(`two builds of the .${kind} give the same bytes`, async () => {
      const digests: string[] = [];
      for (let build = 0; build < 2; build++) {
        const path = await buildPackage(kind);
        digests.push(
          createHash('sha256')
            .update(await readFile(path))
            .digest('hex'),
        );
        await rename(path, `${path}.${build}`);
        await rm(`${path}.${build}`);
      }
      if (digests[0] !== digests[1]) throw new Error(digests.join(' and '));
    });
  }
  return checks.end();
}

const PARTS: Readonly<Record<string, () => Promise<Result>>> = {
  trixie: () => onDebian('trixie'),
  bookworm: () => onDebian('bookworm'),
  rpm: onRpm,
  limits: onLimits,
  lint,
  'same-bytes': sameBytes,
};

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const parts = asked.length > 0 ? asked : Object.keys(PARTS);
  const unknown = parts.filter((part) => PARTS[part] === undefined);
  if (unknown.length > 0)
    throw new Error(`no such part: ${unknown.join(' ')}; there are ${Object.keys(PARTS).join(' ')}`);
  let passed = 0;
  let failed = 0;
  try {
    await installTools(parts);
    await removeLeftovers();
    for (const part of parts) {
      const startedMs = performance.now();
      try {
        const result = await PARTS[part]?.();
        passed += result?.passed ?? 0;
        failed += result?.failed ?? 0;
      } catch (error) {
        failed++;
        console.log(`not ok - ${part}: ${String(error instanceof Error ? error.stack : error)}`);
      }
      console.log(`# ${part} took ${Math.round((performance.now() - startedMs) / 1000)} s`);
    }
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
