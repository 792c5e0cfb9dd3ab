import { expect, test } from 'vitest';
import { differencesJson, differencesText } from '../../src/report/differences-text.ts';
import type { Differences } from '../../src/transaction/differences.ts';
import type { Difference } from '../../src/zfs/diff.ts';
import { sampleRow } from '../journal/sample-row.ts';

const id = '01K7A0000000000000000000A1';

function differences(over: Partial<Differences> = {}): Differences {
  return { row: sampleRow(), packages: [], files: [], untilNow: false, ...over };
}

const time = Date.UTC(2026, 4, 1, 18, 0, 7, 250);
const file = (change: Difference['change'], path: string, over: Partial<Difference> = {}): Difference => ({
  time,
  change,
  type: 'F',
  path,
  ...over,
});

test('packages, then files', () => {
  const text = differencesText(
    differences({
      packages: [
        { name: 'nginx', origin: 'x/nginx', from: null, to: '1.28' },
        { name: 'pcre2', origin: 'x/pcre2', from: '10.42', to: '10.45' },
        { name: 'old', origin: 'x/old', from: '1.0', to: null },
      ],
      files: [
        file('added', '/jails/web/usr/local/bin/nginx'),
        file('removed', '/jails/web/usr/local/bin/old'),
        file('modified', '/jails/web/var/db/pkg', { type: '/' }),
        file('modified', '/jails/web/', { type: '/' }),
        file('renamed', '/jails/web/a', { to: '/jails/web/b' }),
        file('added', '/jails/web/link', { type: '@' }),
      ],
    }),
  );
  expect(text.split('\n')).toEqual([
    `install postgresql15-server (${id})`,
    '',
    'Packages',
    '  + nginx 1.28',
    '  * pcre2 10.42 -> 10.45',
    '  - old 1.0',
    '',
    'Files',
    '  + /jails/web/usr/local/bin/nginx',
    '  - /jails/web/usr/local/bin/old',
    '  * /jails/web/var/db/pkg/',
    '  * /jails/web/',
    '  > /jails/web/a -> /jails/web/b',
    '  + /jails/web/link',
  ]);
});

test.each<[string, Partial<Differences>, string]>([
  ['no files', {}, 'Files: none'],
  ['no files so far', { untilNow: true }, 'Files, up to now: none'],
  ['files up to now', { untilNow: true, files: [file('added', '/a')] }, 'Files, up to now\n  + /a'],
  [
    'what nobody can tell',
    { files: undefined },
    'Files: its snapshots are gone, or this zfs(8) cannot compare.',
  ],
])('%s', (_what, over, words) => {
  expect(differencesText(differences(over))).toBe(`install postgresql15-server (${id})\n\n${words}`);
});

test('a verb without arguments', () => {
  const text = differencesText(differences({ row: sampleRow({ verb: 'upgrade', arguments: [] }) }));
  expect(text.split('\n')[0]).toBe(`upgrade (${id})`);
});

test('nothing of a package or a jail steers the terminal', () => {
  const text = differencesText(
    differences({
      row: sampleRow({ verb: 'run', arguments: ['sh', '-c', 'echo \x1b[2J\n'] }),
      packages: [
        { name: 'a\x1bb', origin: 'x/a', from: null, to: '1\n2' },
        { name: 'c', origin: 'x/c', from: '\u202e1', to: null },
        { name: 'd', origin: 'x/d', from: '\x07', to: '\u009b' },
      ],
      files: [file('renamed', '/a\nb', { to: '/c\x1b]0;x\x07' })],
    }),
  );
  expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  expect(text.split('\n')).toHaveLength(9);
});

test('for scripts', () => {
  const packages = [{ name: 'nginx', origin: 'x/nginx', from: null, to: '1.28' }];
  const files = [file('renamed', '/a\x1b', { to: '/b' })];
  expect(differencesJson(differences({ packages, files, untilNow: true }))).toEqual({
    transaction: id,
    jail: 'postgresql',
    packages,
    untilNow: true,
    files: [{ change: 'renamed', type: 'F', path: '/a\x1b', to: '/b', time: '2026-05-01T18:00:07.250Z' }],
  });
  expect(differencesJson(differences({ files: undefined }))).toMatchObject({ files: null, untilNow: false });
});
