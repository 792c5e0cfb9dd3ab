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
  const restored = new RestoredJail(name, jail, passphrase);
  try {
    return await restored.at(backup);
  } finally {
    restored.destroy();
  }
}

/** What a scratch dataset was made from, stream by stream. */
interface Received {
  dataset: string;
  streams: string[];
}

/**
 * A jail in a scratch dataset, as it was at one backup after the other. Where the streams of one are those of another and
 * some more, only these are received: of a long chain each stream once.
 */
export class RestoredJail {
  private readonly received = new Map<string, Received>();
  private count = 0;

  constructor(
    private readonly target: string,
    private readonly jail: string,
    private readonly passphrase?: string,
  ) {
    mkdirSync(root, { recursive: true });
    zfs(['create', '-o', 'mountpoint=none', scratch]);
  }

  /** The manifest of the jail at a backup. */
  async at(backup: string): Promise<string> {
    const target = await openConfigured(this.target);
    const members = membersAt(await target.list(), this.jail, backup);
    if (members.length === 0) throw new Error(`${this.target} has no backup ${backup} of ${this.jail}`);
    const mounted: string[] = [];
    try {
      for (const member of members) {
        const dataset = await this.receive(target, member);
        if (propertyOf(dataset, 'type') === 'volume') continue;
        this.mount(dataset, `${root}${pathOf(member, this.jail)}`);
        mounted.unshift(dataset);
      }
      return manifestOf(root);
    } finally {
      for (const dataset of mounted) zfs(['unmount', dataset]);
    }
  }

  destroy(): void {
    destroyDataset(scratch, 50);
  }

  private async receive(target: BackupTarget, { copy, point }: Member): Promise<string> {
    const streams = await target.streams(copy, point);
    const ids = streams.map((stream) => JSON.stringify(stream));
    const { dataset, streams: there } = this.goingOn(copy.name, ids);
    for (const { commands, file } of streams.slice(there.length)) {
      const from = file === undefined ? undefined : openSync(file, 'r');
      // What was looked at before may have got new times of access.
      const receiving = ['zfs', 'receive', '-u', ...(there.length > 0 ? ['-F'] : []), dataset] as const;
      requireWhole(await runPipeline([...commands, receiving], from === undefined ? {} : { from }));
      if (from !== undefined) closeSync(from);
    }
    this.received.set(copy.name, { dataset, streams: ids });
    return dataset;
  }

  /** The dataset of a copy if its streams go on from what was received there, else a new one in its place. */
  private goingOn(copy: string, ids: readonly string[]): Received {
    const known = this.received.get(copy);
    if (known?.streams.every((id, index) => ids[index] === id)) return known;
    this.received.delete(copy);
    if (known) destroyDataset(known.dataset, 50);
    this.count += 1;
    return { dataset: `${scratch}/${this.count}`, streams: [] };
  }

  private mount(dataset: string, place: string): void {
    if (this.passphrase !== undefined && propertyOf(dataset, 'keystatus') !== 'available')
      zfs(['load-key', dataset], `${this.passphrase}\n`);
    zfs(['set', `mountpoint=${place}`, dataset]);
    if (propertyOf(dataset, 'mounted') !== 'yes') zfs(['mount', dataset]);
  }
}

function zfs(args: readonly string[], input = ''): string {
  return execFileSync('zfs', args, { encoding: 'utf8', input });
}

function propertyOf(dataset: string, name: string): string {
  return zfs(['get', '-H', '-o', 'value', name, dataset]).trim();
}

/** Where a member was mounted, below the jail's root. */
function pathOf({ copy }: Member, jail: string): string {
  const below = `${process.env['LAB_JAILS']}/${jail}`;
  const own = copy.properties.find(([property]) => property === 'mountpoint')?.[1];
  return own?.startsWith(below) ? own.slice(below.length) : copy.path;
}

/** An old zfs lets go of what was unmounted a moment later. */
function destroyDataset(dataset: string, attempts: number): void {
  try {
    zfs(['destroy', '-r', dataset]);
  } catch (error) {
    if (attempts === 0) throw error;
    execFileSync('sleep', ['0.1']);
    destroyDataset(dataset, attempts - 1);
  }
}
