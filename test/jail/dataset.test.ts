import { expect, test } from 'vitest';
import type { Mount } from '../../src/host/mounts.ts';
import { datasetOf } from '../../src/jail/dataset.ts';
import { scripted } from '../host/scripted.ts';

const zfs = (special: string, node: string): Mount => ({ special, node, fstype: 'zfs' });
const above = [zfs('zroot', '/'), zfs('zroot/jails', '/jails')];
const unmounted = { 'zfs list': { stdout: 'zroot/jails/pg\tfilesystem\t/jails/pg\tno\toff\t-\n' } };
const nothing = { 'zfs list': { stdout: 'zroot/jails\tfilesystem\t/jails\tyes\toff\t-\n' } };

test('the dataset that is mounted at the root, without asking zfs', async () => {
  const { run, calls } = scripted({});
  const mounts = [...above, zfs('zroot/jails/pg', '/jails/pg'), zfs('zroot/jails/pg/data', '/jails/pg/data')];
  expect(await datasetOf(run, '/jails/pg', mounts)).toBe('zroot/jails/pg');
  expect(calls).toEqual([]);
});

test('the one on top, where several are mounted at the root', async () => {
  const mounts = [...above, zfs('zroot/old', '/jails/pg'), zfs('zroot/new', '/jails/pg')];
  expect(await datasetOf(scripted({}).run, '/jails/pg', mounts)).toBe('zroot/new');
});

test('a file system of another kind on top hides the dataset', async () => {
  const mounts = [...above, zfs('zroot/jails/pg', '/jails/pg')];
  const hidden = [...mounts, { special: '/base', node: '/jails/pg', fstype: 'nullfs' }];
  await expect(datasetOf(scripted(nothing).run, '/jails/pg', hidden)).rejects.toMatchObject({
    code: 'root-not-dataset',
  });
});

test('a dataset that is not mounted is not mistaken for its parent', async () => {
  await expect(datasetOf(scripted(unmounted).run, '/jails/pg', above)).rejects.toMatchObject({
    code: 'dataset-not-mounted',
    hint: 'zfs mount zroot/jails/pg',
  });
});

test('a plain directory is refused with the commands that make it a dataset', async () => {
  await expect(datasetOf(scripted(nothing).run, '/jails/pg', above)).rejects.toMatchObject({
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
  const answer = datasetOf(scripted(nothing).run, root, mounts);
  await expect(answer).rejects.toMatchObject({ hint: expect.stringContaining(` ${dataset}\n`) });
});
