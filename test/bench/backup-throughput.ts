import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Pair } from './pairs.ts';

const lab = process.env['LAB'] ?? '';
const pool = process.env['LAB_POOL'] ?? '';
const dataset = `${pool}/jails/bulk`;
const place = `${pool}/near`;

// What a script does at the least; bash, so that a send that fails is no success.
const bare = `
set -euo pipefail
zfs snapshot "$1@bare"
zfs send "$1@bare" | zfs receive -u "$2/bare"
`;

/**
 * The whole of a jail to another dataset of the same pool, against bare zfs send | zfs receive of the same: what jtx asks,
 * checks and writes down is within its time.
 */
export function throughput(mebibytes: number, rounds: number): Pair {
  zfs('create', '-o', 'mountpoint=none', place);
  zfs('create', dataset);
  const root = join(process.env['LAB_JAILS'] ?? '', 'bulk');
  const file = openSync(join(root, 'data'), 'w');
  for (let written = 0; written < mebibytes; written += 1) writeSync(file, randomBytes(2 ** 20));
  closeSync(file);
  appendFileSync(join(lab, 'jail.conf'), `bulk {\n  path = ${root};\n  persist;\n}\n`);
  appendFileSync(
    join(lab, 'jtx.toml'),
    `\n[[backup.targets]]\nname = "near"\nto = "${place}"\n[[backup.targets]]\nname = "night"\nto = "${pool}/night"\n`,
  );
  return {
    name: `backup of ${mebibytes} MiB against bare zfs send | zfs receive`,
    limit: 1 / 0.95,
    command: ['jtx', 'backup', 'bulk', '--target', 'near'],
    against: ['bash', '-c', bare, 'bash', dataset, place],
    rounds,
    reset: forget,
  };
}

/** Takes away all that a round has left. */
export function forget(): void {
  const copies = execFileSync('zfs', ['list', '-H', '-r', '-d', '1', '-o', 'name', place], {
    encoding: 'utf8',
  });
  for (const copy of copies.split('\n').filter((name) => name.startsWith(`${place}/`)))
    zfs('destroy', '-r', copy);
  const listed = spawnSync('zfs', ['list', '-H', '-r', '-t', 'snapshot', '-o', 'name', dataset], {
    encoding: 'utf8',
  }).stdout;
  for (const snapshot of listed.split('\n').filter(Boolean)) {
    // An old zfs has no bookmarks, and the base is held.
    spawnSync('zfs', ['release', 'jtx-to-near', snapshot]);
    zfs('destroy', snapshot);
  }
  const bookmarks = spawnSync('zfs', ['list', '-H', '-r', '-t', 'bookmark', '-o', 'name', dataset], {
    encoding: 'utf8',
  }).stdout;
  for (const bookmark of bookmarks.split('\n').filter(Boolean)) zfs('destroy', bookmark);
  // What was destroyed is freed before the next is timed.
  spawnSync('zpool', ['sync', pool]);
}

function zfs(...args: string[]): void {
  execFileSync('zfs', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
