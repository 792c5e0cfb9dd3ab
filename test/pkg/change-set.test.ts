import { describe, expect, test } from 'vitest';
import {
  compare,
  type Evidence,
  findComplaints,
  judge,
  means,
  reinstalled,
} from '../../src/pkg/change-set.ts';
import type { InstalledPackage } from '../../src/pkg/database.ts';
import { EventReader, RunObserver } from '../../src/pkg/events.ts';
import { parsePlan } from '../../src/pkg/plan.ts';
import type { Verb } from '../../src/pkg/verbs.ts';
import { everyStep, type Step, transcript } from './transcript.ts';

/** Packages from `name version`. */
function packages(lines: readonly string[]): InstalledPackage[] {
  return lines.map((line) => {
    const [name = '', version = ''] = line.split(' ');
    return {
      name,
      version,
      origin: `test/${name}`,
      categories: ['test'],
      flavor: undefined,
      automatic: false,
      locked: false,
      registration: '1 x',
      provides: [],
      requires: [],
    };
  });
}

function evidenceOf(step: Step, verb: Verb, asked: readonly string[], plan = step.stdout): Evidence {
  const reader = new EventReader();
  const observer = new RunObserver({ fetch() {}, extract() {} });
  for (const event of [...reader.push(step.events), ...reader.end()]) observer.observe(event);
  const after = packages(step.after);
  const changes = compare(packages(step.before), after);
  return { plan: parsePlan(plan), changes, verb, asked, after, observer };
}

describe('recorded runs', () => {
  test.each<[string, string, Verb, string[], string[]]>([
    ['success', 'install -y -- hello', 'install', ['hello'], []],
    ['plan', 'upgrade -y', 'upgrade', [], []],
    ['remove-with-dependants', 'delete -y tiny', 'remove', ['tiny'], []],
    ['remove-with-dependants', 'autoremove -y', 'autoremove', [], []],
    ['conflict', 'install -yU confl', 'install', ['confl'], []],
    [
      'post-install-fails',
      'install -y -- postfail2',
      'install',
      ['postfail2'],
      ['postfail: POST-INSTALL script failed'],
    ],
    [
      'deinstall-script-fails',
      'delete -y predefail',
      'remove',
      ['predefail'],
      ['predefail: DEINSTALL script failed'],
    ],
    [
      'no-shell',
      'install -y -- hello',
      'install',
      ['hello'],
      [
        'hello: Cannot run script PRE-INSTALL:No such file or directory',
        'hello: Cannot run script POST-INSTALL:No such file or directory',
      ],
    ],
    [
      'post-exit-3',
      'install -y -- postexit3 tiny',
      'install',
      ['postexit3', 'tiny'],
      [
        'pkg ended before its run was complete',
        'tiny was asked for, and is not installed',
        'installing tiny 1.0 was planned, and did not happen',
      ],
    ],
    [
      'pre-exit-3',
      'install -y -- preexit3 tiny',
      'install',
      ['tiny'],
      [
        'pkg ended before its run was complete',
        'tiny was asked for, and is not installed',
        'installing preexit3 1.0 was planned, and did not happen',
        'installing tiny 1.0 was planned, and did not happen',
      ],
    ],
    [
      'alias',
      'install -y -- tiny',
      'install',
      ['tiny'],
      [
        'pkg ended before its run was complete',
        'tiny was asked for, and is not installed',
        'installing tiny 1.0 was planned, and did not happen',
      ],
    ],
    ['locked', 'upgrade -y', 'upgrade', [], []],
    ['locked', 'delete -y tiny', 'remove', ['tiny'], ['tiny was to be removed, and is still there']],
  ])('%s: %s', (name, argv, verb, asked, findings) => {
    expect(judge(evidenceOf(transcript(name, argv), verb, asked))).toEqual(findings);
  });

  test('removals that the plan before the download hid are found', () => {
    const early = transcript('conflict', 'install -n confl').stdout;
    const evidence = evidenceOf(transcript('conflict', 'install -yU confl'), 'install', ['confl'], early);
    expect(judge(evidence)).toEqual([
      'removing hello 1.0, which was not planned',
      'removing tiny 1.0, which was not planned',
    ]);
  });

  test('a request that the solver dropped is found', () => {
    const step = transcript('conflict-both-asked', 'install -y -- tiny confl');
    expect(judge(evidenceOf(step, 'install', ['tiny', 'confl']))).toContain(
      'tiny was asked for, and is not installed',
    );
  });

  test('no run that ended with a failed script is good', () => {
    for (const step of everyStep().filter(({ stderr }) => /script failed|Cannot run/.test(stderr)))
      expect(judge(evidenceOf(step, 'autoremove', [])), step.argv.join(' ')).not.toEqual([]);
  });
});

