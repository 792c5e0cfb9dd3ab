import { expect, test } from 'vitest';
import type { TransactionRow } from '../../src/journal/rows.ts';
import { findAside, listJailAsides } from '../../src/transaction/jail-asides.ts';
import { markProperty, newMark } from '../../src/zfs/aside.ts';
import { asideName } from '../../src/zfs/names.ts';
import { scripted } from '../host/scripted.ts';
import { sampleRow } from '../journal/sample-row.ts';
import { asLines, asRows } from '../zfs/printed.ts';

const id = '01K7A0000000000000000000B1';
const origin = 'jtx-01K7A0000000000000000000A1';
const told = ['tx', 'jail', 'verb', 'state', 'started', 'packages'].map((name) => `jtx:${name}`);
const described = ['guid', 'userrefs', ...told];

/** A host on which one tree is set aside, whose snapshot tells of this jail, and where these file systems are mounted. */
function host(
  dataset: string,
  jail?: readonly [value: string, source: string],
  mounts: Record<string, string> = {},
) {
  const name = asideName(dataset, id);
  const mark = markProperty({ ...newMark(dataset, true, []), sealed: true })[1];
  const mounted = Object.entries(mounts).map(([special, node]) => ({ special, node, fstype: 'zfs' }));
  return scripted({
    'zfs list': { stdout: asRows([[name, 'no', '/x', mark]]) },
    'zfs get -Hp -o name,property,value used,origin': {
      stdout: `${name}\tused\t0\n${name}\torigin\t${dataset}@${origin}\n`,
    },
    'zfs get -Hp -o name,property,source,value': {
      stdout: asLines(described, {
        [`${dataset}@${origin}`]: jail === undefined ? {} : { 'jtx:jail': jail },
      }),
    },
    'mount --libxo=json': { stdout: JSON.stringify({ mount: { mounted } }) },
  });
}

const journal = (row?: Partial<TransactionRow>) => ({
  transaction: (asked: string) => (row && asked === id ? sampleRow({ id, ...row }) : undefined),
});

test('the journal tells the jail of what was set aside, and its root', async () => {
  const { run, calls } = host('zroot/bastille/jails/web/root');
  const known = journal({ jail: 'web', root: '/usr/local/bastille/jails/web/root' });
  expect(await listJailAsides(run, known)).toMatchObject([
    { transaction: id, jail: 'web', root: '/usr/local/bastille/jails/web/root' },
  ]);
  expect(calls).toHaveLength(2);
});

test('a row from when a jail was known by the name that the kernel has for it gives its own', async () => {
  const { run } = host('zroot/iocage/jails/web/root');
  const known = journal({ jail: 'ioc-web', root: '/iocage/jails/web/root' });
  expect(await listJailAsides(run, known)).toMatchObject([{ jail: 'web' }]);
});

const placed = { 'zroot/x/root': '/iocage/jails/web/root' };

test.each<
  [string, string, readonly [value: string, source: string] | undefined, Record<string, string>, string]
>([
  ['its snapshot', 'zroot/x/root', ['app', 'local'], {}, 'app'],
  ['its snapshot, by the name of the kernel', 'zroot/x/root', ['ioc-web', 'local'], placed, 'web'],
  [
    'its place: what a snapshot inherits is no word of jtx',
    'zroot/x/root',
    ['app', 'inherited from zroot'],
    placed,
    'web',
  ],
  ['its place: what is no name was not set by jtx', 'zroot/x/root', ['-f', 'local'], placed, 'web'],
  ['where it is mounted', 'zroot/x/root', undefined, placed, 'web'],
  [
    'where it is mounted, by no manager',
    'zroot/jails/web',
    undefined,
    { 'zroot/jails/web': '/jails/www' },
    'www',
  ],
  ['its own name, of Bastille', 'zroot/bastille/jails/web/root', undefined, {}, 'web'],
  ['its own name, of pot', 'zroot/pot/jails/web/m', undefined, {}, 'web'],
  ['its own name, of AppJail', 'zroot/appjail/jails/web/jail', undefined, {}, 'web'],
  ['its own name, by no manager', 'zroot/jails/web', undefined, {}, 'web'],
])('where no journal knows it, %s does', async (_, dataset, said, mounts, jail) => {
  for (const known of [undefined, journal()])
    expect(await listJailAsides(host(dataset, said, mounts).run, known)).toMatchObject([{ jail }]);
});

test('a row that was made anew while the jail was not there knows no root', async () => {
  const dataset = 'zroot/x/root';
  const { run } = host(dataset, undefined, placed);
  expect(await listJailAsides(run, journal({ jail: 'app', root: '' }))).toMatchObject([
    { jail: 'app', root: '/iocage/jails/web/root' },
  ]);
});

test('one is found by the unique beginning of its transaction', async () => {
  const { run } = host('zroot/jails/web');
  expect(await findAside(run, undefined, id.slice(0, 8).toLowerCase())).toMatchObject({ jail: 'web' });
  for (const asked of ['01K', '01K8'])
    await expect(findAside(run, undefined, asked)).rejects.toMatchObject({ code: 'aside-unknown' });
});
