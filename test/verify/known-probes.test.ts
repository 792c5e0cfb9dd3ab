import { describe, expect, test } from 'vitest';
import { isOriginPattern, knownProbes, matches, printedVersion } from '../../src/verify/known-probes.ts';
import { knownPrograms } from '../../src/verify/known-programs.ts';

const postgres = {
  name: 'postgresql17-server',
  version: '17.2_1,1',
  origin: 'databases/postgresql17-server',
};
const owned = new Map([['/usr/local/bin/postgres', postgres.name]]);

/** Whether a known program's output is good enough for its package. */
function accepts(output: string, version = postgres.version): boolean {
  const [probe] = knownProbes([{ ...postgres, version }], owned, []);
  return probe?.expect === undefined || probe.expect.test(output);
}

test.each([
  ['databases/postgresql*-server', 'databases/postgresql17-server', true],
  ['databases/postgresql*-server', 'databases/postgresql17-client', false],
  ['www/*', 'www/a/b', false],
  ['www/node[0-9]*', 'www/node20', true],
  ['www/node[0-9]*', 'www/node_exporter', false],
  ['www/a.b', 'www/axb', false],
  ['www/foo?', 'www/fo', false],
  ['www/foo?', 'www/foo?', true],
  ['devel/c[.+-]*', 'devel/c++x', true],
  ['devel/c[.+-]*', 'devel/cx', false],
  ['www/a|b', 'b', false],
])('%s and %s: %s', (pattern, origin, expected) => {
  expect(matches(pattern, origin)).toBe(expected);
});

test.each([
  'www/my[',
  'www/my]',
  'www/my[]',
  'www/x[9-0]',
  'www/x[!0-9]',
  'www/x[^0-9]',
  'www/[a*]',
  'www/[[]',
])('%s is no pattern, and matches nothing', (pattern) => {
  expect(isOriginPattern(pattern)).toBe(false);
  expect(matches(pattern, pattern)).toBe(false);
});

test.each([
  ['17.2', '17.2'],
  ['17.2_1,1', '17.2'],
  ['9.9.p1_2,1', '9.9p1'],
  ['17.0.13+11.1', '17.0.13'],
  ['18.b2', undefined],
  ['3.10.20240917.a', undefined],
])('of %s a program prints %s', (version, expected) => {
  expect(printedVersion(version)).toBe(expected);
});

describe('what a known program has to print', () => {
  test.each<[string, string, boolean]>([
    ['its version', 'postgres (PostgreSQL) 17.2\n', true],
    ['its version, and how it was packaged', 'postgres (PostgreSQL) 17.2 (Debian 17.2-1)\n', true],
    ['another', 'postgres (PostgreSQL) 17.3\n', false],
    ['a longer one', 'postgres (PostgreSQL) 17.21\n', false],
    ['one with more parts', 'postgres (PostgreSQL) 17.2.1\n', false],
    ['something of another kind', 'PostgreSQL of a vendor\n', true],
  ])('%s', (_what, output, expected) => {
    expect(accepts(output)).toBe(expected);
  });

  test.each<[string, string, string, boolean]>([
    ['databases/sqlite3', '3.46.1_1,1', '3.46.1 2024-08-13 09:16:08 c9c2ab54ba1f5f46 (64-bit)\n', true],
    ['databases/sqlite3', '3.46.1_1,1', '3.46.0 2024-05-23 13:25:27 96c92aba00c8375b (64-bit)\n', false],
    ['databases/sqlite3', '3.46.1_1,1', '13.46.1\n', false],
    ['databases/sqlite3', '3.46.1_1,1', 'built with 64 bits on 2024-08-13\n', true],
    ['mail/dovecot', '2.4.1.4', '2.4.1-4 (7d8c0e5759)\n', true],
    ['mail/dovecot', '2.3.21.1', '2.3.21.1 (d492236fa0)\n', true],
    ['mail/dovecot', '2.4.1.4', '2.4.1-5 (7d8c0e5759)\n', false],
    ['mail/dovecot', '2.4.1.4', '2.4.1-41 (7d8c0e5759)\n', false],
    ['mail/dovecot', '2.4.1.4', '2.4.1 (7d8c0e5759)\n', false],
    ['dns/bind918', '9.18.30', 'BIND 9.18.30.\n', true],
    ['dns/bind918', '9.18.30', 'BIND 9.18.3\n', false],
  ])('%s %s prints %j: %s', (origin, version, output, expected) => {
    const program = knownPrograms.find((one) => matches(one.origin, origin))?.command.split(' ')[0] ?? '';
    const [probe] = knownProbes([{ name: 'x', version, origin }], new Map([[program, 'x']]), []);
    expect(probe?.expect?.test(output)).toBe(expected);
  });

  test('of a beta nothing is known but that it has to start', () => {
    expect(accepts('postgres (PostgreSQL) 18beta2', '18.b2')).toBe(true);
  });
});

test('the command is that of the version, and is asked for where the package has it', () => {
  const python = { name: 'python311', version: '3.11.10', origin: 'lang/python311' };
  const owners = new Map([['/usr/local/bin/python3.11', 'python311']]);
  expect(knownProbes([python], owners, []).map(({ command, shown }) => [command, shown])).toEqual([
    [['/usr/local/bin/python3.11', '--version'], 'Python 3.11.10'],
  ]);
  expect(knownProbes([python], new Map(), [])).toEqual([]);
  expect(knownProbes([python], new Map([['/usr/local/bin/python3.11', 'other']]), [])).toEqual([]);
});

test("a person's own take the place of those that are known by the origin", () => {
  const own = { origin: 'databases/*', command: '/usr/local/bin/postgres -V', prints: undefined };
  expect(knownProbes([postgres], owned, [own])).toEqual([
    { command: ['/usr/local/bin/postgres', '-V'], expect: undefined },
  ]);
});

test.each([
  ['databases/redis-devel', 'redis-devel', '8.0.0.20250101', '/usr/local/bin/redis-server', 0],
  ['databases/redis', 'redis', '8.0.2', '/usr/local/bin/redis-server', 1],
  ['databases/redis72', 'redis72', '7.2.7', '/usr/local/bin/redis-server', 1],
  ['lang/perl5-devel', 'perl5-devel', '5.41.10', '/usr/local/bin/perl', 0],
  ['lang/perl5.40', 'perl5', '5.40.1', '/usr/local/bin/perl', 1],
])('%s: what is not released is not asked for its version', (origin, name, version, program, probes) => {
  expect(knownProbes([{ name, version, origin }], new Map([[program, name]]), [])).toHaveLength(probes);
});

test.each(knownPrograms)(
  '$origin: its pattern, its command and what it prints are well formed',
  (program) => {
    expect(program.command).toMatch(/^\/usr\/local\//);
    expect(program.prints?.split('VERSION')).toHaveLength(2);
    expect(isOriginPattern(program.origin)).toBe(true);
    const packages = [
      { name: 'x', version: '1.2.3', origin: program.origin.replace(/\[.*?\]/g, '1').replaceAll('*', '1') },
    ];
    const command = program.command.replaceAll('MAJOR', '1').replaceAll('MINOR', '2').split(' ')[0] ?? '';
    const probes = knownProbes(packages, new Map([[command, 'x']]), []);
    expect(probes.map((probe) => probe.shown)).toContain(program.prints?.replace('VERSION', '1.2.3'));
  },
);