const good: Evidence = {
  ...evidenceOf(transcript('success', 'install -y -- hello'), 'install', ['hello']),
};

test.each<[string, string[]]>([
  ['name', ['hello']],
  ['name-version', ['hello-1.0']],
  ['origin', ['test/hello']],
])('a package may be asked for by its %s', (_, asked) => {
  expect(judge({ ...good, asked })).toEqual([]);
  expect(judge({ ...good, asked: asked.map((word) => word.toUpperCase()) })).toHaveLength(1);
});

describe('what was not planned', () => {
  const change = (name: string, from: string | null, to: string | null) => ({
    name,
    origin: 'x/y',
    from,
    to,
  });
  test.each<[string, ReturnType<typeof change>, string[]]>([
    ['an installation', change('zz', null, '1'), ['installing zz 1, which was not planned']],
    ['a removal', change('zz', '1', null), ['removing zz 1, which was not planned']],
    ['an upgrade', change('zz', '1', '2'), ['zz from 1 to 2, which was not planned']],
    ['pkg updating itself', change('pkg', '1', '2'), []],
    ['pkg removing itself', change('pkg', '1', null), ['removing pkg 1, which was not planned']],
    ['another version than planned', change('tiny', null, '3'), ['installing tiny 3, which was not planned']],
  ])('%s', (_, extra, findings) => {
    const changes = [...good.changes.filter(({ name }) => name !== extra.name), extra];
    expect(judge({ ...good, changes })).toEqual(findings);
  });

  test.each<[string, ReturnType<typeof change>, string[]]>([
    ['is one of an upgrade', change('icu-backup-libicuuc.so.73', null, '20261130123456'), []],
    ['was kept before', change('icu-backup-libicuuc.so.73', '20260101000000', '20261130123456'), []],
    ['is of a pkg before 2.7', change('icu-backup-libraries', null, '20261130123456'), []],
    ['is one of pkg itself', change('pkg-backup-libpkg.so.4', null, '20261130123456'), []],
    [
      'is of a package that stays',
      change('zz-backup-libzz.so.1', null, '20261130123456'),
      ['installing zz-backup-libzz.so.1 20261130123456, which was not planned'],
    ],
    [
      'is of a package that is new',
      change('tiny-backup-libt.so.1', null, '20261130123456'),
      ['installing tiny-backup-libt.so.1 20261130123456, which was not planned'],
    ],
    [
      'goes',
      change('icu-backup-libicuuc.so.73', '20261130123456', null),
      ['removing icu-backup-libicuuc.so.73 20261130123456, which was not planned'],
    ],
    [
      'has the version of a port',
      change('icu-backup-tools', null, '1.2'),
      ['installing icu-backup-tools 1.2, which was not planned'],
    ],
  ])('a package of a library that %s', (_, extra, findings) => {
    const changes = [...good.changes, change('icu', '73', '74'), change('pkg', '1', '2'), extra];
    const plan = { ...good.plan, upgrade: [{ name: 'icu', from: '73', to: '74' }] };
    expect(judge({ ...good, plan, changes })).toEqual(findings);
  });

  test('a reinstallation shows in no list, and need not', () => {
    const reinstall = [{ name: 'old', from: '1', to: '1' }];
    expect(judge({ ...good, plan: { ...good.plan, reinstall } })).toEqual([]);
  });
});

