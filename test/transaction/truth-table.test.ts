import { describe, it } from 'vitest';
import { scenariosOfToday } from '../crash/sample.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { newer, play, type Row } from './rows.ts';

const rolledBack = { status: 4, state: 'rolled-back', code: 'change-failed' };

/** What pkg says and what is true are two things (docs/pkg-facts.md, 2): jtx has to tell what is true. */
const rows: Row[] = [
  { name: 'success', do: ['install', 'tiny'], status: 0, state: 'committed', packages: ['tiny-1.0'] },
  {
    name: 'success with dependencies',
    do: ['install', 'hello'],
    status: 0,
    state: 'committed',
    packages: ['hello-1.0', 'libfoo-1.0', 'tiny-1.0'],
  },
  { name: 'installed already', installed: ['tiny'], do: ['install', 'tiny'], status: 0, state: 'unchanged' },
  {
    name: 'an unknown package',
    do: ['install', 'nosuch'],
    status: 3,
    state: 'refused',
    code: 'package-unknown',
  },
  {
    name: 'an unknown package among good ones',
    do: ['install', 'tiny', 'nosuch'],
    status: 3,
    state: 'refused',
    code: 'package-unknown',
  },
  {
    name: 'a version that the repository has not',
    do: ['install', 'tiny-9.0'],
    status: 3,
    state: 'refused',
    code: 'package-unknown',
  },
  { name: 'pre-install fails', do: ['install', 'prefail'], ...rolledBack },
  {
    name: 'pre-install fails in the middle of a list',
    do: ['install', 'libfoo', 'prefail', 'tiny'],
    ...rolledBack,
  },
  { name: 'pre-install of a dependency fails', do: ['install', 'depprefail'], ...rolledBack },
  {
    name: 'post-install fails, and pkg exits 0',
    do: ['install', 'postfail'],
    ...rolledBack,
  },
  {
    name: 'post-install of a dependency fails, and pkg exits 0',
    do: ['install', 'postfail2'],
    ...rolledBack,
  },
  { name: 'pre-install exits 3, and pkg exits 0 on the spot', do: ['install', 'preexit3'], ...rolledBack },
  { name: 'post-install exits 3, and pkg exits 0 on the spot', do: ['install', 'postexit3'], ...rolledBack },
  {
    name: 'a script killed by a signal leaves no trace in pkg, so jtx commits',
    do: ['install', 'presig'],
    status: 0,
    state: 'committed',
    packages: ['presig-1.0'],
  },
  { name: 'a Lua pre-install script fails', do: ['install', 'luafail'], ...rolledBack },
  {
    name: 'pre-deinstall fails in a removal, and pkg exits 0',
    installed: ['predefail'],
    do: ['remove', 'predefail'],
    ...rolledBack,
  },
  {
    name: 'pre-deinstall fails in an upgrade, and pkg exits 0',
    installed: ['predefail'],
    before: newer,
    do: ['upgrade'],
    ...rolledBack,
  },
  {
    name: 'an upgrade',
    installed: ['hello'],
    before: newer,
    do: ['upgrade'],
    status: 0,
    state: 'committed',
    packages: ['hello-2.0', 'libfoo-2.0', 'tiny-2.0'],
  },
  {
    name: 'an upgrade without anything newer',
    installed: ['hello'],
    do: ['upgrade'],
    status: 0,
    state: 'unchanged',
  },
  {
    name: 'an upgrade of one package among several',
    installed: ['libfoo', 'vital'],
    before: newer,
    do: ['upgrade', 'libfoo'],
    status: 0,
    state: 'committed',
    packages: ['libfoo-2.0', 'vital-1.0'],
  },
];

describe('truth table', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  for (const row of scenariosOfToday(rows)) it(row.name, () => play(lab, jail, row));
});
