// Builds the one executable, dist/jtx.js, and the programs of the lab, dist/lab/*.js.
import { chmod, readdir } from 'node:fs/promises';
import { build } from 'esbuild';

const labPrograms = (await readdir('test/lab/bin')).filter((name) => name.endsWith('.ts'));

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: ['better-sqlite3'],
  legalComments: 'none',
  logLevel: 'warning',
  // Bundled CommonJS packages call require; an ES module has none of its own.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
};

await build({
  ...shared,
  entryPoints: labPrograms.map((name) => `test/lab/bin/${name}`),
  outdir: 'dist/lab',
  sourcemap: 'inline',
});
for (const name of labPrograms) await chmod(`dist/lab/${name.replace(/\.ts$/, '.js')}`, 0o755);

await build({ ...shared, entryPoints: ['src/main.ts'], outfile: 'dist/jtx.js', minifySyntax: true });
await chmod('dist/jtx.js', 0o755);
