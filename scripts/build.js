// Builds the executable, dist/jtx.js, and the programs of the lab, dist/lab/*.js. Each loads what it shares with others,
// and what only some of its verbs need, from files beside it, when it is reached: one file with everything takes as long
// to read as node to start.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { build, transform } from 'esbuild';

const smaller = { legalComments: 'none', logLevel: 'warning' };
const shared = {
  ...smaller,
  bundle: true,
  platform: 'node',
  target: 'node20',
  alias: {
    bindings: './scripts/native-addon.cjs',
    // The one for node loads all of node:crypto at once, the other takes what node has anyway, when it makes an id.
    ulid: './node_modules/ulid/dist/browser/index.js',
  },
};
const parts = { ...shared, format: 'esm', splitting: true, chunkNames: 'parts/[name]-[hash]' };
const commonjs = {
  ...smaller,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  supported: { 'dynamic-import': false },
};
const start = '#!/usr/bin/env node';

// Commander can run verbs that are programs of their own, and would load child_process for that, which takes a tenth of
// node's start. No verb of jtx is one.
const withoutPrograms = {
  name: 'without-programs',
  setup({ onResolve }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/node_modules/commander/') ? { path: resolve('scripts/no-programs.cjs') } : null,
    );
  },
};

/**
 * A program that is started all the time, which exports its `main`: only ES modules can be split into parts, and only of
 * scripts does V8 keep what it made of them. The command lines show what is needed in them.
 */
async function buildToStartFast(entryPoint, directory, ...lines) {
  const entryPoints = { program: entryPoint };
  const { outputFiles } = await build({
    ...parts,
    plugins: [withoutPrograms],
    entryPoints,
    outdir: directory,
    write: false,
  });
  await mkdir(`${directory}/parts`, { recursive: true });
  for (const { path, text } of outputFiles) {
    const { code } = await transform(text, commonjs);
    await writeFile(join(directory, 'parts', basename(path)), `(function(exports,require,module){${code}})`);
  }
  await copyFile('scripts/compiled.cjs', `${directory}/program.js`);
  execFileSync(process.execPath, [`${directory}/program.js`, ...lines], {
    stdio: 'pipe',
    env: { PATH: process.env.PATH, JTX_JOURNAL: `${directory}/none.db` },
  });
}

if (spawnSync(process.execPath, ['scripts/addon-works.cjs'], { stdio: 'ignore' }).status !== 0)
  throw new Error('better-sqlite3 does not work with this node: ./scripts/setup compiles it as it has to be');

const lab = (await readdir('test/lab/bin')).filter((name) => name.endsWith('.ts'));

await rm('dist', { recursive: true, force: true });
await mkdir('dist');
await writeFile('dist/package.json', '{ "type": "commonjs" }\n');
await buildToStartFast('src/cli/program.ts', 'dist/cli', 'node jtx --help', 'node jtx history');
// Of a root without packages.
const system = '-o ABI=FreeBSD:14:amd64 -o OSVERSION=1401000';
await buildToStartFast('test/lab/pkg/main.ts', 'dist/pkg', `-r dist/pkg ${system} install -nUy tiny`);
await writeFile('dist/pkg/pkg.js', `${start}\nrequire('./program.js').main(process.argv.slice(2));\n`);
await build({
  ...parts,
  entryPoints: lab.map((name) => `test/lab/bin/${name}`),
  outdir: 'dist/lab',
  // Bundled CommonJS packages call require; an ES module has none of its own.
  banner: {
    js: `${start}\nimport { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);`,
  },
});
await writeFile('dist/lab/package.json', '{ "type": "module" }\n');
await build({
  ...shared,
  ...commonjs,
  external: ['./cli/program.js'],
  entryPoints: ['src/main.ts'],
  outfile: 'dist/jtx.js',
  banner: { js: start },
});
for (const program of ['jtx.js', 'pkg/pkg.js', ...lab.map((name) => `lab/${name.replace(/\.ts$/, '.js')}`)])
  await chmod(`dist/${program}`, 0o755);
