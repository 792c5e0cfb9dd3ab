import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jtx, jtxKilledAt, must, root } from './world.ts';

/** One kind of run that is killed at every point of it. */
export interface Scenario {
  /** Makes the jail that every run starts from, once. */
  base(): void;
  /** What happens anew before each run. */
  before(): void;
  /** The run that is killed. */
  args: readonly string[];
  /** The verb of the transaction that the run makes, or finishes. */
  verb: string;
  /** Packages after it has committed. */
  committed: string;
  /** Own snapshots before it. */
  snapshots: number;
}

const nothing = (): void => {};

function pkg(...verb: string[]): void {
  must('pkg', '-c', root, '-o', 'ABI=FreeBSD:14:amd64', '-o', 'OSVERSION=1401000', ...verb);
}

/** The runs of the crash matrix. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  install: {
    base: () => pkg('install', '-y', 'tiny'),
    before: nothing,
    args: ['install', 'web', 'hello', '--verify', 'cat /usr/local/etc/hello.conf'],
    verb: 'install',
    committed: 'hello-1.0 libfoo-1.0 tiny-1.0',
    snapshots: 0,
  },
  'failing install': {
    base: () => pkg('install', '-y', 'tiny'),
    before: nothing,
    args: ['install', 'web', 'postfail'],
    verb: 'install',
    committed: 'never',
    snapshots: 0,
  },
  upgrade: {
    base() {
      pkg('install', '-y', 'hello');
      const repository = `lab: { url: "${process.env['LAB_REPO_NEXT_URL']}", enabled: yes }\n`;
      writeFileSync(join(root, 'usr/local/etc/pkg/repos/lab.conf'), repository);
    },
    before: nothing,
    args: ['upgrade', 'web'],
    verb: 'upgrade',
    committed: 'hello-2.0 libfoo-2.0 tiny-2.0',
    snapshots: 0,
  },
  rollback: {
    base: nothing,
    before: () => jtx('install', 'web', 'tiny'),
    args: ['rollback', 'web'],
    verb: 'rollback',
    committed: '',
    // The root's and its child's, of the install that is rolled back.
    snapshots: 2,
  },
  recovery: {
    base() {
      installPoints = jtxKilledAt(0, ['install', 'web', 'tiny']).points;
      jtx('rollback', 'web');
    },
    // Killed while pkg applies: the worker goes on, and is recovery's to end.
    before: () => jtxKilledAt(Math.floor(installPoints * 0.6), ['install', 'web', 'tiny']),
    args: ['recover'],
    verb: 'install',
    committed: 'tiny-1.0',
    snapshots: 0,
  },
};

let installPoints = 0;
