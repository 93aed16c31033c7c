/** `make image`: dist/xg2g-image-VERSION-ARCH.tar, an OCI archive with the .deb on a minimal Debian. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { architecture } from '../architecture.ts';
import { CACHE, DIST, projectVersion } from '../project.ts';

const run = promisify(execFile);
const OPTIONS = { maxBuffer: 64 * 1024 * 1024 };

/** What the package needs, and what Debian's own images have not got: the user's additions come by XG2G_IMAGE_PACKAGES. */
const PACKAGES = ['libstdc++6', 'systemd-standalone-sysusers', 'libva2', 'libva-drm2', 'ca-certificates'];

const arch = architecture(process.env['ARCH']);
const version = projectVersion();
const env = { ...process.env, SOURCE_DATE_EPOCH: String(version.epoch) };
const context = join(CACHE, `image-${arch.deb}`);
const deb = join(DIST, `xg2g_${version.version}_${arch.deb}.deb`);
const result = join(DIST, `xg2g-image-${version.version}-${arch.deb}.tar`);
const tag = `localhost/xg2g:${version.version.replace('~', '-')}`;
/** Works in a container and without kernel modules too. */
const storage = [
  '--storage-driver=vfs',
  `--root=${join(CACHE, 'image-storage')}`,
  `--runroot=${join(CACHE, 'image-run')}`,
];

await rm(context, { recursive: true, force: true });
await mkdir(context, { recursive: true });
await copyFile(deb, join(context, 'xg2g.deb')).catch((error: unknown) => {
  throw new Error(`${deb} is not there: make deb comes first`, { cause: error });
});
const packages = [...PACKAGES, ...(process.env['XG2G_IMAGE_PACKAGES'] ?? '').split(',').filter((name) => name !== '')];
await run(
  'mmdebstrap',
  [
    '--quiet',
    '--variant=essential',
    `--architectures=${arch.deb}`,
    `--include=${packages.join(',')}`,
    '--dpkgopt=path-exclude=/usr/share/doc/*',
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
    '--dpkgopt=path-exclude=/usr/share/man/*',
    'bookworm',
    join(context, 'base.tar'),
  ],
  { ...OPTIONS, env },
);
await run(
  'buildah',
  [
    ...storage,
    'build',
    '--isolation=chroot',
    '--format=oci',
    '--quiet',
    `--timestamp=${version.epoch}`,
    `--platform=linux/${arch.deb}`,
    `--tag=${tag}`,
    `--file=${join(import.meta.dirname, 'Containerfile')}`,
    context,
  ],
  { ...OPTIONS, env },
);
await rm(result, { force: true });
await run('buildah', [...storage, 'push', '--quiet', tag, `oci-archive:${result}:${tag}`], { ...OPTIONS, env });
await rm(context, { recursive: true });
for (const folder of ['image-storage', 'image-run']) await rm(join(CACHE, folder), { recursive: true, force: true });
process.stdout.write(`${result}\n`);
