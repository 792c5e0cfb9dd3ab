import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manifestOf } from '../lab/manifest.ts';
import { takeBack } from '../lab/take-back.ts';

/** The lab, as the matrix sees it from inside. */
export const root = join(process.env['LAB_JAILS'] ?? '', 'web');
const web = `${process.env['LAB_POOL']}/jails/web`;
const datasets = [web, `${web}/www`];
const journal = process.env['JTX_JOURNAL'] ?? '';
const preload = join(process.env['LAB_TOP'] ?? '', 'test/crash/kill-at.cjs');

/** Runs a program; throws for any status but 0. */
export function must(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Remembers the jail as it is now. */
export function keepBase(): void {
  must('zfs', 'snapshot', '-r', `${web}@base`);
}

/** Brings the jail back to the base, and forgets the journal and what was set aside. */
export function reset(): void {
  if (runs()) must('service', 'jail', 'onestop', 'web');
  rmSync(dirname(journal), { recursive: true, force: true });
  for (const name of ownSnapshots()) spawnSync('zfs', ['release', 'jtx', name], { stdio: 'ignore' });
  // One that was set aside can be the origin of another.
  let left = setAside();
  for (let round = 0; round < 5 && left.length > 0; round += 1) {
    for (const name of left) spawnSync('zfs', ['destroy', '-r', name], { stdio: 'ignore' });
    left = setAside();
  }
  takeBack(datasets, 'base');
}

/** The trees that were set aside, and what is left of rehearsals. */
export function setAside(): string[] {
  const listed = must('zfs', 'list', '-H', '-o', 'name', '-r', dirname(web)).split('\n');
  return listed.filter((name) => name.startsWith(`${web}.`) && !name.slice(web.length).includes('/'));
}

/** Whether the jail runs. */
export function runs(): boolean {
  return must('jls', '--libxo=json', '-n', 'name').includes('"web"');
}

/** The id of the newest transaction, and what the journal says of it. */
export function newest(): { id: string; state: string } {
  const { said } = jtx('history', '--json', '-n', '1');
  const [row]: { id: string; state: string }[] = JSON.parse(said).transactions;
  return row ?? { id: '', state: 'none' };
}

/** The snapshots that jtx made and that exist. */
export function ownSnapshots(): string[] {
  const listed = must('zfs', 'list', '-H', '-r', '-t', 'snapshot', '-o', 'name', web);
  return listed.split('\n').filter((name) => name.includes('@jtx-'));
}

/** A jtx that is killed at a point; 0 lets it run and gives the number of points. */
export function jtxKilledAt(
  at: number,
  args: readonly string[],
): { points: number; status: number | null; said: string } {
  const count = join(process.env['LAB'] ?? '', 'points');
  rmSync(count, { force: true });
  const environment = {
    ...process.env,
    NODE_OPTIONS: `--require=${preload}`,
    KILL_AT: String(at),
    KILL_COUNT: count,
  };
  const ended = spawnSync('jtx', args, { env: environment, encoding: 'utf8' });
  const points = at === 0 ? Number(JSON.parse(readFileSync(count, 'utf8')).points) : 0;
  return { points, status: ended.status, said: ended.stdout + ended.stderr };
}

/** A jtx that is left alone. */
export function jtx(...args: string[]): { status: number | null; said: string } {
  const ended = spawnSync('jtx', args, { encoding: 'utf8' });
  return { status: ended.status, said: ended.stdout + ended.stderr };
}

/**
 * Everything of the jail's file systems. A running jail's /dev is none of them; the time of its root directory is that
 * of the last thing that was made or removed there, and what pkg has downloaded for a change that never began stays.
 */
export function manifest(): string {
  const lines = manifestOf(root).split('\n');
  const own = runs() ? / "(dev(\/[^"]*)?|\.|var\/(db|cache)\/pkg(\/[^"]*)?)"$/ : / "dev\/[^"]*"$/;
  return lines.filter((line) => !own.test(line)).join('\n');
}

/** The packages that are registered, as pkg itself sees them. */
export function packages(): string {
  const options = ['-o', 'ABI=FreeBSD:14:amd64', '-o', 'OSVERSION=1401000'];
  const listed = spawnSync('pkg', ['-c', root, ...options, 'query', '-a', '%n-%v'], { encoding: 'utf8' });
  return listed.stdout.trim().split('\n').sort().join(' ');
}
