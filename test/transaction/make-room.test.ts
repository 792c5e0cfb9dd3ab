import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silent } from '../../src/transaction/progress.ts';
import { revert } from '../../src/transaction/revert.ts';
import { scripted } from '../host/scripted.ts';
import { temporaryDirectory } from '../host/temporary.ts';

test('room is made in the file systems of the jail alone, where they are mounted', {
  timeout: 30_000,
}, async () => {
  const web = 'zroot/nowhere/web';
  const root = temporaryDirectory();
  // What the jail calls so is here the host's.
  const outside = temporaryDirectory();
  for (const directory of [root, outside]) writeFileSync(join(directory, 'new'), '');
  const mounted = [{ special: web, node: root, fstype: 'zfs' }];
  const member = { mounted: true, reverted: true };
  const { run } = scripted({
    mount: { stdout: JSON.stringify({ mount: { mounted } }) },
    umount: {},
    fuser: {},
    zfs: {},
    'zfs program': { status: 1 },
    'zfs rollback': [...Array(5).fill({ status: 1, stderr: 'cannot rollback: out of space' }), {}],
  });
  await revert(run, {
    root,
    members: [
      { ...member, name: web, mountpoint: root },
      { ...member, name: `${web}/data`, mountpoint: outside },
    ],
    snapshot: 's',
    mounted: [],
    ownSince: Date.now() - 60_000,
    packages: undefined,
    progress: silent,
  });
  expect([root, outside].map((directory) => existsSync(join(directory, 'new')))).toEqual([false, true]);
});
