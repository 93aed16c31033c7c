/** Keeps the folders of design.md §4: who may import whom, and that no folder appears that the map does not know. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SELF = 'test/architecture.test.ts';

/** From the top down: a layer may import those after it. Layers in one line are siblings and may not import each other. */
const LAYERS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  daemon: [
    ['http'],
    ['web'],
    ['hdhomerun', 'tvheadend', 'hls', 'playlist'],
    ['streams'],
    ['transcoder-client'],
    ['tuners'],
    ['recordings'],
    ['guide'],
    ['lineup'],
    ['receiver'],
    ['config'],
  ],
  transcoder: [
    ['server'],
    ['session'],
    ['hls'],
    ['video'],
    ['remux'],
    ['fallback'],
    ['ffmpeg'],
    ['dsp', 'aac'],
    ['codec'],
  ],
};

/** Folders by tree. `test/` mirrors the trees and has its own; below these names anything goes. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  daemon: (LAYERS['daemon'] ?? []).flat(),
  transcoder: (LAYERS['transcoder'] ?? []).flat(),
  shared: ['ipc', 'mpegts', 'codec', 'observability'],
  systemd: ['sysusers', 'tmpfiles'],
  packaging: ['common', 'deb', 'rpm', 'container'],
  test: [
    'daemon',
    'transcoder',
    'shared',
    'packaging',
    'receiver',
    'e2e',
    'bench',
    'fuzz',
    'fixtures',
    'dev',
    'helpers',
  ],
  docs: ['decisions'],
};

/** Names the map does not speak of because they hold no code of ours. */
const IGNORED = new Set(['node_modules', 'dist', 'coverage']);

/** Import specifiers by file; paths from the project's root with `/`. */
type Imports = ReadonlyMap<string, readonly string[]>;

/** What a specifier means: a file of the project, or a package by its name. */
function resolve(file: string, specifier: string): { path: string } | { package: string } {
  if (specifier.startsWith('.')) return { path: posix.join(posix.dirname(file), specifier) };
  if (specifier.startsWith('#')) return { path: specifier.slice(1) };
  const parts = specifier.split('/');
  return { package: specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '') };
}

function violation(file: string, specifier: string): string | null {
  const target = resolve(file, specifier);
  const [tree = '', layer = ''] = file.split('/');
  if (tree === 'test') return null;
  if ('package' in target) {
    const isFfmpeg = target.package === 'node-av' || target.package.startsWith('@seydx/');
    return isFfmpeg && !file.startsWith('transcoder/ffmpeg/') ? 'only transcoder/ffmpeg may import node-av' : null;
  }
  const [targetTree = '', targetLayer = ''] = target.path.split('/');
  if (targetTree === 'test') return 'nothing outside test/ may import it';
  if (targetTree === 'shared') return null;
  if (targetTree !== tree) return `${tree} may not import ${targetTree}`;
  const layers = LAYERS[tree];
  if (layers === undefined || layer === targetLayer) return null;
  if (layer === 'main.ts') return null;
  if (targetLayer === 'main.ts') return 'nothing may import main.ts';
  const level = layers.findIndex((names) => names.includes(layer));
  const targetLevel = layers.findIndex((names) => names.includes(targetLayer));
  // Files beside main.ts are the tree's own ground: everyone may stand on them, they may stand on nothing.
  if (targetLevel < 0) return null;
  if (level < 0) return `${tree}'s own files may not import its folders`;
  if (level === targetLevel) return `${layer} and ${targetLayer} are siblings`;
  return level < targetLevel ? null : `${targetLayer} lies above ${layer}`;
}

function violations(imports: Imports): string[] {
  const found: string[] = [];
  for (const [file, specifiers] of imports) {
    for (const specifier of specifiers) {
      const reason = violation(file, specifier);
      if (reason !== null) found.push(`${file} imports ${specifier}: ${reason}`);
    }
  }
  return found;
}

/** Folders, as paths of one or two names, that the map does not know. */
function unknownFolders(folders: readonly string[]): string[] {
  return folders.filter((folder) => {
    const [tree = '', name] = folder.split('/');
    if (tree.startsWith('.') || IGNORED.has(tree)) return false;
    const known = FOLDERS[tree];
    if (known === undefined) return true;
    return name !== undefined && !IGNORED.has(name) && !name.startsWith('.') && !known.includes(name);
  });
}

/** `import … from`, `export … from`, `import '…'`, `import('…')`; types count like values. */
function specifiersOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const patterns = [
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''));
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mts|js|mjs)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => !file.includes('node_modules/'));
}

function projectImports(): Imports {
  const trees = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !IGNORED.has(entry.name))
    .map((entry) => entry.name);
  const files = trees.flatMap(sourceFiles).filter((file) => file !== SELF); // its samples are no imports
  return new Map(files.map((file) => [file, specifiersOf(readFileSync(join(ROOT, file), 'utf8'))]));
}

test('imports point only downward in the list of design.md', (t) => {
  const imports = projectImports();
  t.true(imports.size > 100, 'the trees were read');
  t.true(
    [...imports.values()].flat().includes('node-av') ||
      [...imports.values()].flat().some((s) => s.startsWith('node-av/')),
  );
  t.deepEqual(violations(imports), []);
});

