import { describe, expect, test } from 'vitest';
import { differences, leftJails, leftMounts, type Place } from '../../src/doctor/leftovers.ts';
import type { TransactionRow } from '../../src/journal/rows.ts';
import type { Stored, StoredPoint } from '../../src/zfs/inventory.ts';
import { stored } from '../backup/stored.ts';
import { sampleRow } from '../journal/sample-row.ts';

const id = '01K0000000000000000000000A';
const web: Place = { jail: 'web', root: '/jails/web', dataset: 'z/web', running: false, bases: ['base'] };
const devfs = { special: 'devfs', node: '/jails/web/dev', fstype: 'devfs' };

describe('what is mounted in the root of a jail that does not run', () => {
  test('its /dev, and its base', () => {
    const base = { special: '/base', node: '/jails/web/base', fstype: 'nullfs' };
    expect(leftMounts([web], [devfs, base]).map(({ mend }) => mend)).toEqual([
      'umount /jails/web/dev',
      'umount /jails/web/base',
    ]);
  });
  test('nothing of one that runs, of another, or that is no such mount', () => {
    expect(leftMounts([{ ...web, running: true }], [devfs])).toEqual([]);
    expect(leftMounts([web], [{ ...devfs, node: '/jails/web2/dev' }])).toEqual([]);
    expect(leftMounts([web], [{ ...devfs, fstype: 'zfs' }])).toEqual([]);
  });
});

test('a throw-away jail is left where its transaction is not open', () => {
  const jails = [{ name: `jtx-${id.toLowerCase()}` }, { name: 'web' }];
  expect(leftJails(jails, [sampleRow({ id })])).toEqual([]);
  expect(leftJails(jails, []).map(({ mend }) => mend)).toEqual([`jail -R jtx-${id.toLowerCase()}`]);
});

describe('a pool against the journal', () => {
  const point = (more: Partial<StoredPoint> = {}): StoredPoint => ({
    name: `jtx-${id}`,
    bookmark: false,
    guid: '1',
    txg: 1,
    written: 0,
    holds: 0,
    transaction: id,
    ...more,
  });
  const pool = (points: StoredPoint[], name = 'z/web'): Map<string, Stored> =>
    new Map([[name, stored(points, { name })]]);
  const committed = sampleRow({
    id,
    state: 'committed',
    settled: true,
    undoneBy: null,
    snapshot: `jtx-${id}`,
    dataset: 'z/web',
  });
  const knows = (known: TransactionRow | undefined) => () => known;

  test.each<[string, Map<string, Stored>, TransactionRow | undefined, string[]]>([
    ['as it should be', pool([point()]), committed, []],
    [
      'a hold of a transaction that is over',
      pool([point({ holds: 1 })]),
      committed,
      [`zfs release jtx z/web@jtx-${id}`],
    ],
    ['a hold of one that is not', pool([point({ holds: 1 })]), { ...committed, settled: false }, []],
    ['a hold of a backup', pool([point({ holds: 1, backup: 'B' })]), committed, []],
    ['a snapshot that the journal does not know', pool([point()]), undefined, ['jtx recover --rebuild']],
    [
      'a foreign snapshot',
      pool([{ ...point(), name: 'daily' }].map(({ transaction: _, ...rest }) => rest)),
      undefined,
      [],
    ],
    [
      'a clone of a rehearsal that is over',
      pool([], `z/web.rehearsal-${id}`),
      committed,
      [`zfs destroy -r z/web.rehearsal-${id}`],
    ],
    [
      'one that is kept',
      pool([], `z/web.rehearsal-${id}`),
      { ...committed, aside: `z/web.rehearsal-${id}` },
      [],
    ],
    ['one that is under way', pool([], `z/web.rehearsal-${id}`), { ...committed, settled: false }, []],
  ])('%s', (_what, found, known, mends) => {
    expect(differences(found, knows(known), [web], []).map(({ mend }) => mend)).toEqual(mends);
  });

  test('a snapshot that somebody destroyed', () => {
    expect(differences(pool([]), knows(committed), [web], [committed])).toEqual([
      {
        about: committed.jail,
        says: `z/web@jtx-${id} is gone: nothing can go back to before ${id}`,
        mend: undefined,
      },
    ]);
    expect(differences(pool([point()]), knows(committed), [web], [committed])).toEqual([]);
  });

  test('not one that jtx itself let go, or that lies in what a restore set aside', () => {
    const pruned = { ...committed, snapshotGone: 1 };
    expect(differences(pool([]), knows(pruned), [web], [pruned])).toEqual([]);
    const dropped = { ...committed, state: 'rolled-back' as const, aside: `z/web.aside-${id}` };
    expect(differences(pool([]), knows(dropped), [web], [dropped])).toHaveLength(1);
    const gone = { ...dropped, asideGone: 1 };
    expect(differences(pool([]), knows(gone), [web], [gone])).toEqual([]);
    const other = 'z/web.aside-01K0000000000000000000000B';
    const restored = new Map([...pool([]), ...pool([point()], other)]);
    expect(differences(restored, knows(committed), [web], [committed])).toEqual([]);
    const ofChild = new Map([...pool([]), ...pool([point()], `${other}/www`)]);
    expect(differences(ofChild, knows(committed), [web], [committed])).toHaveLength(1);
  });
});
