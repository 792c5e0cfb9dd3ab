// Builds the executable, dist/jtx.js, and the programs of the lab, dist/lab/*.js. Each loads what it shares with others,
// and what only some of its verbs need, from files beside it, when it is reached: reading one file with everything
// takes as long as node's own start.
import { chmod, readdir, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const labPrograms = (await readdir('test/lab/bin')).filter((name) => name.endsWith('.ts'));

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  alias: { bindings: './scripts/native-addon.cjs' },
  legalComments: 'none',
  logLevel: 'warning',
  minifySyntax: true,
  minifyWhitespace: true,
};
const parts = {
  ...shared,
  format: 'esm',
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
  // Bundled CommonJS packages call require; an ES module has none of its own.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
};

await rm('dist', { recursive: true, force: true });
await build({ ...parts, entryPoints: { program: 'src/cli/program.ts' }, outdir: 'dist/cli' });
await build({ ...parts, entryPoints: labPrograms.map((name) => `test/lab/bin/${name}`), outdir: 'dist/lab' });
for (const directory of ['cli', 'lab'])
  await writeFile(`dist/${directory}/package.json`, '{ "type": "module" }\n');
// CommonJS starts faster than an ES module does.
await build({
  ...shared,
  format: 'cjs',
  external: ['./cli/program.js'],
  entryPoints: ['src/main.ts'],
  outfile: 'dist/jtx.js',
  banner: { js: '#!/usr/bin/env node' },
});
await writeFile('dist/package.json', '{ "type": "commonjs" }\n');
for (const program of ['jtx.js', ...labPrograms.map((name) => `lab/${name.replace(/\.ts$/, '.js')}`)])
  await chmod(`dist/${program}`, 0o755);
