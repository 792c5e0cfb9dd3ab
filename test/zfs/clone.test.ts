import { expect, test } from 'vitest';
import type { Run } from '../../src/host/run.ts';
import {
  cloneSnapshot,
  destroyTree,
  promoteClone,
  promoteUnlessInUse,
  renameDataset,
} from '../../src/zfs/clone.ts';
import { scripted } from '../host/scripted.ts';

const jail = 'zroot/jails/web';

test.each<[string, (run: Run) => Promise<unknown>, string]>([
  [
    'cloned, with its properties in the same step',
    (run) =>
      cloneSnapshot(run, `${jail}.aside@s`, jail, [
        ['mountpoint', '/jails/web one'],
        ['org.x:note', 'a=b'],
      ]),
    'zfs clone -o mountpoint=/jails/web one -o org.x:note=a=b zroot/jails/web.aside@s zroot/jails/web',
  ],
  [
    'cloned as it is',
    (run) => cloneSnapshot(run, `${jail}@s`, `${jail}2`, []),
    'zfs clone zroot/jails/web@s zroot/jails/web2',
  ],
  ['promoted', (run) => promoteClone(run, jail), 'zfs promote zroot/jails/web'],
  [
    'renamed',
    (run) => renameDataset(run, jail, `${jail}2`),
    'zfs rename -u zroot/jails/web zroot/jails/web2',
  ],
  ['destroyed, its clones never', (run) => destroyTree(run, jail), 'zfs destroy -r zroot/jails/web'],
])('a dataset is %s', async (_what, act, command) => {
  const { run, calls, options } = scripted({ zfs: {} });
  await act(run);
  expect(calls).toEqual([command]);
  expect(options).toEqual([{ changes: true }]);
  const denied = scripted({ zfs: { status: 1, stderr: 'permission denied\n' } });
  await expect(act(denied.run)).rejects.toThrow('permission denied');
});

test('each property is an argument of its own', async () => {
  const arguments_: (readonly string[])[] = [];
  const { run } = scripted({ zfs: {} });
  const seeing: Run = (command, options) => {
    arguments_.push(command);
    return run(command, options);
  };
  await cloneSnapshot(seeing, `${jail}@s`, `${jail}2`, [['org.x:note', 'a -o readonly=on']]);
  expect(arguments_).toEqual([
    ['zfs', 'clone', '-o', 'org.x:note=a -o readonly=on', `${jail}@s`, `${jail}2`],
  ]);
});

test('destroying twice is fine, destroying what is cloned is not', async () => {
  const gone = { status: 1, stderr: `cannot open '${jail}': dataset does not exist\n` };
  await destroyTree(scripted({ zfs: gone }).run, jail);
  const cloned = { status: 1, stderr: `cannot destroy '${jail}': filesystem has dependent clones\n` };
  await expect(destroyTree(scripted({ zfs: cloned }).run, jail)).rejects.toThrow('dependent clones');
});

test.each(['-R', `${jail}@s`, '', `${jail}\n`])('%j is never destroyed', async (name) => {
  const { run, calls } = scripted({ zfs: {} });
  await expect(destroyTree(run, name)).rejects.toMatchObject({ code: 'dataset-name' });
  expect(calls).toEqual([]);
});

test('what was unmounted a moment ago is renamed once it is free', async () => {
  const busy = { status: 1, stderr: `cannot rename '${jail}': dataset is busy\n` };
  const freed = scripted({ zfs: [busy, busy, {}] });
  await renameDataset(freed.run, jail, `${jail}2`);
  expect(freed.calls).toHaveLength(3);
  const held = scripted({ zfs: busy });
  await expect(renameDataset(held.run, jail, `${jail}2`)).rejects.toThrow('dataset is busy');
  expect(held.calls).toHaveLength(25);
});

test('a clone is promoted unless a snapshot is in use, which is no failure', async () => {
  const busy = { status: 1, stderr: `cannot promote '${jail}': dataset is busy\n` };
  expect(await promoteUnlessInUse(scripted({ zfs: [busy, {}] }).run, jail, 2)).toBeUndefined();
  const sent = scripted({ zfs: busy });
  expect(await promoteUnlessInUse(sent.run, jail, 2)).toBe(`cannot promote '${jail}': dataset is busy`);
  expect(sent.calls).toHaveLength(2);
  const denied = scripted({ zfs: { status: 1, stderr: 'permission denied\n' } });
  await expect(promoteUnlessInUse(denied.run, jail, 2)).rejects.toThrow('permission denied');
});

test('a volume, which is mounted nowhere, is renamed without -u, and that makes no zfs(8) an old one', async () => {
  const stderr = `cannot open '${jail}/vol': operation not applicable to datasets of this type\n`;
  const { run, calls } = scripted({
    [`zfs rename -u ${jail}/vol`]: { status: 1, stderr },
    'zfs rename': {},
  });
  await renameDataset(run, `${jail}/vol`, `${jail}/vol2`);
  await renameDataset(run, jail, `${jail}2`);
  expect(calls).toEqual([
    `zfs rename -u ${jail}/vol ${jail}/vol2`,
    `zfs rename ${jail}/vol ${jail}/vol2`,
    `zfs rename -u ${jail} ${jail}2`,
  ]);
});

test('an old zfs(8) renames without -u', async () => {
  const { run, calls } = scripted({
    'zfs rename -u': { status: 2, stderr: "invalid option 'u'\nusage:\n" },
    'zfs rename': {},
  });
  await renameDataset(run, jail, `${jail}2`);
  expect(calls).toEqual([`zfs rename -u ${jail} ${jail}2`, `zfs rename ${jail} ${jail}2`]);
});
