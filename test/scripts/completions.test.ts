import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatedFiles } from '../../scripts/reference/files.ts';
import { temporaryDirectory } from '../journal/sample.ts';

const directory = temporaryDirectory();
const witness = join(directory, 'witness');
const journal = join(directory, 'journal.db');
copyFileSync('test/fixtures/journal/version-1.db', journal);

const bin = join(directory, 'bin');
mkdirSync(bin);
symlinkSync(resolve('dist/jtx.js'), join(bin, 'jtx'));
writeProgram(bin, 'jls', `printf '%s\\n' web 'web.$(touch ${witness})' 'web.\`touch ${witness}\`' 'web.a b'`);

const refusing = join(directory, 'refusing');
mkdirSync(refusing);
for (const name of ['jtx', 'jls']) writeProgram(refusing, name, 'echo "$0: no" >&2; exit 3');

function writeProgram(where: string, name: string, script: string): void {
  writeFileSync(join(where, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** What a shell offers at the end of each line, with these programs. */
function offersOf(shell: string, programs: string, lines: readonly string[]): string[][] {
  const { stdout, stderr } = spawnSync(`test/scripts/${shell}-offers`, ['scripts/completions', ...lines], {
    encoding: 'utf8',
    env: { HOME: directory, PATH: `${programs}:${process.env['PATH']}`, JTX_JOURNAL: journal },
  });
  expect(stderr).toBe('');
  const offers: string[][] = [[]];
  for (const line of stdout.split('\n').slice(0, -1)) {
    if (line === '') offers.push([]);
    else offers.at(-1)?.push(line.split('\t')[0] ?? '');
  }
  return offers.slice(0, -1);
}

test('what is committed is what the definitions of the commands give: else npm run reference', async () => {
  const files = await generatedFiles();
  expect(files.length).toBeGreaterThan(0);
  for (const [path, text] of files) expect([path, readFileSync(path, 'utf8')]).toEqual([path, text]);
});

const transactions = ['01K7A0000000000000000000A2', '01K7A0000000000000000000A1'];
const jails = ['postgresql', 'web'];
const cases: Record<string, string[]> = {
  'jtx ro': ['rollback'],
  'jtx aside ': ['list', 'show', 'drop'],
  'jtx rollback --d': ['--discard'],
  'jtx aside drop --f': ['--foreign'],
  'jtx install web --on-data ': ['aside', 'discard', 'refuse'],
  'jtx install --verify web ': jails,
  'jtx install web ': [],
  'jtx backup postgresql w': ['web'],
  'jtx diff ': transactions,
  'jtx recover --leave ': transactions,
  'jtx rollback --plan postgresql ': transactions,
  'jtx rollback web ': [],
  'jtx bogus ': [],
  'jtx run web -- ': [],
  // A name by which a jail would have a command run.
  'jtx history web.': [],
};
const ofBash: Record<string, string[]> = {
  'jtx install --on-data=d': ['discard'],
  'jtx install -o A=b p': ['postgresql'],
  'jtx install -o A=p': [],
};

describe.each(['bash', 'zsh', 'fish'])('%s', (shell) => {
  const isMissing = spawnSync(shell, ['--version']).status !== 0;
  const why = isMissing ? ` (skipped: there is no ${shell})` : '';

  test.skipIf(isMissing)(`offers what is meant${why}`, () => {
    const expected = { ...cases, ...(shell === 'bash' ? ofBash : {}) };
    const lines = Object.keys(expected);
    const offers = offersOf(shell, bin, lines);
    expect(Object.fromEntries(lines.map((line, index) => [line, offers[index]]))).toEqual(expected);
    expect(existsSync(witness)).toBe(false);
  });

  test.skipIf(isMissing)(`is silent where jtx may not read its journal${why}`, () => {
    expect(offersOf(shell, refusing, ['jtx install ', 'jtx show '])).toEqual([[], []]);
  });
});
