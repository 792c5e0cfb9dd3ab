import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupTarget } from '../../src/backup/backup-target.ts';
import { type Copy, completeBackups, membersAt } from '../../src/backup/copy.ts';
import { DatasetTarget } from '../../src/backup/dataset-target.ts';
import { DirectoryTarget } from '../../src/backup/directory-target.ts';
import { jtx, must, root } from './world.ts';

const lab = process.env['LAB'] ?? '';
const pool = process.env['LAB_POOL'] ?? '';
const web = `${pool}/jails/web`;
const directory = join(lab, 'files');
const abilities = { modern: process.env['LAB_ZFS'] !== 'fuse' };

const targets: readonly BackupTarget[] = [
  new DatasetTarget('near', { kind: 'dataset', dataset: `${pool}/backup` }, abilities),
  new DirectoryTarget('files', directory, abilities),
];

/** Two places for backups, each of which keeps the newest alone. */
export function configure(): void {
  must('zfs', 'create', '-o', 'mountpoint=none', `${pool}/backup`);
  mkdirSync(directory);
  const places = [
    ['near', `${pool}/backup`],
    ['files', directory],
  ].map(([name, to]) => `[[backup.targets]]\nname = "${name}"\nto = "${to}"\nkeep = "last 1"\n`);
  appendFileSync(join(lab, 'jtx.toml'), `[retention]\nbackups = "last 1"\n${places.join('')}`);
}

/** Backs the jail up after a change of all its datasets; gives the backup. */
function backUp(words: string): string {
  for (const file of ['state', 'usr/local/www/state']) writeFileSync(join(root, file), words);
  const ended = jtx('backup', 'web', '--json');
  if (ended.status !== 0) throw new Error(ended.said);
  return JSON.parse(ended.said.slice(ended.said.indexOf('{'))).backup.id;
}

/** The snapshots of the jail, and without `base` what lets a target go on from them. */
function points(type: 'snapshot' | 'bookmark'): string[] {
  const listed = spawnSync('zfs', ['list', '-H', '-r', '-t', type, '-o', 'name', web], { encoding: 'utf8' });
  return listed.stdout.split('\n').filter((name) => /[@#]jtx-/.test(name));
}

/** Takes away what the jail and its copies have in common: the next backup begins anew, the copies stay aside. */
function partWays(): void {
  for (const snapshot of points('snapshot')) {
    for (const { name } of targets) spawnSync('zfs', ['release', `jtx-to-${name}`, snapshot]);
    must('zfs', 'destroy', snapshot);
  }
  for (const bookmark of points('bookmark')) must('zfs', 'destroy', bookmark);
}

/** The backups that a prune leaves. */
export interface Kept {
  newest: string;
  /** What the newest builds upon in the directory. */
  base: string;
}

/** Makes what a prune has to do: old backups that others follow, and old ones from which nothing goes on. */
export function makeWork(round: number): Kept {
  backUp(`${round} first`);
  backUp(`${round} second`);
  partWays();
  return { base: backUp(`${round} third`), newest: backUp(`${round} newest`) };
}

/** What each complete backup of a target brings back: of each dataset the guid of its state. */
type Contents = Map<string, string[]>;

/** Reads every complete backup whole, and gives what they are. */
export async function readAll(): Promise<Contents[]> {
  return Promise.all(targets.map(async (target) => contentsOf(target, await target.list())));
}

async function contentsOf(target: BackupTarget, copies: readonly Copy[]): Promise<Contents> {
  const contents: Contents = new Map();
  for (const backup of completeBackups(copies, 'web')) {
    const members = membersAt(copies, 'web', backup);
    for (const { copy, point } of members) await readStreams(target, copy, point);
    contents.set(
      backup,
      members.map(({ copy, point }) => `${copy.path} ${point.guid}`),
    );
  }
  return contents;
}

async function readStreams(
  ...[target, copy, point]: [BackupTarget, Copy, Copy['points'][number]]
): Promise<void> {
  for (const { commands, file } of await target.streams(copy, point)) {
    // A file was read whole for its sum.
    if (file !== undefined) continue;
    const [program, ...args] = commands[0];
    const sent = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    if (sent.status !== 0) throw new Error(`${commands[0].join(' ')}: ${sent.stderr}`);
  }
}

/** What is wrong after a prune was killed: every backup that is there must be what it was, the newest among them. */
export async function violationsAfterKill(before: readonly Contents[], newest: string): Promise<string[]> {
  const found: string[] = [];
  for (const [place, contents] of (await readAll()).entries()) {
    const name = targets[place]?.name ?? '';
    if (!contents.has(newest)) found.push(`${name} has lost ${newest}`);
    for (const [backup, members] of contents)
      if (members.join() !== before[place]?.get(backup)?.join()) found.push(`${name}: ${backup} is another`);
  }
  return found;
}

/** What is wrong after the next prune: the newest backup alone is left, and what is needed for it. */
export async function violationsAtEnd({ newest, base }: Kept): Promise<string[]> {
  const found: string[] = [];
  const [near, files] = (await readAll()).map((contents) => [...contents.keys()].join(' '));
  if (near !== newest) found.push(`near: ${near}`);
  if (files !== `${base} ${newest}`) found.push(`files: ${files}`);
  const copies = must('zfs', 'list', '-H', '-r', '-o', 'name', `${pool}/backup`).split('\n').filter(Boolean);
  if (copies.length !== 3) found.push(`left: ${copies.join(' ')}`);
  const states = must('zfs', 'list', '-H', '-r', '-t', 'snapshot', '-o', 'name', `${pool}/backup`, web);
  const others = states.split('\n').filter((name) => name !== '' && !name.endsWith(newest));
  if (others.join() !== foreign.join()) found.push(`snapshots: ${others.join(' ')}`);
  const streams = must('find', directory, '-type', 'f').split('\n').filter(Boolean);
  const needed = streams.filter((file) =>
    [newest, base, 'description.json'].some((word) => file.includes(word)),
  );
  if (needed.length !== 10 || streams.length !== 10) found.push(`streams: ${streams.join(' ')}`);
  return found;
}

const foreign = [`${web}@by-hand`, `${web}/www@by-hand`];

/** Makes what no prune may touch. */
export function makeForeign(): void {
  for (const snapshot of foreign) must('zfs', 'snapshot', snapshot);
}

/** A prune that is killed at a point; 0 kills nowhere, and gives what all the points are. */
export function pruneKilledAt(at: number): string[] {
  const count = join(lab, 'points');
  rmSync(count, { force: true });
  const preload = join(process.env['LAB_TOP'] ?? '', 'test/crash/kill-at.cjs');
  const more = {
    NODE_OPTIONS: `--require=${preload}`,
    KILL_AT: String(at),
    KILL_COUNT: count,
    KILL_FILES: '1',
  };
  const ended = spawnSync('jtx', ['prune'], { env: { ...process.env, ...more }, encoding: 'utf8' });
  // What it had started is in a session of its own, and goes on.
  while (spawnSync('pgrep', ['-x', 'zfs']).status === 0) spawnSync('sleep', ['0.1']);
  if (at > 0) return [];
  if (ended.status !== 0) throw new Error(ended.stdout + ended.stderr);
  return JSON.parse(readFileSync(count, 'utf8')).names;
}
