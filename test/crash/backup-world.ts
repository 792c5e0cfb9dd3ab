import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backupsOn, RestoredJail } from '../lab/restored.ts';
import { takeBack } from '../lab/take-back.ts';
import { jtx, jtxKilledAt, manifest, must, root } from './world.ts';

const lab = process.env['LAB'] ?? '';
const pool = process.env['LAB_POOL'] ?? '';
const web = `${pool}/jails/web`;
const config = join(lab, 'jtx.toml');

/** The places of every backup: a dataset and a directory. */
export const targets = ['disk', 'files'] as const;

/** Remembers the lab's configuration. */
export function keepConfig(): void {
  copyFileSync(config, `${config}.base`);
}

/** New places, without anything in them, and a jail that knows of no backup. */
export function freshPlaces(number: number): void {
  for (const name of list('snapshot'))
    for (const target of targets)
      spawnSync('zfs', ['release', `jtx-to-${target}`, name], { stdio: 'ignore' });
  for (const name of [...list('snapshot'), ...list('bookmark')]) must('zfs', 'destroy', name);
  for (const child of ['extra', 'gone']) destroyChild(child);
  must('zfs', 'create', '-o', 'mountpoint=none', `${pool}/place${number}`);
  rmSync(join(lab, 'files'), { recursive: true, force: true });
  mkdirSync(join(lab, 'files'));
  copyFileSync(`${config}.base`, config);
  const places = { disk: `${pool}/place${number}`, files: join(lab, 'files') };
  for (const [name, to] of Object.entries(places))
    appendFileSync(config, `[[backup.targets]]\nname = "${name}"\nto = "${to}"\n`);
}

/** What jtx has left in the jail. */
function list(type: 'snapshot' | 'bookmark'): string[] {
  const listed = spawnSync('zfs', ['list', '-H', '-o', 'name', '-t', type, '-r', web], { encoding: 'utf8' });
  return listed.stdout.split('\n').filter((name) => /[@#]jtx-/.test(name));
}

/** Writes a file into the jail, at a place below its root. */
export function write(path: string, bytes = 1000): void {
  writeFileSync(join(root, path), randomBytes(bytes));
}

export function makeChild(name: string): void {
  must('zfs', 'create', `${web}/${name}`);
  write(`${name}/file`);
}

/** Destroys a child; where its snapshots are held, that is let go of first. */
export function destroyChild(name: string): void {
  for (const snapshot of list('snapshot').filter((one) => one.startsWith(`${web}/${name}@`)))
    for (const target of targets) spawnSync('zfs', ['release', `jtx-to-${target}`, snapshot]);
  for (let attempt = 0; attempt < 50; attempt += 1) {
    if (spawnSync('zfs', ['destroy', '-r', `${web}/${name}`]).status === 0) return;
    if (spawnSync('zfs', ['list', `${web}/${name}`]).status !== 0) return;
    spawnSync('sleep', ['0.1']);
  }
  throw new Error(`${name} cannot be destroyed`);
}

/** Takes a child back to a backup, and all that it had since with it. */
export function takeChildBack(name: string, backup: string): void {
  const dataset = `${web}/${name}`;
  for (const snapshot of list('snapshot').filter((one) => one.startsWith(`${dataset}@`)))
    for (const target of targets) spawnSync('zfs', ['release', `jtx-to-${target}`, snapshot]);
  for (const bookmark of list('bookmark').filter((one) => one.startsWith(`${dataset}#`)))
    must('zfs', 'destroy', bookmark);
  takeBack([dataset], `jtx-backup-${backup}`);
}

/** One backup that has to succeed; gives the backup in which the jail is, and the bytes that each target got. */
export function backUp(): { id: string; bytes: number[]; fault: string | undefined } {
  const { status, said } = jtx('backup', 'web', '--json');
  if (status !== 0) return { id: '', bytes: [], fault: said };
  const { backup }: { backup: { results: { point: string; bytes: number }[] } } = JSON.parse(said);
  const { results } = backup;
  // What was killed may have brought all of it: then nothing has changed.
  return { id: results[0]?.point ?? '', bytes: results.map(({ bytes }) => bytes), fault: undefined };
}

/** A backup that is killed at a point; 0 lets it run and gives the number of points. */
export function killBackup(at: number): number {
  return jtxKilledAt(at, ['backup', 'web', '--json']).points;
}

/** What is wrong after a backup was killed; `known` are the manifests by backup, the last before the killed one. */
export async function violationsAfterKill(known: Map<string, string>, killed: string): Promise<string[]> {
  const found: string[] = [];
  const next = backUp();
  if (next.fault !== undefined) return [`the next backup failed: ${next.fault}`];
  known.set(next.id, killed);
  write('etc/after');
  const after = backUp();
  if (after.fault !== undefined) return [`the one after it failed: ${after.fault}`];
  if (after.bytes.some((bytes) => bytes > 500_000))
    found.push(`a base is broken: ${after.bytes.join(' ')} bytes`);
  known.set(after.id, manifest());
  for (const target of targets) {
    const backups = await backupsOn(target, 'web');
    for (const due of known.keys()) if (!backups.includes(due)) found.push(`${target} lacks ${due}`);
    const jail = new RestoredJail(target, 'web');
    // One that was killed and is complete is what the jail was by then.
    for (const backup of backups) {
      const restored = await jail.at(backup);
      if (restored.trimEnd() !== (known.get(backup) ?? killed).trimEnd())
        found.push(`${target} has another state at ${backup}`);
    }
    jail.destroy();
  }
  return [...found, ...leftovers()];
}

function leftovers(): string[] {
  const found: string[] = [];
  for (let attempt = 0; attempt < 50 && running() !== ''; attempt += 1) spawnSync('sleep', ['0.1']);
  if (running() !== '') found.push(`left running: ${running()}`);
  const mounts = readFileSync('/proc/mounts', 'utf8');
  if (/ [^ ]*(place\d|restored)[^ ]* (fuse\.)?zfs /.test(mounts)) found.push('a copy is mounted');
  const parts = must('find', join(lab, 'files'), '-name', '*.part');
  if (parts !== '') found.push(`left: ${parts}`);
  return found;
}

function running(): string {
  return spawnSync('pgrep', ['-xl', 'zfs|zstd'], { encoding: 'utf8' }).stdout.trim();
}
