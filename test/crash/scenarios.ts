import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jtx, jtxKilledAt, must, newest, root } from './world.ts';

/** One kind of run that is killed at every point of it. */
export interface Scenario {
  /** Makes the jail that every run starts from, once. */
  base(): unknown;
  /** What happens anew before each run. */
  before(): unknown;
  /** The run that is killed, given the newest transaction. */
  args(newest: string): readonly string[];
  /** Packages after it has committed. */
  committed: string;
}

const nothing = (): void => {};

function pkg(...verb: string[]): void {
  must('pkg', '-c', root, '-o', 'ABI=FreeBSD:14:amd64', '-o', 'OSVERSION=1401000', ...verb);
}

const withTiny = (): void => pkg('install', '-y', 'tiny');
const never = 'never';

/** The runs of the crash matrix. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  install: {
    base: withTiny,
    before: nothing,
    args: () => ['install', 'web', 'hello', '--verify', 'cat /usr/local/etc/hello.conf'],
    committed: 'hello-1.0 libfoo-1.0 tiny-1.0',
  },
  'failing install': {
    base: withTiny,
    before: nothing,
    args: () => ['install', 'web', 'postfail'],
    committed: never,
  },
  'kept failure': {
    base: withTiny,
    before: nothing,
    args: () => ['install', 'web', 'postfail', '--keep-failed'],
    committed: never,
  },
  'running jail': {
    base: withTiny,
    before: () => must('service', 'jail', 'onestart', 'web'),
    args: () => ['install', 'web', 'postfail'],
    committed: never,
  },
  rehearsal: {
    base: withTiny,
    before: nothing,
    args: () => ['install', 'web', 'libfoo', '--rehearse'],
    committed: 'libfoo-1.0 tiny-1.0',
  },
  upgrade: {
    base() {
      pkg('install', '-y', 'hello');
      const repository = `lab: { url: "${process.env['LAB_REPO_NEXT_URL']}", enabled: yes }\n`;
      writeFileSync(join(root, 'usr/local/etc/pkg/repos/lab.conf'), repository);
    },
    before: nothing,
    args: () => ['upgrade', 'web'],
    committed: 'hello-2.0 libfoo-2.0 tiny-2.0',
  },
  rollback: {
    base: nothing,
    before: () => jtx('install', 'web', 'tiny'),
    args: () => ['rollback', 'web'],
    committed: '',
  },
  'rollback in place': {
    base: nothing,
    before: () => jtx('install', 'web', 'tiny'),
    args: () => ['rollback', 'web', '--discard'],
    committed: '',
  },
  undo: {
    base: nothing,
    before() {
      jtx('install', 'web', 'tiny');
      jtx('rollback', 'web');
    },
    args: (last) => ['rollback', 'web', last],
    committed: 'tiny-1.0',
  },
  drop: {
    base: nothing,
    before() {
      jtx('install', 'web', 'tiny');
      jtx('rollback', 'web');
    },
    args: (last) => ['aside', 'drop', last],
    committed: '',
  },
  recovery: {
    base() {
      installPoints = jtxKilledAt(0, ['install', 'web', 'tiny']).points;
      jtx('rollback', 'web', '--discard');
    },
    // Killed while pkg applies: the worker goes on, and is recovery's to end.
    before: () => jtxKilledAt(Math.floor(installPoints * 0.6), ['install', 'web', 'tiny']),
    args: () => ['recover'],
    committed: 'tiny-1.0',
  },
};

/** The command line of a scenario's run, of the jail as it is. */
export function argumentsOf(scenario: Scenario): readonly string[] {
  return scenario.args(newest().id);
}

let installPoints = 0;
