import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One way to back a host up, on a night in which a few of its jails have changed. */
export interface NightTaken {
  name: string;
  milliseconds: number;
  /** Runs of zfs(8) and zpool(8). */
  processes: number;
}

interface Way {
  name: string;
  commands: readonly (readonly [string, ...string[]])[];
}

const lab = process.env['LAB'] ?? '';
const pool = process.env['LAB_POOL'] ?? '';
const jails = process.env['LAB_JAILS'] ?? '';
const counters = join(lab, 'counting');
const counted = join(lab, 'counted');
const sanoid = join(lab, 'sanoid');

const mine: Way = { name: 'jtx backup', commands: [['jtx', 'backup', '--target', 'night']] };
const theirs: Way = {
  name: 'sanoid and syncoid',
  commands: [
    [
      'sanoid',
      `--configdir=${sanoid}`,
      `--cache-dir=${sanoid}/cache`,
      `--run-dir=${sanoid}/run`,
      '--take-snapshots',
      '--force-update',
    ],
    ['syncoid', '-r', '--no-sync-snap', '--quiet', `${pool}/jails`, `${pool}/synced`],
  ],
};
const ways: readonly Way[] = [mine, theirs];

/** Why the nights cannot be measured here; undefined where they can. */
export function whyNoNights(): string | undefined {
  if (process.env['LAB_ZFS'] === 'fuse') return 'zfs-fuse does not tell what has changed';
  // Its snapshots are daily: for them the days have to pass, and a clock to be set that is nobody else's.
  if (!readFileSync('/proc/cmdline', 'utf8').includes('hostfs'))
    return 'the clock of this machine is its own';
  const missing = ['sanoid', 'syncoid'].filter((name) => spawnSync('which', [name]).status !== 0);
  return missing.length > 0 ? `there is no ${missing.join(', no ')}` : undefined;
}

/** Jails, each with a file, that all ways have backed up once. */
export function prepareNights(count: number): void {
  layCounters();
  execFileSync('zfs', ['create', '-o', 'mountpoint=none', `${pool}/night`]);
  for (const name of namesOf(count)) {
    execFileSync('zfs', ['create', `${pool}/jails/${name}`]);
    writeFileSync(join(jails, name, 'file'), name);
    appendFileSync(join(lab, 'jail.conf'), `${name} {\n  path = ${join(jails, name)};\n  persist;\n}\n`);
  }
  mkdirSync(sanoid);
  execFileSync('cp', ['/usr/share/sanoid/sanoid.defaults.conf', sanoid]);
  writeFileSync(join(sanoid, 'sanoid.conf'), sanoidRules);
  for (const [program, ...args] of [...mine.commands, ...theirs.commands.slice(0, 1)])
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  // What syncoid would send one dataset after the other takes it half an hour, and is no part of the night.
  const first = `${pool}/jails@first`;
  execFileSync('zfs', ['snapshot', '-r', first]);
  const whole = `zfs send -R '${first}' | zfs receive -u -o mountpoint=none '${pool}/synced'`;
  execFileSync('sh', ['-c', whole]);
}

const sanoidRules = `[${pool}/jails]
use_template = nightly
recursive = yes
process_children_only = yes
[template_nightly]
frequently = 0
hourly = 0
daily = 7
monthly = 0
yearly = 0
autosnap = yes
autoprune = no
`;

/** Nights of all ways in turn, on each of which so many of the jails change. The medians. */
export function measureNights(count: number, changing: number, rounds: number): NightTaken[] {
  const taken = ways.map(() => [] as NightTaken[]);
  for (let round = 0; round < rounds; round += 1) {
    execFileSync('date', ['-s', '+1 day'], { stdio: 'ignore' });
    // Once for all ways: what one of them finds changed the others must find too, and no more.
    const names = namesOf(count).filter((_, place) => place % Math.ceil(count / changing) === round);
    for (const name of names) writeFileSync(join(jails, name, 'file'), `${name} ${round}`);
    execFileSync('zpool', ['sync', pool]);
    for (const [at, way] of ways.entries()) taken[at]?.push(take(way));
  }
  return taken.map((nights) => middle(nights));
}

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `small${at + 1}`);
}

/** Puts before zfs and zpool what writes down each of their runs. */
function layCounters(): void {
  mkdirSync(counters);
  for (const program of ['zfs', 'zpool']) {
    const real = execFileSync('which', [program], { encoding: 'utf8' }).trim();
    const file = join(counters, program);
    writeFileSync(file, `#!/bin/sh\necho . >> '${counted}'\nexec '${real}' "$@"\n`);
    chmodSync(file, 0o755);
  }
}

function take({ name, commands }: Way): NightTaken {
  writeFileSync(counted, '');
  const env = { ...process.env, PATH: `${counters}:${process.env['PATH']}` };
  const started = performance.now();
  for (const [program, ...args] of commands) {
    const ended = spawnSync(program, args, { env, encoding: 'utf8' });
    if (ended.status !== 0) throw new Error(`${program} ended with ${ended.status}: ${ended.stderr}`);
  }
  const milliseconds = performance.now() - started;
  return { name, milliseconds, processes: readFileSync(counted, 'utf8').split('\n').length - 1 };
}

function middle(nights: readonly NightTaken[]): NightTaken {
  const sorted = nights.toSorted((one, other) => one.milliseconds - other.milliseconds);
  const found = sorted[Math.floor(sorted.length / 2)];
  if (!found) throw new Error('no night was measured');
  return found;
}
