import { spawnSync } from 'node:child_process';
import { jtx, manifest, must, ownSnapshots, packages, root } from './world.ts';

/** How a jail may be found after a crash and a recovery. */
export interface Expectation {
  before: string;
  /** What the killed run was: a newest transaction of another kind means that it never began. */
  verb: string;
  /** The packages of a committed change. */
  committed: string;
  /** How many snapshots of jtx's there were before. */
  snapshots: number;
}

/** What is wrong with the jail after recovery; nothing is right. */
export function violations(expected: Expectation): string[] {
  const found: string[] = [];
  const again = jtx('recover');
  if (again.status !== 0 || !again.said.includes('Nothing to recover'))
    found.push(`recover is not done: ${again.said}`);
  const state = lastState(expected.verb);
  const now = manifest();
  if (state === 'committed') {
    if (packages() !== expected.committed) found.push(`committed with the packages ${packages()}`);
  } else if (now !== expected.before)
    found.push(`${state}, and not as before: ${firstDifference(expected.before, now)}`);
  if (now.includes('.jtx-')) found.push('the scratch directory was left');
  const allowed = state === 'committed' ? undefined : expected.snapshots;
  if (allowed !== undefined && ownSnapshots().length !== allowed)
    found.push(`snapshots: ${ownSnapshots().join(' ')}`);
  for (const snapshot of ownSnapshots()) {
    const holds = must('zfs', 'get', '-Hp', '-o', 'value', 'userrefs', snapshot).trim();
    if (holds !== '0') found.push(`${holds} holds were left on ${snapshot}`);
  }
  if (must('mount', '--libxo=json').includes(`"${root}/dev"`)) found.push('devfs is still mounted');
  if (must('jls', '--libxo=json', '-n', 'name').includes('jtx-')) found.push('a throw-away jail was left');
  const users = spawnSync('fuser', ['-c', root, `${root}/usr/local/www`], { encoding: 'utf8' }).stdout.trim();
  if (users !== '') found.push(`processes use the jail: ${users}`);
  return found;
}

/** The state of the newest transaction; one of another verb is from before, and the killed one never began. */
export function lastState(verb: string): string {
  const { said } = jtx('history', '--json', '-n', '1');
  const newest: unknown = JSON.parse(said).transactions[0];
  if (typeof newest !== 'object' || newest === null || !('verb' in newest) || newest.verb !== verb)
    return 'none';
  return 'state' in newest ? String(newest.state) : 'none';
}

function firstDifference(before: string, now: string): string {
  const old = new Set(before.split('\n'));
  const fresh = new Set(now.split('\n'));
  const added = [...fresh].find((line) => !old.has(line));
  const lost = [...old].find((line) => !fresh.has(line));
  return `${lost ?? ''} became ${added ?? ''}`;
}
