import { chmod, copyFile, lutimes, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Architecture } from './architecture.ts';
import { bundle, PROGRAMS } from './bundle.ts';
import { copyrightFile } from './copyright.ts';
import { ROOT, type Version } from './project.ts';
import { runtime } from './runtime.ts';

/** Where distributions keep things that differ between them. */
export interface TreeOptions {
  readonly folder: string;
  readonly arch: Architecture;
  readonly version: Version;
}

const LIB = 'usr/lib/xg2g';
const DOC = 'usr/share/doc/xg2g';
const MAN = 'usr/share/man';

/** Lays out the installed files in `folder`, which is emptied first. Everything else in a package is its format's own. */
export async function buildTree(options: TreeOptions): Promise<void> {
  const { folder, arch, version } = options;
  await rm(folder, { recursive: true, force: true });
  const bundles = await bundle(version.version);
  const { node, addon, packages } = await runtime(arch);

  const put = async (path: string, content: string | Buffer, mode = 0o644): Promise<void> => {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    await chmod(target, mode);
  };
  const copy = async (from: string, path: string, mode = 0o644): Promise<void> => {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(from, target);
    await chmod(target, mode);
  };
  const common = (name: string): string => join(ROOT, 'packaging', 'common', name);

  await copy(node, `${LIB}/node`, 0o755);
  await copy(addon, `${LIB}/node_modules/@seydx/node-av-linux-${arch.node}/node-av.node`);
  await put(`${LIB}/package.json`, '{ "type": "module" }\n');
  const programs = new Map<string, string>(Object.values(PROGRAMS).map((name) => [`${name}.js`, name]));
  for (const { path, text } of bundles.files) {
    const program = programs.get(path);
    if (program === undefined) await put(`${LIB}/${path}`, text);
    else await put(`${LIB}/${path}`, `${shebang(program)}\n${text}`, 0o755);
  }
  await mkdir(join(folder, 'usr/bin'), { recursive: true });
  for (const name of programs.values()) await symlink(`../lib/xg2g/${name}.js`, join(folder, 'usr/bin', name));

  await copy(common('xg2g.yaml'), 'etc/xg2g/xg2g.yaml');
  for (const unit of await readdir(join(ROOT, 'systemd'), { withFileTypes: true })) {
    if (unit.isFile()) await copy(join(ROOT, 'systemd', unit.name), `usr/lib/systemd/system/${unit.name}`);
  }
  await copy(join(ROOT, 'systemd/sysusers/xg2g.conf'), 'usr/lib/sysusers.d/xg2g.conf');
  await copy(common('xg2g.bash-completion'), 'usr/share/bash-completion/completions/xg2g');
  for (const page of ['xg2g.1', 'xg2g-transcoder.1', 'xg2g.yaml.5']) {
    await put(`${MAN}/man${page.slice(-1)}/${page}.gz`, compress(await readFile(common(page))));
  }
  await put(`${DOC}/copyright`, copyrightFile({ packages: bundles.packages, node: packages.node }));
  await put(`${DOC}/changelog.gz`, compress(await changelog(version)));
}

/**
 * The interpreter line: the runtime's options belong to the program, however it is started. A small young generation
 * keeps the memory near what is in use; the transcoder's budget is the smaller one.
 */
function shebang(program: string): string {
  return `#!/usr/lib/xg2g/node ${runtimeFlag(program)}`;
}

/** One and no more: the kernel hands over all that follows the interpreter's name as one argument. */
export function runtimeFlag(program: string): string {
  return `--max-semi-space-size=${program === PROGRAMS.transcoder ? 1 : 4}`;
}

/** The project's changelog, with an entry for a build between releases on top. */
async function changelog(version: Version): Promise<string> {
  const text = await readFile(join(ROOT, 'packaging/deb/changelog'), 'utf8');
  if (text.startsWith(`xg2g (${version.version})`)) return text;
  const date = new Date(version.epoch * 1000).toUTCString().replace('GMT', '+0000');
  const maintainer = /^ -- (.*?) {2}/m.exec(text)?.[1] ?? '';
  return `xg2g (${version.version}) UNRELEASED; urgency=medium\n\n  * Built between releases.\n\n -- ${maintainer}  ${date}\n\n${text}`;
}

/** gzip without a date or name. */
function compress(content: string | Buffer): Buffer {
  return gzipSync(content, { level: 9 });
}

/** Gives everything in a folder, and the folder, one date: packages of one commit are the same, byte for byte. */
export async function setDates(folder: string, epoch: number): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await setDates(path, epoch);
    else if (entry.isSymbolicLink()) await lutimes(path, epoch, epoch);
    else await utimes(path, epoch, epoch);
  }
  await chmod(folder, 0o755);
  await utimes(folder, epoch, epoch);
}
