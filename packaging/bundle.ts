import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { ROOT } from './project.ts';

export const PROGRAMS = { daemon: 'xg2g', transcoder: 'xg2g-transcoder' } as const;

/** Bundles need `require` for the CommonJS packages in them. */
const BANNER =
  "import { createRequire as createRequireOfBundle } from 'node:module';\nconst require = createRequireOfBundle(import.meta.url);";

export interface Bundle {
  readonly path: string;
  readonly text: string;
}

export interface Bundles {
  /** Programs and what they read at their side, by file name. */
  readonly files: readonly Bundle[];
  /** Folders of the npm packages whose code is in them, relative to the project, sorted. */
  readonly packages: readonly string[];
}

/** Both processes as one file each. The native addon is left out: it stands in `node_modules` beside them. */
export async function bundle(version: string): Promise<Bundles> {
  const files: Bundle[] = [];
  const packages = new Set<string>();
  for (const [tree, name] of Object.entries(PROGRAMS)) {
    const assets = new Map<string, string>();
    const result = await build({
      absWorkingDir: ROOT,
      entryPoints: [join(tree, 'main.ts')],
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      outfile: `${name}.js`,
      write: false,
      metafile: true,
      external: ['*.node', 'msgpackr-extract'],
      define: { 'process.env.XG2G_BUILD': JSON.stringify(version) },
      banner: { js: BANNER },
      legalComments: 'none',
      // V8 keeps the text of a program in memory for as long as it runs. Names stay, for stack traces.
      minifyWhitespace: true,
      minifySyntax: true,
      logLevel: 'error',
      plugins: [collectAssets(assets), withoutLocales],
    });
    files.push({ path: `${name}.js`, text: result.outputFiles[0]?.text ?? '' });
    for (const [path, text] of assets) files.push({ path, text });
    for (const input of Object.keys(result.metafile.inputs)) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
      if (folder !== undefined) packages.add(folder);
    }
  }
  return { files, packages: [...packages].sort() };
}

/** zod's messages in fifty languages, of which English alone is used: a third of the transcoder, and memory all the time. */
const withoutLocales: Plugin = {
  name: 'without-locales',
  setup(builder) {
    builder.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({ contents: 'export {};', loader: 'js' }));
  },
};

/** Files that a module reads as `new URL('./name', import.meta.url)`: they come to stand beside the bundle. */
function collectAssets(assets: Map<string, string>): Plugin {
  return {
    name: 'assets',
    setup(builder) {
      builder.onLoad({ filter: /\/(?:daemon|transcoder|shared)\/.*\.ts$/ }, async ({ path }) => {
        const contents = await readFile(path, 'utf8');
        const moved = new Map<string, string>();
        for (const [, asset] of contents.matchAll(/new URL\('(\.[^']+)', import\.meta\.url\)/g)) {
          if (asset === undefined) continue;
          const name = basename(asset);
          const text = await readFile(join(dirname(path), asset), 'utf8');
          if (assets.has(name) && assets.get(name) !== text)
            throw new Error(`${path}: another ${name} is in the bundle`);
          assets.set(name, text);
          moved.set(`'${asset}'`, `'./${name}'`);
        }
        const changed = [...moved].reduce((code, [from, to]) => code.replaceAll(from, to), contents);
        return { contents: changed, loader: 'ts' };
      });
    },
  };
}
