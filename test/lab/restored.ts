import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupTarget } from '../../src/backup/backup-target.ts';
import { completeBackups, type Member, membersAt } from '../../src/backup/copy.ts';
import { openTarget } from '../../src/backup/open-target.ts';
import { loadConfig } from '../../src/config/config.ts';
import { requireWhole, runPipeline } from '../../src/host/pipeline.ts';
import { runCommand } from '../../src/host/run.ts';
import { askAbilities } from '../../src/zfs/send.ts';
import { manifestOf } from './manifest.ts';

const scratch = `${process.env['LAB_POOL']}/restored`;
const root = join(process.env['LAB'] ?? '', 'restored');

async function openConfigured(name: string): Promise<BackupTarget> {
  const place = loadConfig(process.env).backup.places.find((one) => one.name === name);
  if (!place) throw new Error(`no target ${name}`);
  return openTarget(place, await askAbilities(runCommand));
}

/** The backups of a jail that are complete on a target, oldest first. */
export async function backupsOn(name: string, jail: string): Promise<string[]> {
  const target = await openConfigured(name);
  return completeBackups(await target.list(), jail);
}

/**
 * Receives a jail as it was at a backup into a scratch dataset, which goes again, and gives its manifest. Of an encrypted
 * one the key is loaded with the passphrase.
 */
export async function restoredManifest(
  name: string,
  jail: string,
  backup: string,
  passphrase?: string,
): Promise<string> {
  const target = await openConfigured(name);
  const members = membersAt(await target.list(), jail, backup);
  if (members.length === 0) throw new Error(`${name} has no backup ${backup} of ${jail}`);
  mkdirSync(root, { recursive: true });
  zfs(['create', '-o', 'mountpoint=none', scratch]);
  const mounted: string[] = [];
  try {
    for (const [at, member] of members.entries()) {
      const dataset = `${scratch}/${at}`;
      await receive(target, member, dataset);
      if (propertyOf(dataset, 'type') === 'volume') continue;
      if (passphrase !== undefined && propertyOf(dataset, 'keystatus') !== 'available')
        zfs(['load-key', dataset], `${passphrase}\n`);
      zfs(['set', `mountpoint=${root}${pathOf(member, jail)}`, dataset]);
      if (propertyOf(dataset, 'mounted') !== 'yes') zfs(['mount', dataset]);
      mounted.unshift(dataset);
    }
    return manifestOf(root);
  } finally {
    for (const dataset of mounted) zfs(['unmount', dataset]);
    destroyScratch(50);
  }
}

function zfs(args: readonly string[], input = ''): string {
  return execFileSync('zfs', args, { encoding: 'utf8', input });
}

function propertyOf(dataset: string, name: string): string {
  return zfs(['get', '-H', '-o', 'value', name, dataset]).trim();
}

async function receive(target: BackupTarget, { copy, point }: Member, dataset: string): Promise<void> {
  for (const { commands, file } of await target.streams(copy, point)) {
    const from = file === undefined ? undefined : openSync(file, 'r');
    const receiving = ['zfs', 'receive', '-u', dataset] as const;
    requireWhole(await runPipeline([...commands, receiving], from === undefined ? {} : { from }));
    if (from !== undefined) closeSync(from);
  }
}

/** Where a member was mounted, below the jail's root. */
function pathOf({ copy }: Member, jail: string): string {
  const below = `${process.env['LAB_JAILS']}/${jail}`;
  const own = copy.properties.find(([property]) => property === 'mountpoint')?.[1];
  return own?.startsWith(below) ? own.slice(below.length) : copy.path;
}

/** An old zfs lets go of what was unmounted a moment later. */
function destroyScratch(attempts: number): void {
  try {
    zfs(['destroy', '-r', scratch]);
  } catch (error) {
    if (attempts === 0) throw error;
    execFileSync('sleep', ['0.1']);
    destroyScratch(attempts - 1);
  }
}
