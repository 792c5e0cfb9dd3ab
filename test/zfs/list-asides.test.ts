import { expect, test } from 'vitest';
import { markProperty, newMark } from '../../src/zfs/aside.ts';
import { listAsides } from '../../src/zfs/list-asides.ts';
import { asideName, rehearsalName } from '../../src/zfs/names.ts';
import { scripted } from '../host/scripted.ts';
import { asRows } from './printed.ts';

const first = '01K7A0000000000000000000A1';
const second = '01K7A0000000000000000000A2';
const third = '01K7A0000000000000000000A3';
const web = 'zroot/jails/web';

function marked(name: string, sealed = true): string {
  return markProperty({ ...newMark(name, true, []), sealed })[1];
}

function lines(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.join('\t')}\n`).join('');
}

const newer = asideName(web, second);
const older = asideName('zroot/jails/pg', first);

const listed = asRows([
  ['zroot', 'yes', '/zroot', '-'],
  [older, 'yes', '/jails/pg.aside', marked('zroot/jails/pg')],
  [web, 'yes', '/jails/web', '-'],
  [newer, 'no', '/jails/web.aside', marked(web)],
  // It inherits the mark of the one above.
  [`${newer}/data`, 'no', 'legacy', marked(web)],
  // Half set aside: a crash cut it off, and recovery has to finish it.
  [asideName(web, third), 'no', '/jails/web', marked(web, false)],
  [`${asideName(web, third)}/data`, 'no', '/jails/web/data', marked(`${web}/data`)],
  // Somebody gave it such a name.
  [asideName('zroot/other', first), 'yes', '/other', '-'],
]);

test('what another jail has dropped since it was listed is left out', async () => {
  const got = lines([
    [newer, 'used', '4096'],
    [newer, 'origin', '-'],
  ]);
  const stderr = `cannot open '${older}': dataset does not exist\n`;
  const { run } = scripted({
    'zfs list': { stdout: listed },
    'zfs get': { status: 1, stdout: got, stderr },
  });
  expect((await listAsides(run)).map(({ name }) => name)).toEqual([newer]);
});

test('what was set aside is found by its marks, oldest first', async () => {
  const got = lines([
    [newer, 'used', '4096'],
    [newer, 'origin', `${web}@jtx-${second}`],
    [older, 'used', '0'],
    [older, 'origin', '-'],
  ]);
  const { run, calls } = scripted({ 'zfs list': { stdout: listed }, 'zfs get': { stdout: got } });
  expect(await listAsides(run)).toEqual([
    {
      transaction: first,
      dataset: 'zroot/jails/pg',
      name: older,
      used: 0,
      origin: undefined,
      members: [{ name: older, mountpoint: '/jails/pg.aside', mounted: true }],
    },
    {
      transaction: second,
      dataset: web,
      name: newer,
      used: 4096,
      origin: `${web}@jtx-${second}`,
      members: [
        { name: newer, mountpoint: '/jails/web.aside', mounted: false },
        { name: `${newer}/data`, mountpoint: 'legacy', mounted: false },
      ],
    },
  ]);
  expect(calls).toEqual([
    'zfs list -H -t filesystem -o name,mounted,mountpoint,jtx:aside,name',
    `zfs get -Hp -o name,property,value used,origin ${older} ${newer}`,
  ]);
});

test('the clone of a rehearsal that was kept is found like it', async () => {
  const name = rehearsalName(web, first);
  const { run } = scripted({
    'zfs list': { stdout: asRows([[name, 'no', '/x', marked(web)]]) },
    'zfs get': {},
  });
  expect(await listAsides(run)).toMatchObject([{ name, dataset: web, transaction: first }]);
});

test('where there is none, one process says so', async () => {
  const { run, calls } = scripted({ 'zfs list': { stdout: asRows([[web, 'yes', '/jails/web', '-']]) } });
  expect(await listAsides(run)).toEqual([]);
  expect(calls).toHaveLength(1);
});

test('what cannot be measured for another reason is told', async () => {
  const stderr = `cannot open '${newer}': I/O error\n`;
  const { run } = scripted({ 'zfs list': { stdout: listed }, 'zfs get': { status: 1, stderr } });
  await expect(listAsides(run)).rejects.toMatchObject({ code: 'command-failed' });
});
