// Builds the one executable, dist/jtx.js, and the programs of the lab, dist/lab/*.js.
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const labPrograms = (await readdir('test/lab/bin')).filter((name) => name.endsWith('.ts'));

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  external: ['better-sqlite3'],
  legalComments: 'none',
  logLevel: 'warning',
};

await mkdir('dist/lab', { recursive: true });
await writeFile('dist/lab/package.json', '{ "type": "module" }\n');
await build({
  ...shared,
  format: 'esm',
  // Bundled CommonJS packages call require; an ES module has none of its own.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
  entryPoints: labPrograms.map((name) => `test/lab/bin/${name}`),
  outdir: 'dist/lab',
});
for (const name of labPrograms) await chmod(`dist/lab/${name.replace(/\.ts$/, '.js')}`, 0o755);

// CommonJS loads faster than an ES module, and loads what a dynamic import names only when it is reached.
await writeFile('dist/package.json', '{ "type": "commonjs" }\n');
await build({
  ...shared,
  format: 'cjs',
  supported: { 'dynamic-import': false },
  entryPoints: ['src/main.ts'],
  outfile: 'dist/jtx.js',
  define: { 'import.meta.url': 'fileUrl' },
  banner: { js: "#!/usr/bin/env node\nconst fileUrl = require('node:url').pathToFileURL(__filename).href;" },
  minifySyntax: true,
  minifyWhitespace: true,
});
await chmod('dist/jtx.js', 0o755);
