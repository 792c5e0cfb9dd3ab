import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaults } from '../../src/config/settings.ts';
import { lockDirectory } from '../../src/transaction/lock-directory.ts';

const page = readFileSync('docs/jtx.8', 'utf8');
const isMissing = spawnSync('mandoc', ['-T', 'lint', '/dev/null']).error !== undefined;

function section(name: string): string {
  return page.split(/^\.Sh /m).find((text) => text.startsWith(`${name}\n`)) ?? '';
}

/** The words that stand as items in the list of a section. */
function items(name: string): string[] {
  const found = [...section(name).matchAll(/^\.It (?:Ev |Pa )?(.+)$/gm)];
  return found.flatMap(([, words = '']) => words.split(' , '));
}

test.skipIf(isMissing)(
  `mandoc finds nothing in it${isMissing ? ' (skipped: there is no mandoc)' : ''}`,
  () => {
    const { stdout, status } = spawnSync('mandoc', ['-T', 'lint', '-W', 'style', 'docs/jtx.8'], {
      encoding: 'utf8',
    });
    // Which other pages are installed is the machine's affair.
    const found = stdout.split('\n').filter((line) => /STYLE|WARNING|ERROR|UNSUPP/.test(line));
    expect(found.filter((line) => !line.includes('referenced manual not found'))).toEqual([]);
    expect(status).toBeLessThan(2);
  },
);

test('it tells every variable of the environment that jtx reads', () => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const read = sources.flatMap((name) => {
    const text = readFileSync(join('src', name), 'utf8');
    return [...text.matchAll(/\benv(?:ironment)?\['(\w+)'\]|'(\w+_proxy(?:_auth)?)'/g)].map(
      ([, variable, proxy = '']) => variable ?? proxy,
    );
  });
  const variables = read.filter(
    (name) => name.toUpperCase() !== 'HTTP_PROXY_AUTH' || name === 'http_proxy_auth',
  );
  expect(items('ENVIRONMENT').toSorted()).toEqual([...new Set(variables)].toSorted());
});

test('it tells the files that jtx uses where nothing else is configured', () => {
  expect(items('FILES')).toEqual(
    expect.arrayContaining([defaults.journal, lockDirectory(defaults), defaults.jailConf]),
  );
  expect(readFileSync('src/config/config.ts', 'utf8')).toContain(`'${items('FILES')[0]}'`);
});

test('it tells the exit statuses that scripts are promised', () => {
  const table = readFileSync('docs/scripting.md', 'utf8');
  const promised = [...table.matchAll(/^\| (\d[\d, ]*) \|/gm)].flatMap(([, words = '']) => words.split(', '));
  expect(items('EXIT STATUS')).toEqual(promised);
});
