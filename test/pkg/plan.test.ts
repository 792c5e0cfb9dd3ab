import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isEmpty, type Plan, parsePlan, plannedChanges } from '../../src/pkg/plan.ts';
import { everyStep, transcript } from './transcript.ts';

const brief = (plan: Plan): string[] =>
  plannedChanges(plan).map(({ name, from, to }) => `${name} ${from ?? '-'} ${to ?? '-'}`);

describe('recorded runs', () => {
  test.each([
    ['plan', 'install -nU hello', ['hello - 1.0', 'libfoo - 1.0', 'tiny - 1.0']],
    ['plan', 'upgrade -n', ['hello 1.0 2.0', 'libfoo 1.0 2.0', 'tiny 1.0 2.0']],
    ['conflict', 'install -n confl', ['confl - 1.0']],
    ['conflict', 'install -nU confl', ['confl - 1.0', 'hello 1.0 -', 'tiny 1.0 -']],
    // Two summaries: the second is what would be done.
    ['conflict', 'install -yF confl', ['confl - 1.0', 'hello 1.0 -', 'tiny 1.0 -']],
    ['conflict-both-asked', 'install -y -- tiny confl', ['confl - 1.0']],
    ['remove-with-dependants', 'delete -n tiny', ['hello 1.0 -', 'tiny 1.0 -']],
    ['remove-with-dependants', 'autoremove -n', ['libfoo 1.0 -']],
    ['locked', 'upgrade -n', []],
    ['unknown', 'install -y -- tiny nosuch', []],
  ])('%s: %s', (name, verb, expected) => {
    const plan = parsePlan(transcript(name, verb).stdout);
    expect(brief(plan)).toEqual(expected);
    expect(isEmpty(plan)).toBe(expected.length === 0);
  });

  test('none is unclear', () => {
    for (const step of everyStep()) expect(parsePlan(step.stdout).unclear, step.argv.join(' ')).toEqual([]);
  });

  test('what pkg says of a dry run, that nothing was done, is no part of any', () => {
    const texts = everyStep().map((step) => parsePlan(step.stdout).text);
    expect(texts.filter((text) => text !== '').length).toBeGreaterThan(9);
    for (const text of texts) expect(text).not.toContain('already installed');
  });

  test('conflicts and locks are kept, in words too', () => {
    const conflict = parsePlan(transcript('conflict', 'install -nU confl').stdout);
    expect(conflict.conflicts).toEqual(['confl-1.0 conflicts with tiny-1.0 on /usr/local/share/tiny/a.txt']);
    expect(conflict.text).toContain('conflicts with');
    const locked = parsePlan(transcript('locked', 'upgrade -n').stdout);
    expect(locked.locked).toEqual(['tiny']);
    expect(locked.text).toBe('tiny-1.0 is locked and may not be modified');
  });
});

const summary = [
  'Checking integrity... done (0 conflicting)',
  'The following 7 package(s) will be affected (of 9 checked):',
  '',
  'New packages to be INSTALLED:',
  '\tpy311-x-y: 1.2.3_4,5 [FreeBSD]',
  '',
  'Installed packages to be UPGRADED:',
  '\ta: 1.0 -> 2.0 [lab] (vulnerable!)',
  '',
  'Installed packages to be DOWNGRADED:',
  '\tb: 2.0 -> 1.0',
  '',
  'Installed packages to be REINSTALLED:',
  '\tc-d-1.0_1 [lab] (needed shared library changed)',
  '\te-1.0 (ABI changed)',
  '',
  'Installed packages to be REMOVED:',
  '\tf: 1.0 (conflicts)',
  '',
  'New packages to be FETCHED:',
  '\tz: 1 (1 KiB: 50% of the 2 KiB to download)',
  '',
  'Installed packages LOCKED:',
  '\tPackage g-h-1.0 is locked and may not be upgraded to version 2.0',
  '',
  'New groups to be INSTALLED:',
  '\t@group',
  '',
  'Number of packages to be removed: 1',
  'Number of packages to be installed: 1',
  'Number of packages to be upgraded: 1',
  'Number of packages to be reinstalled: 2',
  'Number of packages to be downgraded: 1',
  '',
  'The process will require 1 MiB more space.',
];

test('every group of a summary', () => {
  const plan = parsePlan(summary.join('\n'));
  expect(plan).toMatchObject({
    install: [{ name: 'py311-x-y', from: null, to: '1.2.3_4,5' }],
    upgrade: [{ name: 'a', from: '1.0', to: '2.0' }],
    downgrade: [{ name: 'b', from: '2.0', to: '1.0' }],
    reinstall: [
      { name: 'c-d', from: '1.0_1', to: '1.0_1' },
      { name: 'e', from: '1.0', to: '1.0' },
    ],
    remove: [{ name: 'f', from: '1.0', to: null }],
    locked: ['g-h'],
    unclear: [],
  });
});

test('what follows a summary does not hide it', () => {
  const after = [...summary, 'Updating database digests format: 100%', 'Checking integrity... done'];
  expect(brief(parsePlan(after.join('\n')))).toEqual(brief(parsePlan(summary.join('\n'))));
});

test.each([
  ['a line of another form', '\tf: 1.0 (conflicts)', '\tf 1.0', '1 to be removed, of which 0 could be read'],
  [
    'an upgrade to nowhere',
    '\ta: 1.0 -> 2.0 [lab] (vulnerable!)',
    '\ta: 1.0',
    '1 to be upgraded, of which 0 could be read',
  ],
  [
    'another heading',
    'Installed packages to be REMOVED:',
    'Packages to GO:',
    '1 to be removed, of which 0 could be read',
  ],
])('%s makes a plan unclear', (_, line, instead, expected) => {
  const changed = summary.map((candidate) => (candidate === line ? instead : candidate));
  expect(parsePlan(changed.join('\n')).unclear).toEqual([expected]);
});

const words = fc.stringMatching(/^[a-z0-9][a-z0-9_.+-]{0,12}$/);
const versions = fc.stringMatching(/^[0-9][0-9a-z._,]{0,8}$/);

test('any names and versions are read back', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(words, versions, versions), { selector: ([name]) => name }),
      (list) => {
        const text = [
          `The following ${list.length} package(s) will be affected (of 0 checked):`,
          '',
          'Installed packages to be UPGRADED:',
          ...list.map(([name, from, to]) => `\t${name}: ${from} -> ${to}`),
          '',
          `Number of packages to be upgraded: ${list.length}`,
        ].join('\n');
        const plan = parsePlan(text);
        expect(plan.upgrade).toEqual(list.map(([name, from, to]) => ({ name, from, to })));
        expect(plan.unclear).toEqual([]);
      },
    ),
  );
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...summary))), (lines) => {
      expect(parsePlan(lines.join('\n')).text).toBeTypeOf('string');
    }),
  );
});
