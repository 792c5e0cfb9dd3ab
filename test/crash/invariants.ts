import { spawnSync } from 'node:child_process';
import { jtx, manifest, must, newest, ownSnapshots, packages, root, runs, setAside } from './world.ts';

/** How a jail may be found after a crash and a recovery. */
export interface Expectation {
  before: string;
  /** The newest transaction before the killed run: where it still is the newest, the run never began. */
  newest: string;
  packages: string;
  /** The packages of a committed change. */
  committed: string;
  /** How many snapshots of jtx's there were before. */
  snapshots: number;
  /** What was set aside before. */
  asides: readonly string[];
  running: boolean;
}

/** What is expected of a run that is about to be killed, from the jail as it is. */
export function expectation(committed: string): Expectation {
  // Asked first: pkg itself touches files where it looks.
  const installed = packages();
  return {
    before: manifest(),
    packages: installed,
    newest: newest().id,
    committed,
    snapshots: ownSnapshots().length,
    asides: setAside(),
    running: runs(),
  };
}

/** What is wrong with the jail after recovery; nothing is right. */
export function violations(expected: Expectation): string[] {
  const found: string[] = [];
  const again = jtx('recover');
  if (again.status !== 0 || !again.said.includes('Nothing to recover'))
    found.push(`recover is not done: ${again.said}`);
  const state = stateAfter(expected);
  const now = manifest();
  const wanted = state === 'committed' ? expected.committed : expected.packages;
  if (state !== 'committed' && now !== expected.before)
    found.push(`${state}, and not as before: ${firstDifference(expected.before, now)}`);
  if (packages() !== wanted) found.push(`${state} with the packages ${packages()}`);
  if (now.includes('.jtx-')) found.push('the scratch directory was left');
  found.push(...snapshotViolations(expected, state));
  const devfs = must('mount', '--libxo=json').includes(`"${root}/dev"`);
  if (runs() !== expected.running) found.push(`the jail ${expected.running ? 'does not run' : 'runs'}`);
  if (devfs !== expected.running) found.push(`devfs is ${devfs ? 'still' : 'not'} mounted`);
  if (must('jls', '--libxo=json', '-n', 'name').includes('jtx-')) found.push('a throw-away jail was left');
  const users = spawnSync('fuser', ['-c', root, `${root}/usr/local/www`], { encoding: 'utf8' }).stdout.trim();
  if (users !== '') found.push(`processes use the jail: ${users}`);
  return found;
}

/** Snapshots, holds and clones: what did not commit leaves only what it was asked to set aside. */
function snapshotViolations(expected: Expectation, state: string): string[] {
  const found: string[] = [];
  const more = setAside().filter((name) => !expected.asides.includes(name));
  if (more.some((name) => name.includes('.rehearsal-')) || more.length > 1)
    found.push(`left: ${more.join(' ')}`);
  const kept = expected.snapshots + (more.length > 0 ? 2 : 0);
  if (state !== 'committed' && ownSnapshots().length !== kept)
    found.push(`snapshots: ${ownSnapshots().join(' ')}`);
  for (const snapshot of ownSnapshots()) {
    const holds = must('zfs', 'get', '-Hp', '-o', 'value', 'userrefs', snapshot).trim();
    if (holds !== '0') found.push(`${holds} holds were left on ${snapshot}`);
  }
  return found;
}

/** The state of the killed transaction; none is one that never began. */
export function stateAfter(expected: Pick<Expectation, 'newest'>): string {
  const { id, state } = newest();
  return id === expected.newest ? 'none' : state;
}

function firstDifference(before: string, now: string): string {
  const old = new Set(before.split('\n'));
  const fresh = new Set(now.split('\n'));
  const added = [...fresh].find((line) => !old.has(line));
  const lost = [...old].find((line) => !fresh.has(line));
  return `${lost ?? ''} became ${added ?? ''}`;
}