test('relative imports stay inside their tree; across trees the # names are used', (t) => {
  const wrong: string[] = [];
  for (const [file, specifiers] of projectImports()) {
    for (const specifier of specifiers.filter((one) => one.startsWith('.'))) {
      const target = posix.join(posix.dirname(file), specifier);
      if (target.split('/')[0] !== file.split('/')[0]) wrong.push(`${file} imports ${specifier}`);
    }
  }
  t.deepEqual(wrong, []);
});

test('no folder appears that the map does not know', (t) => {
  const top = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const folders = top.flatMap(({ name }) => {
    if (name.startsWith('.') || IGNORED.has(name)) return [];
    const inner = readdirSync(join(ROOT, name), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [name, ...inner.map((entry) => `${name}/${entry.name}`)];
  });
  t.true(folders.includes('daemon/receiver'), `read from ${dirname(ROOT)}`);
  t.deepEqual(unknownFolders(folders), []);
});

const planted = test.macro<[string, string, RegExp | null]>({
  exec(t, file, specifier, expected) {
    const [found, ...more] = violations(new Map([[file, ['node:fs', 'zod', specifier]]]));
    t.is(more.length, 0);
    if (expected === null) t.is(found, undefined);
    else t.regex(found ?? 'nothing was found', expected);
  },
  title: (_, file, specifier, expected) => `${file} ${expected === null ? 'may' : 'may not'} import ${specifier}`,
});
test(planted, 'daemon/config/load.ts', '../receiver/client.ts', /receiver lies above config/);
test(planted, 'daemon/receiver/client.ts', '../config/schema.ts', null);
test(planted, 'daemon/streams/ring.ts', '#daemon/http/app.ts', /http lies above streams/);
test(planted, 'daemon/guide/xml/deep.ts', '../../lineup/channel.ts', null);
test(planted, 'daemon/lineup/xml/deep.ts', '../../guide/store.ts', /guide lies above lineup/);
for (const face of ['hdhomerun', 'tvheadend', 'hls', 'playlist']) {
  for (const other of ['hdhomerun', 'tvheadend', 'hls', 'playlist']) {
    const expected = face === other ? null : /are siblings/;
    test(planted, `daemon/${face}/answers.ts`, `#daemon/${other}/x.ts`, expected);
  }
}
test(planted, 'daemon/main.ts', './http/app.ts', null);
test(planted, 'daemon/http/app.ts', '../main.ts', /nothing may import main/);
test(planted, 'daemon/http/app.ts', '#transcoder/remux/engine.ts', /daemon may not import transcoder/);
test(planted, 'transcoder/main.ts', '#daemon/config/load.ts', /transcoder may not import daemon/);
test(planted, 'shared/errors.ts', '#daemon/config/load.ts', /shared may not import daemon/);
test(planted, 'shared/mpegts/pat.ts', '#transcoder/codec/codec-probe.ts', /shared may not import transcoder/);
test(planted, 'shared/mpegts/pat.ts', '../errors.ts', null);
test(planted, 'daemon/receiver/client.ts', '#shared/errors.ts', null);
test(planted, 'daemon/receiver/client.ts', '#test/receiver/box.ts', /outside test/);
test(planted, 'transcoder/remux/engine.ts', 'node-av', /only transcoder\/ffmpeg/);
test(planted, 'transcoder/remux/engine.ts', 'node-av/lib', /only transcoder\/ffmpeg/);
test(planted, 'transcoder/ffmpeg/decoder.ts', 'node-av/lib', null);
test(planted, 'transcoder/codec/codec-probe.ts', '../remux/engine.ts', /remux lies above codec/);
test(planted, 'transcoder/remux/aac-stage.ts', '../dsp/loudness-stage.ts', null);
test(planted, 'transcoder/dsp/loudness-stage.ts', '../remux/downmix.ts', /remux lies above dsp/);
test(planted, 'transcoder/dsp/loudness-stage.ts', '../ffmpeg/pcm.ts', /ffmpeg lies above dsp/);
test(planted, 'transcoder/session/session.ts', '../environment.ts', null);
test(planted, 'transcoder/environment.ts', './session/session.ts', /own files may not import/);
test(planted, 'test/e2e/play.ts', 'node-av', null);
test(planted, 'packaging/deb/build.ts', '#daemon/config/load.ts', /packaging may not import daemon/);

test('a folder that nobody planned is found', (t) => {
  const folders = [
    'daemon',
    'daemon/http',
    'daemon/utils',
    'shared/helpers',
    'server',
    '.git',
    'node_modules',
    'test/e2e',
  ];
  t.deepEqual(unknownFolders(folders), ['daemon/utils', 'shared/helpers', 'server']);
});

test('imports are read in every form, and not from comments', (t) => {
  const source = `
    import a from 'one';
    import type { B } from "two";
    import {
      c,
      type D,
    } from './three.ts';
    export * from '#shared/four.ts';
    export { e } from './five.ts';
    import './six.ts';
    const f = await import('seven');
    // import g from 'no-1';
    /* import h from 'no-2'; */
    const text = "from 'no-3'";
  `;
  t.deepEqual(specifiersOf(source), ['one', 'two', './three.ts', '#shared/four.ts', './five.ts', './six.ts', 'seven']);
});
