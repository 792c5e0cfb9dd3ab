import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Script } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import { committed } from '../journal/sample.ts';

let packed = '';
let files: string[] = [];

beforeAll(() => {
  const listed: { files: { path: string }[] }[] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json'], { encoding: 'utf8', stdio: 'pipe' }),
  );
  files = listed.flatMap((one) => one.files.map(({ path }) => path));
  packed = mkdtempSync(join(tmpdir(), 'jtx-packed-'));
  for (const path of files) cpSync(path, join(packed, path));
  symlinkSync(resolve('node_modules'), join(packed, 'node_modules'));
});
afterAll(() => rmSync(packed, { recursive: true, force: true }));

function jtx(...words: string[]): string {
  const journal = join(packed, 'journal.db');
  return execFileSync(process.execPath, [join(packed, 'dist/jtx.js'), ...words], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], JTX_JOURNAL: journal },
  });
}

test('what npm packs starts, and loads every verb', () => {
  expect(jtx('--help')).toMatch(/^ {2}install .*^ {2}recover /ms);
});

test('the parts that a verb loads later are all in it', () => {
  const built = readdirSync('dist/cli', { recursive: true, encoding: 'utf8' });
  const parts = built.map((name) => join('dist/cli', name)).filter((path) => statSync(path).isFile());
  expect(files).toEqual(expect.arrayContaining(parts));
});

test('what V8 made of the parts is taken up, and can be missing or wrong: it is made anew', () => {
  const [made = ''] = readdirSync('dist/cli').filter((name) => name.startsWith('made-'));
  expect(made).toBe(`made-${process.platform}-${process.arch}-${process.version}`);
  const parts = readdirSync('dist/cli/parts');
  expect(readdirSync(join('dist/cli', made))).toEqual(parts);
  const wrapper = (name: string) => readFileSync(join('dist/cli/parts', name), 'latin1');
  const cached = (name: string) => readFileSync(join('dist/cli', made, name));
  const taken = parts.map((name) => new Script(wrapper(name), { cachedData: cached(name) }));
  expect(taken.filter(({ cachedDataRejected }) => cachedDataRejected !== false)).toEqual([]);
  const help = jtx('--help');
  const kept = join(packed, 'dist/cli', made);
  for (const name of readdirSync(kept)) writeFileSync(join(kept, name), 'garbage');
  expect(jtx('--help')).toBe(help);
  rmSync(kept, { recursive: true });
  expect(jtx('--help')).toBe(help);
});

test('it reads a journal: the native addon is found', () => {
  Journal.open(join(packed, 'journal.db')).close();
  expect(jtx('history')).toContain('No transactions yet');
});

test('an addon for another node is told as such, with what to do, and nothing is changed', () => {
  const broken = mkdtempSync(join(tmpdir(), 'jtx-broken-'));
  const addon = join(broken, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node');
  cpSync(join(packed, 'dist'), join(broken, 'dist'), { recursive: true });
  mkdirSync(dirname(addon), { recursive: true });
  writeFileSync(join(broken, 'node_modules/better-sqlite3/package.json'), '{ "name": "better-sqlite3" }');
  const run = (...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(broken, 'dist/jtx.js'), ...words], {
      encoding: 'utf8',
      env: { JTX_JOURNAL: join(packed, 'journal.db') },
    });
    return { status, stdout, stderr };
  };
  const told = {
    status: 3,
    stdout: '',
    stderr: expect.stringMatching(
      new RegExp(
        `^jtx: node v[\\d.]+ cannot load the compiled part of better-sqlite3\n.* ${broken}/scripts/setup`,
        's',
      ),
    ),
  };
  expect(run('history')).toEqual(told);
  writeFileSync(addon, 'compiled for another node');
  expect(run('history')).toEqual(told);
  const { status, stdout } = run('history', '--json');
  expect([status, JSON.parse(stdout)]).toMatchObject([3, { error: { code: 'addon-unusable' } }]);
  rmSync(broken, { recursive: true });
});

test('what only reads the journal loads nothing that starts programs: that takes longer than all else', () => {
  const journal = Journal.open(join(packed, 'journal.db'));
  const id = committed(journal);
  journal.close();
  const executable = join(packed, 'dist/jtx.js');
  const whether =
    "process.on('exit', () => console.log(process.moduleLoadList.includes('NativeModule child_process')))";
  const told = (...words: string[]): string | undefined =>
    execFileSync(process.execPath, ['--import', `data:text/javascript,${whether}`, executable, ...words], {
      encoding: 'utf8',
      env: { JTX_JOURNAL: join(packed, 'journal.db') },
    })
      .trim()
      .split('\n')
      .at(-1);
  for (const verb of [['history'], ['history', '--json'], ['show', id], ['show', id, '--json'], ['status']])
    expect([...verb, told(...verb)]).toEqual([...verb, 'false']);
});

test('the manual page is in it where npm installs it from, and so are the completions', () => {
  const { man }: { man: unknown } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(files).toEqual(
    expect.arrayContaining([
      man,
      ...readdirSync('scripts/completions').map((name) => `scripts/completions/${name}`),
    ]),
  );
});

test('the programs of the lab are not in it', () => {
  expect(files.filter((path) => /^(dist\/(lab|pkg)|src|test)\//.test(path))).toEqual([]);
});
