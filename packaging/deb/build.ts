/** `make deb`: dist/xg2g_VERSION_ARCH.deb. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, copyFile, lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { type Architecture, architecture } from '../architecture.ts';
import { CACHE, DIST, MAINTAINER, projectVersion, SUMMARY, type Version } from '../project.ts';
import { buildTree, setDates } from '../tree.ts';

const run = promisify(execFile);

/** What the loader wants, by the symbol versions in node and the addon; test/packaging/ checks it. */
const DEPENDS =
  'libc6 (>= 2.28), libgcc-s1 (>= 3.4), libstdc++6 (>= 7), systemd | systemd-standalone-sysusers | systemd-sysusers';
const RECOMMENDS = 'libva2, libva-drm2, va-driver-all | va-driver, ffmpeg';

function control(arch: Architecture, version: Version, installedKb: number): string {
  return `Package: xg2g
Version: ${version.version}
Architecture: ${arch.deb}
Maintainer: ${MAINTAINER}
Installed-Size: ${installedKb}
Depends: ${DEPENDS}
Recommends: ${RECOMMENDS}
Section: video
Priority: optional
Description: ${SUMMARY}
 xg2g lists the channels of a satellite or cable receiver with Enigma2 as M3U,
 XMLTV and HDHomeRun, for Plex, Jellyfin, Kodi, VLC, phones and browsers, and
 plays them with sound that every device understands: MP2 and AC-3 become AAC
 inside the running stream, everything else goes through as it was broadcast.
 .
 It runs as two services: the daemon, which has the network and no devices, and
 the transcoder, which has the graphics device, no network and no files.
`;
}

async function build(arch: Architecture, version: Version, compression: string): Promise<string> {
  const folder = join(CACHE, `deb-${arch.deb}`);
  await buildTree({ folder, arch, version });
  const overrides = join(folder, 'usr/share/lintian/overrides');
  await mkdir(overrides, { recursive: true });
  await copyFile(join(import.meta.dirname, 'lintian-overrides'), join(overrides, 'xg2g'));
  await chmod(join(overrides, 'xg2g'), 0o644);
  const scripts = join(folder, 'DEBIAN');
  await mkdir(scripts);
  const files = await filesBelow(folder);
  let bytes = 0;
  const sums: string[] = [];
  for (const file of files) {
    const path = join(folder, file);
    const { size } = await lstat(path);
    bytes += Math.ceil(size / 1024) * 1024;
    if (!file.startsWith('etc/'))
      sums.push(
        `${createHash('md5')
          .update(await readFile(path))
          .digest('hex')}  ${file}\n`,
      );
  }
  await writeFile(join(scripts, 'control'), control(arch, version, Math.ceil(bytes / 1024)));
  await writeFile(join(scripts, 'md5sums'), sums.join(''));
  await writeFile(join(scripts, 'conffiles'), '/etc/xg2g/xg2g.yaml\n');
  for (const name of ['postinst', 'prerm', 'postrm']) {
    await copyFile(join(import.meta.dirname, name), join(scripts, name));
    await chmod(join(scripts, name), 0o755);
  }
  for (const name of ['control', 'md5sums', 'conffiles']) await chmod(join(scripts, name), 0o644);
  await setDates(folder, version.epoch);
  await mkdir(DIST, { recursive: true });
  const result = join(DIST, `xg2g_${version.version}_${arch.deb}.deb`);
  const [kind = 'zstd', level = '19'] = compression.split(':');
  await run('dpkg-deb', ['--root-owner-group', `-Z${kind}`, `-z${level}`, '--build', folder, result], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(version.epoch) },
  });
  await rm(folder, { recursive: true });
  return result;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return files.sort();
}

const path = await build(
  architecture(process.env['ARCH']),
  projectVersion(),
  process.env['XG2G_COMPRESSION'] ?? 'xz:6',
);
process.stdout.write(`${path}\n`);
