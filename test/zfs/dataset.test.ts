import { expect, test } from 'vitest';
import { findUnmounted, listTree, mountDataset, unmountDataset } from '../../src/zfs/dataset.ts';
import { recordedRun } from '../host/recording.ts';
import { scripted } from '../host/scripted.ts';
import { asRows } from './printed.ts';

const rows = [
  ['zroot/jails/pg', 'filesystem', 'yes', 'off', '/jails/pg', '-'],
  ['zroot/jails/pg/data', 'filesystem', 'yes', 'on', '/jails/pg/var/db/with space', 'off'],
  ['zroot/jails/pg/log', 'filesystem', 'no', 'off', 'legacy', 'on'],
  ['zroot/jails/pg/disk', 'volume', '-', 'off', '-', '-'],
];
const text = asRows(rows);
const data = {
  name: 'zroot/jails/pg/data',
  volume: false,
  mountpoint: '/jails/pg/var/db/with space',
  mounted: true,
  readonly: true,
  reverted: false,
};

test('the columns of zfs list', async () => {
  const [top, child, log, disk] = await listTree(scripted({ zfs: { stdout: text } }).run, 'zroot/jails/pg');
  expect(top).toEqual({
    name: 'zroot/jails/pg',
    volume: false,
    mountpoint: '/jails/pg',
    mounted: true,
    readonly: false,
    reverted: true,
  });
  expect(child).toEqual(data);
  expect(log).toMatchObject({ mountpoint: 'legacy', mounted: false, reverted: true });
  expect(disk).toMatchObject({ volume: true, mounted: false, reverted: true });
});

test.each(['', '\n', 'no datasets available\n'])('%j lists nothing', async (stdout) => {
  const { run, calls } = scripted({ zfs: { stdout } });
  expect(await listTree(run, 'zroot/jails/pg')).toEqual([]);
  expect(calls).toHaveLength(1);
});

test('a tree takes one process', async () => {
  const { run, calls } = scripted({ zfs: { stdout: text } });
  expect(await listTree(run, 'zroot/jails/pg')).toHaveLength(4);
  expect(calls).toEqual([
    'zfs list -H -r -t filesystem,volume -o name,type,mounted,readonly,mountpoint,jtx:rollback,name zroot/jails/pg',
  ]);
});

test('a dataset that does not exist is told, as recorded', async () => {
  const { output } = recordedRun('more-2', 'zfs mount zroot/nope');
  const { run } = scripted({ zfs: { status: 1, stderr: output } });
  await expect(listTree(run, 'zroot/nope')).rejects.toThrow('dataset does not exist');
  await expect(mountDataset(run, 'zroot/nope')).rejects.toThrow('dataset does not exist');
});

test('a dataset that would be mounted here is found, one that is, is not', async () => {
  const { run } = scripted({
    zfs: { stdout: asRows([['zroot/off', 'filesystem', 'no', 'off', '/jails/off', '-'], ...rows]) },
  });
  expect((await findUnmounted(run, '/jails/off'))?.name).toBe('zroot/off');
  expect(await findUnmounted(run, '/jails/pg')).toBeUndefined();
});

test.each([
  'filesystem already mounted',
  'legacy mountpoint\nuse mount(8) to mount this filesystem',
  'dataset is exported to a local zone',
])('that zfs(8) does not mount as %j is fine', async (why) => {
  const stderr = `cannot mount 'zroot/jails/pg': ${why}\n`;
  const { run, options } = scripted({ zfs: { status: 1, stderr } });
  await mountDataset(run, 'zroot/jails/pg');
  expect(options).toEqual([{ changes: true }]);
});

test('unmounting tells a busy one from one that is not mounted, as recorded', async () => {
  const busy = recordedRun('rename-promote-swap', 'zfs unmount zroot/jails/pg');
  const twice = recordedRun(
    'more-2',
    'zfs unmount zroot/jails/pg; zfs unmount zroot/jails/pg; zfs mount zroot/jails/pg',
  );
  const { run } = scripted({
    zfs: [
      { status: busy.status, stderr: busy.output },
      { status: 1, stderr: twice.output },
    ],
  });
  expect(await unmountDataset(run, 'zroot/jails/pg')).toBe(false);
  expect(await unmountDataset(run, 'zroot/jails/pg')).toBe(true);
});
