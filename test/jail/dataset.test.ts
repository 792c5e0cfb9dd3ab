import { expect, test } from 'vitest';
import type { Mount } from '../../src/host/mounts.ts';
import { datasetOf } from '../../src/jail/dataset.ts';
import { scripted } from '../host/scripted.ts';
import { asRows } from '../zfs/printed.ts';

const zfs = (special: string, node: string): Mount => ({ special, node, fstype: 'zfs' });
const pg = { root: '/jails/pg', covers: [] };
const above = [zfs('zroot', '/'), zfs('zroot/jails', '/jails')];
const unmounted = {
  'zfs list': { stdout: asRows([['zroot/jails/pg', 'filesystem', 'no', 'off', '/jails/pg', '-']]) },
};
const nothing = {
  'zfs list': { stdout: asRows([['zroot/jails', 'filesystem', 'yes', 'off', '/jails', '-']]) },
};

test('the dataset that is mounted at the root, without asking zfs', async () => {
  const { run, calls } = scripted({});
  const mounts = [...above, zfs('zroot/jails/pg', '/jails/pg'), zfs('zroot/jails/pg/data', '/jails/pg/data')];
  expect(await datasetOf(run, pg, mounts)).toBe('zroot/jails/pg');
  expect(calls).toEqual([]);
});

test('the one on top, where several are mounted at the root', async () => {
  const mounts = [...above, zfs('zroot/old', '/jails/pg'), zfs('zroot/new', '/jails/pg')];
  expect(await datasetOf(scripted({}).run, pg, mounts)).toBe('zroot/new');
});

test('a file system of another kind on top hides the dataset', async () => {
  const mounts = [...above, zfs('zroot/jails/pg', '/jails/pg')];
  const hidden = [...mounts, { special: '/base', node: '/jails/pg', fstype: 'nullfs' }];
  await expect(datasetOf(scripted(nothing).run, pg, hidden)).rejects.toMatchObject({
    code: 'root-not-dataset',
  });
});

test('a dataset that is not mounted is not mistaken for its parent', async () => {
  await expect(datasetOf(scripted(unmounted).run, pg, above)).rejects.toMatchObject({
    code: 'dataset-not-mounted',
    hint: 'zfs mount zroot/jails/pg',
  });
});

test('a plain directory is refused with the commands that make it a dataset', async () => {
  await expect(datasetOf(scripted(nothing).run, pg, above)).rejects.toMatchObject({
    code: 'root-not-dataset',
    hint: [
      'With the jail stopped, make it one:',
      'mv /jails/pg /jails/pg.old',
      'zfs create -o mountpoint=/jails/pg zroot/jails/pg',
      'tar -C /jails/pg.old -cf - . | tar -C /jails/pg -xpf -',
    ].join('\n'),
  });
});

test.each([
  ['some levels below the dataset', '/jails/a/b/pg', 'zroot/jails/pg'],
  ['with a blank and a quote', "/jails/it's one", `'zroot/jails/it'\\''s one'`],
  ['on another file system', '/usr/jails/pg', 'POOL/jails/pg'],
])('the commands for a root %s', async (_what, root, dataset) => {
  const mounts = [...above, { special: '/dev/ada0p2', node: '/usr', fstype: 'ufs' }];
  const answer = datasetOf(scripted(nothing).run, { root, covers: [] }, mounts);
  await expect(answer).rejects.toMatchObject({ hint: expect.stringContaining(` ${dataset}\n`) });
});

const based = { ...pg, covers: [{ special: '/base', path: '', type: 'nullfs' }] };
const own = [...above, zfs('zroot/jails/pg', '/jails/pg')];

test.each([
  ['of a directory that runs', pg, [...above, { special: '/base', node: '/jails/pg', fstype: 'nullfs' }]],
  ['of a directory that does not run', based, above],
  ['of a dataset that does not run', based, own],
])('a base on the root itself is refused for what it is, %s', async (_what, jail, mounts) => {
  await expect(datasetOf(scripted(nothing).run, jail, mounts)).rejects.toMatchObject({
    code: 'root-not-dataset',
    message: expect.stringContaining('/base is mounted on /jails/pg itself'),
    hint: expect.not.stringContaining('zfs create'),
  });
});

test('a root that the table itself mounts is that of a jail that runs', async () => {
  const jail = { ...pg, covers: [{ special: 'zroot/jails/pg', path: '', type: 'zfs' }] };
  expect(await datasetOf(scripted({}).run, jail, own)).toBe('zroot/jails/pg');
});
