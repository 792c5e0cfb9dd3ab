import { describe, it } from 'vitest';
import { scenariosOfToday } from '../crash/sample.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { newer, play, type Row } from './rows.ts';

const refused = { status: 3, state: 'refused' };
const lock = 'pkg -c "$1" -o ABI=FreeBSD:14:amd64 -o OSVERSION=1401000 lock -y tiny';
const automatic = 'pkg -c "$1" -o ABI=FreeBSD:14:amd64 -o OSVERSION=1401000 set -y -A 1 libfoo tiny';

/** What pkg would do without a word, and nobody asked for (docs/pkg-facts.md, 2 and 11). */
const rows: Row[] = [
  {
    name: 'a conflict that would remove the installed owner and what depends on it',
    installed: ['hello'],
    do: ['install', 'confl'],
    ...refused,
    code: 'removal-not-asked',
  },
  {
    name: 'the same, allowed',
    installed: ['hello'],
    do: ['install', 'confl', '--allow-removals'],
    status: 0,
    state: 'committed',
    packages: ['confl-1.0', 'libfoo-1.0'],
  },
  {
    name: 'two requested packages that conflict: pkg drops one, and exits 0',
    do: ['install', 'tiny', 'confl'],
    ...refused,
    code: 'request-dropped',
  },
  {
    name: 'two requested packages that conflict are refused with --allow-removals too',
    do: ['install', 'tiny', 'confl', '--allow-removals'],
    ...refused,
    code: 'request-dropped',
  },
  {
    name: 'removal of a vital package',
    installed: ['vital'],
    do: ['remove', 'vital'],
    ...refused,
    code: 'package-locked',
  },
  {
    name: 'removal of a locked package',
    installed: ['tiny'],
    before: lock,
    do: ['remove', 'tiny'],
    ...refused,
    code: 'package-locked',
  },
  {
    name: 'upgrade of a locked package by name',
    installed: ['tiny'],
    before: `${lock}; ${newer}`,
    do: ['upgrade', 'tiny'],
    ...refused,
    code: 'package-locked',
  },
  {
    name: 'upgrade of everything passes a locked package over',
    installed: ['tiny', 'vital'],
    before: `${lock}; ${newer}`,
    do: ['upgrade'],
    status: 0,
    state: 'committed',
    packages: ['tiny-1.0', 'vital-2.0'],
  },
  {
    name: 'removal of what another package needs',
    installed: ['hello'],
    do: ['remove', 'tiny'],
    ...refused,
    code: 'removal-not-asked',
  },
  {
    name: 'the same, allowed',
    installed: ['hello'],
    do: ['remove', 'tiny', '--allow-removals'],
    status: 0,
    state: 'committed',
    packages: ['libfoo-1.0'],
  },
  {
    name: 'removal of a package',
    installed: ['hello'],
    do: ['remove', 'hello'],
    status: 0,
    state: 'committed',
    packages: ['libfoo-1.0', 'tiny-1.0'],
  },
  {
    name: 'removal from a jail without any package, at which pkg exits 0',
    do: ['remove', 'tiny'],
    ...refused,
    code: 'package-not-installed',
  },
  {
    name: 'removal of what is not installed',
    installed: ['libfoo'],
    do: ['remove', 'tiny'],
    ...refused,
    code: 'package-not-installed',
  },
  {
    name: 'removal of what is not installed among what is',
    installed: ['libfoo'],
    do: ['remove', 'libfoo', 'tiny'],
    ...refused,
    code: 'package-not-installed',
  },
  {
    name: 'autoremove',
    installed: ['libfoo', 'tiny', 'vital'],
    before: automatic,
    do: ['autoremove'],
    status: 0,
    state: 'committed',
    packages: ['vital-1.0'],
  },
  {
    name: 'autoremove without anything to remove',
    installed: ['vital'],
    do: ['autoremove'],
    status: 0,
    state: 'unchanged',
  },
];

describe('truth table: what nobody asked for', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  for (const row of scenariosOfToday(rows)) it(row.name, () => play(lab, jail, row));
});
