import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import { destroyAside } from '../../src/transaction/destroy-aside.ts';
import { scripted } from '../host/scripted.ts';
import { committed, newTransaction, temporaryDirectory } from '../journal/sample.ts';
import { asLines } from '../zfs/printed.ts';

const jail = 'zroot/jails/web';
const first = '01K7A0000000000000000000A1';
const second = '01K7A0000000000000000000A2';
const failed = '01K7A0000000000000000000A3';
const tree = `${jail}.aside-${failed}`;
const origin = `${jail}@jtx-${failed}`;
const inTree = asLines(['createtxg', 'creation', 'userrefs', 'jtx:tx', 'jtx:backup'], {
  [`${tree}@jtx-${first}`]: { 'jtx:tx': [first, 'local'] },
  [`${tree}@by-hand`]: {},
  [`${tree}@jtx-backup-${second}`]: {},
  [`${tree}/www@jtx-${second}`]: { 'jtx:tx': [second, 'local'] },
});

let journal: Journal;
beforeEach(() => {
  journal = Journal.open(join(temporaryDirectory(), 'journal.db'));
  for (const id of [first, second]) committed(journal, { id });
  journal.begin(newTransaction({ id: failed, aside: tree }));
  journal.end(failed, 'rolled-back', { code: null, message: null, hint: null }, 1);
});
afterEach(() => journal.close());

/** Drops it on a host that answers like this; gives what the journal says is gone. */
async function drop(
  answers: Parameters<typeof scripted>[0] = {},
): Promise<{ snapshots: string[]; asides: string[] }> {
  const host = scripted({
    [`zfs list -H -o name ${tree}`]: {},
    'zfs list -H -t filesystem': {},
    'zfs destroy': {},
    'zfs get -Hp -r -t snapshot,bookmark': { stdout: inTree },
    ...answers,
  });
  await destroyAside({ run: host.run, write: (action) => action(journal) }, journal, tree, origin);
  return gone();
}

function gone(): { snapshots: string[]; asides: string[] } {
  const rows = journal.history({ limit: 9 });
  return {
    snapshots: rows.filter((row) => row.snapshotGone !== null).map(({ id }) => id),
    asides: rows.filter((row) => row.asideGone !== null).map(({ id }) => id),
  };
}

test('the journal says that it is gone, with the snapshots of the jail in it, and the one that it came from', async () => {
  expect(await drop()).toEqual({ snapshots: [failed, first], asides: [failed] });
});

test('what others need of it stays, and is not said to be gone', async () => {
  const held = { status: 1, stderr: `cannot destroy '${origin}': snapshot is held\n` };
  expect(await drop({ 'zfs destroy -r zroot/jails/web@': held })).toEqual({
    snapshots: [first],
    asides: [failed],
  });
});

test('where it was cut off it is known by then: what has begun to go is no state any more', async () => {
  const failing = { status: 1, stderr: 'cannot destroy: I/O error\n' };
  await expect(drop({ [`zfs destroy -r ${tree}`]: failing })).rejects.toMatchObject({
    code: 'command-failed',
  });
  expect(gone()).toEqual({ snapshots: [first], asides: [failed] });
});

test('where all of it is gone already, as recovery may find it, the rest is done', async () => {
  const missing = { status: 1, stderr: 'dataset does not exist\n' };
  const answers = { [`zfs list -H -o name ${tree}`]: missing, 'zfs destroy': missing };
  expect(await drop(answers)).toEqual({ snapshots: [failed], asides: [failed] });
});

test('a journal that knows nothing of it is content', async () => {
  journal.close();
  journal = Journal.open(join(temporaryDirectory(), 'journal.db'));
  expect(await drop()).toEqual({ snapshots: [], asides: [] });
});