test('a locked package that the plan did not leave alone is an error', () => {
  const errors = [{ type: 'ERROR_LOCKED', package: 'tiny', message: 'ERROR_LOCKED tiny' }];
  const observer = { errors, finished: true };
  expect(judge({ ...good, observer })).toEqual(['tiny: ERROR_LOCKED tiny']);
  expect(judge({ ...good, observer, plan: { ...good.plan, locked: ['tiny'] } })).toEqual([]);
});

test('whoever upgrades a name-version means the one that was there', () => {
  const step = transcript('plan', 'upgrade -y');
  expect(judge(evidenceOf(step, 'upgrade', ['hello-1.0']))).toEqual([]);
  expect(judge(evidenceOf(step, 'install', ['hello-1.0']))).toHaveLength(1);
});

test.each([
  ['git-lite', true],
  ['git-lite-2.50', true],
  ['devel/git', true],
  ['devel/git@lite', true],
  ['net/git', true],
  ['net/git@lite', true],
  ['devel/git@tiny', false],
  ['devel/git@', false],
  ['devel/git-lite', false],
  ['www/git', false],
  ['www/git@lite', false],
  ['git@lite', false],
  ['git', false],
  ['/git', false],
])('%s means git-lite of devel/git: %s', (word, meant) => {
  const [plain] = packages(['git-lite 2.50']);
  if (!plain) throw new Error('one package');
  const git = { ...plain, origin: 'devel/git', categories: ['devel', 'net'], flavor: 'lite' };
  expect(means(word, git)).toBe(meant);
});

test('a package without a flavor is of none', () => {
  const [plain] = packages(['git 2.50']);
  if (!plain) throw new Error('one package');
  expect(means('test/git@undefined', plain)).toBe(false);
  expect(means('test/git@', plain)).toBe(false);
  expect(means('test/git', { ...plain, categories: [] })).toBe(true);
});

test('lists are compared by name', () => {
  const before = packages(['a 1', 'b 1', 'c 1']);
  const after = packages(['c 1', 'b 2', 'd 1']);
  expect(compare(before, after).map(({ name, from, to }) => [name, from, to])).toEqual([
    ['a', '1', null],
    ['b', '1', '2'],
    ['d', null, '1'],
  ]);
  expect(compare(before, before)).toEqual([]);
});

test.each([
  ['pkg: POST-INSTALL script failed', ['POST-INSTALL script failed']],
  [
    'pkg: Cannot run script PRE-INSTALL:No such file or directory',
    ['Cannot run script PRE-INSTALL:No such file or directory'],
  ],
  ['pkg: lua script failed\nPOST-INSTALL err', ['lua script failed']],
  ['pkg: Unable to merge configuration file x', ['Unable to merge configuration file x']],
  ['pkg: Impossible to merge configuration file: /etc/x', ['Impossible to merge configuration file: /etc/x']],
  ["warning: my script failed to find a thing\ncan't open '/dev/null'", []],
  ['', []],
])('complaints of %j', (stderr, found) => expect(findComplaints(stderr)).toEqual(found));

test('what was put in once more is told, and nothing that came, went, changed its version or stayed', () => {
  const [a, b, c, d] = packages(['a 1', 'b 1', 'c 1', 'd 1']);
  if (!a || !b || !c || !d) throw new Error('four packages');
  const after = [
    { ...a, registration: '2 x' },
    b,
    { ...c, version: '2', registration: '2 y' },
    { ...d, name: 'e' },
  ];
  expect(reinstalled([a, b, c, d], after)).toEqual([{ name: 'a', origin: 'test/a', from: '1', to: '1' }]);
});
