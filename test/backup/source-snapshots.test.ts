import { describe, expect, test } from 'vitest';
import type { Member } from '../../src/backup/copy.ts';
import { chooseSource } from '../../src/backup/source-snapshots.ts';
import type { Stored, StoredPoint } from '../../src/zfs/inventory.ts';
import { copy, snapshot, stored, ulid } from './stored.ts';

const dataset = 'zroot/jails/web';
const aside = `${dataset}.aside-${ulid(9)}`;
const older = `${dataset}.aside-${ulid(8)}`;
const trees = [dataset, aside, older];

/** What a target has: of each path the backup of this number. */
const members = (...has: [path: string, at: number][]): Member[] =>
  has.map(([path, at]) => {
    const one = copy([at], { path });
    const [point] = one.points;
    if (!point) throw new Error('a copy has a point');
    return { copy: one, point };
  });

/** What there is here: of each dataset the snapshots of these numbers. */
const inventory = (has: Record<string, number[]>): Map<string, Stored> =>
  new Map(
    Object.entries(has).map(([name, points]) => [
      name,
      stored(
        points.map((at) => snapshot(at)),
        { name },
      ),
    ]),
  );

const at = (name: string, number: number): string => `${name}@jtx-backup-${ulid(number)}`;
const source = { dataset, backup: ulid(5) };

test.each<[string, Record<string, number[]>, Member[], [string, string][]]>([
  ['in the jail', { [dataset]: [4, 5], [aside]: [4, 5] }, members(['', 5]), [['', at(dataset, 5)]]],
  ['with what was set aside since', { [dataset]: [4], [aside]: [5] }, members(['', 5]), [['', at(aside, 5)]]],
  [
    'of a child that never goes back in the jail, of the rest aside',
    { [dataset]: [], [`${dataset}/data`]: [5], [aside]: [5] },
    members(['', 5], ['/data', 5]),
    [
      ['', at(aside, 5)],
      ['/data', at(`${dataset}/data`, 5)],
    ],
  ],
  [
    'of a child that was not sent again, the newest or else the one that was sent',
    { [dataset]: [5], [`${dataset}/a`]: [3, 5], [`${dataset}/b`]: [3] },
    members(['', 5], ['/a', 3], ['/b', 3]),
    [
      ['', at(dataset, 5)],
      ['/a', at(`${dataset}/a`, 5)],
      ['/b', at(`${dataset}/b`, 3)],
    ],
  ],
])('it was made from the snapshots %s', (_, has, made, expected) => {
  expect([...chooseSource({ ...source, members: made }, trees, inventory(has))]).toEqual(expected);
});

describe('made while the jail was being changed', () => {
  const before = `jtx-${ulid(5)}`;
  const point = { snapshot: before, guid: '5' };
  const made = members(['', 5], ['/www', 3]).map((member) =>
    member.copy.path === '' ? { ...member, point } : member,
  );
  const here = (web: StoredPoint[], www: StoredPoint[]): Map<string, Stored> =>
    new Map([
      [dataset, stored(web)],
      [`${dataset}/www`, stored(www, { name: `${dataset}/www` })],
    ]);
  const choose = (has: Map<string, Stored>) => [
    ...chooseSource({ ...source, members: made }, [dataset], has),
  ];
  const change = snapshot(5, { name: before });

  test('it was made from the snapshot from before the change, also of a child that was not sent again', () => {
    expect(choose(here([change], [change]))).toEqual([
      ['', `${dataset}@${before}`],
      ['/www', `${dataset}/www@${before}`],
    ]);
  });

  test('there is nothing to compare with where that is gone, and nothing wrong', () => {
    const choosing = (): unknown => choose(here([snapshot(3)], [snapshot(3)]));
    expect(choosing).toThrow(expect.objectContaining({ code: 'backup-incomparable' }));
    expect(choosing).toThrow(`not compared: it was made from ${dataset}@${before}`);
  });
});

test.each<[string, Record<string, number[]>, Member[], string, string]>([
  [
    'it is gone everywhere, which says nothing of the backup',
    { [dataset]: [4], [aside]: [6] },
    members(['', 5]),
    'backup-incomparable',
    `not compared: it was made from ${at(dataset, 5)}, which is gone`,
  ],
  [
    'the target has lost a child that the jail had',
    { [dataset]: [5], [`${dataset}/www`]: [5] },
    members(['', 5]),
    'backup-unproved',
    `it lacks ${dataset}/www`,
  ],
  [
    'it has, and that was set aside',
    { [dataset]: [4], [`${dataset}/www`]: [4], [aside]: [5], [`${aside}/www`]: [5] },
    members(['', 5]),
    'backup-unproved',
    `it lacks ${dataset}/www`,
  ],
])('nothing is proved where %s', (_, has, made, code, message) => {
  const choosing = (): unknown => chooseSource({ ...source, members: made }, trees, inventory(has));
  expect(choosing).toThrow(expect.objectContaining({ code }));
  expect(choosing).toThrow(message);
});
