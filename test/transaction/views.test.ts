import { expect, test } from 'vitest';
import type { Mount } from '../../src/host/mounts.ts';
import { requireQuiet } from '../../src/transaction/processes.ts';
import { writableViews } from '../../src/transaction/views.ts';
import { scripted } from '../host/scripted.ts';
import { member, webSubject } from './subjects.ts';

const web = 'zroot/jails/web';
const subject = webSubject(
  {},
  { datasets: [member(web), member(`${web}/up`), member(`${web}/data`, { reverted: false })] },
);
const foreign: Mount = { special: 'zroot/pool', node: '/jails/web/pool', fstype: 'zfs' };
const view = (special: string, more: Partial<Mount> = {}): Mount => ({
  special,
  node: '/jails/app/up',
  fstype: 'nullfs',
  ...more,
});

test.each<[what: string, writable: boolean, mount: Mount]>([
  ['a directory', true, view('/jails/web/usr/local/www/up')],
  ['the whole root', true, view('/jails/web')],
  ['a child dataset', true, view('/jails/web/up/in')],
  ['a directory, read-only', false, view('/jails/web/usr', { readonly: true })],
  ['a child that stays as it is', false, view('/jails/web/data/in')],
  ['a dataset of others that is mounted in it', false, view('/jails/web/pool/in')],
  ['a jail of like name', false, view('/jails/webcam/usr')],
  ['what only the jail itself sees', false, view('/jails/web/usr', { node: '/jails/web/mnt' })],
  ['a dataset of others', false, view('zroot/jails/app/up', { fstype: 'zfs' })],
  ['nothing of a directory', false, view('tmpfs', { fstype: 'tmpfs' })],
])('a mount that shows %s', (_what, writable, mount) => {
  const views = writableViews(subject, [...subject.mounts, foreign, mount]);
  expect(views).toEqual(writable ? [mount] : []);
});

test('a jail of which others can write a part is not quiet, by what is mounted now', async () => {
  const mounted = [...subject.mounts, view('/jails/web/usr/local/www/up')];
  const { run } = scripted({ mount: { stdout: JSON.stringify({ mount: { mounted } }) } });
  await expect(requireQuiet(run, subject)).rejects.toMatchObject({
    code: 'root-in-use',
    outcome: 'refused',
    message: expect.stringContaining('/jails/web/usr/local/www/up is mounted at /jails/app/up'),
    hint: expect.stringContaining('umount /jails/app/up'),
  });
});
