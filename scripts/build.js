// Builds the executable, dist/jtx.js, and the programs of the lab, dist/lab/*.js. Each loads what it shares with others,
// and what only some of its verbs need, from files beside it, when it is reached: reading one file with everything
// takes as long as node's own start.
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { build, transform } from 'esbuild';

const smaller = { legalComments: 'none', logLevel: 'warning', minifySyntax: true, minifyWhitespace: true };
const shared = {
  ...smaller,
  bundle: true,
  platform: 'node',
  target: 'node20',
  alias: { bindings: './scripts/native-addon.cjs' },
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

/** Finding and reading one takes half a millisecond, whatever its size. */
const small = 4 * 1024;

const isProgram = (name) => name.startsWith('..');

/** Puts the small parts into one file, which has a function for each, called when it is reached. */
function withSmallTogether(codes) {
  const isSmall = (name) => !isProgram(name) && codes.get(name)?.length < small;
  const reaching = (code, reach) =>
    code.replace(/\brequire\("\.\/(?:parts\/)?([\w-]+\.js)"\)/g, (asked, name) =>
      isSmall(name) ? reach(name) : asked,
    );
  const functions = [...codes.keys()]
    .filter(isSmall)
    .map((name) => `"${name}"(exports,module){${reaching(codes.get(name), (other) => `part("${other}")`)}}`);
  const together = [
    'const made={};',
    `const parts={${functions.join(',')}};`,
    'function part(name){const known=made[name];if(known)return known.exports;const module=made[name]={exports:{}};',
    'parts[name](module.exports,module);return module.exports}',
    'module.exports=part;',
  ].join('\n');
  const others = [...codes].filter(([name]) => !isSmall(name));
  const place = (name) => (isProgram(name) ? './parts/small.js' : './small.js');
  return [
    ...others.map(([name, code]) => [
      name,
      reaching(code, (other) => `require("${place(name)}")("${other}")`),
    ]),
    ['small.js', together],
  ];
}

/** Programs that are started all the time: only ES modules can be split into parts, and CommonJS starts faster. */
async function buildToStartFast(entryPoints, outdir) {
  const { outputFiles } = await build({
    ...parts,
    plugins: [withoutPrograms],
    entryPoints,
    outdir,
    write: false,
  });
  const codes = new Map();
  for (const { path, text } of outputFiles)
    codes.set(relative(resolve(outdir, 'parts'), path), (await transform(text, commonjs)).code);
  await mkdir(`${outdir}/parts`, { recursive: true });
  for (const [name, code] of withSmallTogether(codes))
    await writeFile(join(outdir, 'parts', name), isProgram(name) ? `${start}\n${code}` : code);
  await writeFile(`${outdir}/package.json`, '{ "type": "commonjs" }\n');
}

const lab = (await readdir('test/lab/bin')).filter((name) => name.endsWith('.ts') && name !== 'pkg.ts');

await rm('dist', { recursive: true, force: true });
await buildToStartFast({ program: 'src/cli/program.ts' }, 'dist/cli');
await buildToStartFast({ pkg: 'test/lab/bin/pkg.ts' }, 'dist/pkg');
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
await writeFile('dist/package.json', '{ "type": "commonjs" }\n');
for (const program of ['jtx.js', 'pkg/pkg.js', ...lab.map((name) => `lab/${name.replace(/\.ts$/, '.js')}`)])
  await chmod(`dist/${program}`, 0o755);
