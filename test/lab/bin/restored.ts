import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type Member, membersAt } from '../../../src/backup/copy.ts';
import { openTarget } from '../../../src/backup/open-target.ts';
import { loadConfig } from '../../../src/config/config.ts';
import { requireWhole, runPipeline } from '../../../src/host/pipeline.ts';
import { runCommand } from '../../../src/host/run.ts';
import { askAbilities } from '../../../src/zfs/send.ts';
import { manifestOf } from '../manifest.ts';

// restored TARGET JAIL BACKUP [ENCRYPTED]: receives a jail as it was at a backup into a scratch dataset, and prints its
// manifest; with a passphrase, it loads the key first. What is received is destroyed again.
const [name = '', jail = '', backup = '', passphrase] = process.argv.slice(2);
const config = loadConfig(process.env);
const place = config.backup.places.find((one) => one.name === name);
if (!place) throw new Error(`no target ${name}`);
const target = await openTarget(place, await askAbilities(runCommand));
const members = membersAt(await target.list(), jail, backup);
if (members.length === 0) throw new Error(`${name} has no backup ${backup} of ${jail}`);
const scratch = `${process.env['LAB_POOL']}/restored`;
const root = join(process.env['LAB'] ?? '', 'restored');
const below = `${process.env['LAB_JAILS']}/${jail}`;
mkdirSync(root, { recursive: true });

function zfs(...args: string[]): string {
  const options = { encoding: 'utf8', input: passphrase === undefined ? '' : `${passphrase}\n` } as const;
  return execFileSync('zfs', args, options);
}

async function receive({ copy, point }: Member, dataset: string): Promise<void> {
  for (const { commands, file } of await target.streams(copy, point)) {
    const from = file === undefined ? undefined : openSync(file, 'r');
    const receiving = ['zfs', 'receive', '-u', dataset] as const;
    requireWhole(await runPipeline([...commands, receiving], from === undefined ? {} : { from }));
    if (from !== undefined) closeSync(from);
  }
}

zfs('create', '-o', 'mountpoint=none', scratch);
const mounted: string[] = [];
try {
  for (const [at, member] of members.entries()) {
    const dataset = `${scratch}/${at}`;
    await receive(member, dataset);
    if (zfs('get', '-H', '-o', 'value', 'type', dataset).trim() === 'volume') continue;
    if (
      passphrase !== undefined &&
      zfs('get', '-H', '-o', 'value', 'keystatus', dataset).trim() !== 'available'
    )
      zfs('load-key', dataset);
    const own = member.copy.properties.find(([property]) => property === 'mountpoint')?.[1];
    const path = own?.startsWith(below) ? own.slice(below.length) : member.copy.path;
    zfs('set', `mountpoint=${root}${path}`, dataset);
    if (zfs('get', '-H', '-o', 'value', 'mounted', dataset).trim() !== 'yes') zfs('mount', dataset);
    mounted.unshift(dataset);
  }
  process.stdout.write(manifestOf(root));
} finally {
  for (const dataset of mounted) zfs('unmount', dataset);
  destroyScratch(50);
}

/** An old zfs lets go of what was unmounted a moment later. */
function destroyScratch(attempts: number): void {
  try {
    zfs('destroy', '-r', scratch);
  } catch (error) {
    if (attempts === 0) throw error;
    execFileSync('sleep', ['0.1']);
    destroyScratch(attempts - 1);
  }
}
