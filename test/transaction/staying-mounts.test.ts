import { expect, test } from 'vitest';
import type { Mount } from '../../src/host/mounts.ts';
import type { FstabEntry } from '../../src/jail/fstab.ts';
import { requireUnused, stayingMounts } from '../../src/transaction/in-use.ts';
import { scripted } from '../host/scripted.ts';

const root = '/jails/web';
const datasets = [
  { name: 'z/web', mountpoint: root },
  { name: 'z/web/db', mountpoint: `${root}/var/db` },
  { name: 'z/web/old', mountpoint: 'legacy' },
];
const own: Mount[] = [
  { special: 'z/web', node: root, fstype: 'zfs' },
  { special: 'z/web/db', node: `${root}/var/db`, fstype: 'zfs' },
];
const ports = { special: '/usr/ports', node: `${root}/usr/ports`, type: 'nullfs' };

test.each<[what: string, stays: boolean, mount: Mount, unmounted?: FstabEntry[]]>([
  ['its devfs', false, { special: 'devfs', node: `${root}/dev`, fstype: 'devfs' }],
  ['its fdescfs', false, { special: 'fdescfs', node: `${root}/dev/fd`, fstype: 'fdescfs' }],
  ['its procfs', false, { special: 'procfs', node: `${root}/proc`, fstype: 'procfs' }],
  ['what jail(8) mounts for it', false, { ...ports, fstype: 'nullfs' }, [ports]],
  ['that by a symlink', false, { ...ports, fstype: 'nullfs' }, [{ ...ports, node: '/home/web/usr/ports' }]],
  ['what somebody else has mounted', true, { ...ports, fstype: 'nullfs' }],
  ['beside that of jail(8)', true, { special: 'tmpfs', node: `${root}/tmp`, fstype: 'tmpfs' }, [ports]],
  ['a dataset of somebody else', true, { special: 'z/data', node: `${root}/data`, fstype: 'zfs' }],
  ['in a child', true, { special: 'z/data', node: `${root}/var/db/data`, fstype: 'zfs' }],
  [
    'a child that zfs(8) does not unmount',
    true,
    { special: 'z/web/old', node: `${root}/old`, fstype: 'zfs' },
  ],
  [
    'one that the jail mounts',
    false,
    { special: 'z/web/old', node: `${root}/old`, fstype: 'zfs' },
    [{ special: 'z/web/old', node: `${root}/old`, type: 'zfs' }],
  ],
  ['a snapshot', false, { special: 'z/web@s', node: `${root}/.zfs/snapshot/s`, fstype: 'zfs' }],
  ['what shows it elsewhere', true, { special: `${root}/usr`, node: '/jails/other/usr', fstype: 'nullfs' }],
  ['another jail of like name', false, { special: 'z/web2', node: '/jails/web2', fstype: 'zfs' }],
])('%s', (_what, stays, mount, unmounted = []) => {
  expect(stayingMounts({ root, datasets, unmounted }, [...own, mount])).toEqual(stays ? [mount] : []);
});

test('nothing is sure where commands of its own may unmount more', () => {
  const mounts = [...own, { ...ports, fstype: 'nullfs' }];
  expect(stayingMounts({ root, datasets, unmounted: undefined }, mounts)).toEqual([]);
});

test('what was mounted before lies hidden below the jail', () => {
  const before: Mount[] = [{ special: 'z/plain/db', node: `${root}/var/db`, fstype: 'zfs' }];
  expect(stayingMounts({ root, datasets, unmounted: [] }, [...before, ...own])).toEqual([]);
});

test.each([[[]], [undefined]])(
  'a root that fstab(5) mounts is refused with what makes it one of zfs(8)',
  async (unmounted) => {
    const { run, calls } = scripted({ mount: { stdout: JSON.stringify({ mount: { mounted: own } }) } });
    const tree = {
      root,
      datasets: [{ name: 'z/web', mountpoint: 'legacy' }, ...datasets.slice(1)],
      unmounted,
    };
    await expect(requireUnused(run, tree, 'it cannot be set aside', 'Or not.')).rejects.toMatchObject({
      code: 'root-busy',
      hint: expect.stringMatching(
        /\numount \/jails\/web\/var\/db \/jails\/web && zfs set mountpoint=\/jails\/web z\/web && zfs mount -a\nOr not\.$/,
      ),
    });
    expect(calls).toEqual(['mount --libxo=json']);
  },
);

test('what a jail has mounted of its own keeps nothing from being unmounted', () => {
  const given = { name: 'z/web/data', mountpoint: '/data' };
  const mounts = [...own, { special: 'z/web/data', node: `${root}/data`, fstype: 'zfs' }];
  expect(stayingMounts({ root, datasets: [...datasets, given], unmounted: [] }, mounts)).toEqual([]);
});
