import { describe, expect, it } from 'vitest';
import { type KnownTransaction, planSource, type SourceState } from '../../src/backup/prune-source.ts';
import { parseRetention } from '../../src/backup/retention-grammar.ts';
import type { Stored, StoredPoint } from '../../src/zfs/inventory.ts';
import { backupAt } from './some-copies.ts';

const day = 24 * 3_600_000;
const first = Date.parse('2026-05-01T03:00:00Z');
const ids = Array.from({ length: 9 }, (_, night) => backupAt(first + night * day));
const id = (number: number): string => ids[number] ?? '';

function dataset(name: string, points: readonly StoredPoint[]): Stored {
  return {
    name,
    volume: false,
    mountpoint: '-',
    mounted: false,
    encryptionRoot: undefined,
    written: undefined,
    token: undefined,
    backup: undefined,
    backupOf: undefined,
    points: [...points],
  };
}

function plain(name: string, more: Partial<StoredPoint> = {}): StoredPoint {
  return { name, bookmark: false, guid: name, txg: 0, written: 0, holds: 0, ...more };
}

function backups(...numbers: number[]): StoredPoint[] {
  return numbers.map((number) => plain(`jtx-backup-${id(number)}`, { backup: id(number) }));
}

function transactions(...numbers: number[]): StoredPoint[] {
  return numbers.map((number) => plain(`jtx-${id(number)}`, { transaction: id(number) }));
}

const settled: KnownTransaction = {
  root: '/jails/web',
  state: 'committed',
  settled: true,
  confirmBy: null,
  undoneBy: null,
  snapshot: null,
};

interface Case {
  /** The roots of other jails. */
  others?: readonly string[];
  tree: readonly Stored[];
  own?: readonly string[];
  known?: Readonly<Record<string, Partial<KnownTransaction>>>;
  bases?: SourceState['bases'];
  targets?: readonly string[];
  committed?: readonly string[];
  keep?: { transactions?: string; backups?: string };
}

function planned({
  tree,
  own,
  known = {},
  bases = [],
  targets = ['nas'],
  others = [],
  committed = [],
  keep = {},
}: Case) {
  const state: SourceState = {
    root: '/jails/web',
    isOthers: (root) => others.includes(root),
    tree,
    own: new Set(own ?? tree.map(({ name }) => name)),
    bases,
    targets,
    known: (wanted) => ({ ...settled, ...known[wanted] }),
    committed,
  };
  const read = (text: string | undefined) => (text === undefined ? undefined : parseRetention(text));
  const retention = { transactions: read(keep.transactions), backups: read(keep.backups) };
  return planSource(state, retention, first + 9 * day);
}

const going = (points: readonly { id: string; goes: boolean }[]): number[] =>
  points.filter(({ goes }) => goes).map((point) => ids.indexOf(point.id));

const reason = (points: readonly { id: string; reasons: readonly string[] }[], number: number): string =>
  points.find((point) => point.id === id(number))?.reasons.join(', ') ?? '';

describe('planSource', () => {
  it('decides about transactions and backups apart, each over the whole tree', () => {
    const plan = planned({
      tree: [
        dataset('p/web', [...transactions(0, 1, 2), ...backups(3, 4)]),
        dataset('p/web/www', [...transactions(0), ...backups(3)]),
      ],
      keep: { transactions: 'last 1', backups: 'last 1' },
    });
    expect(going(plan.transactions)).toEqual([1, 0]);
    expect(going(plan.backups)).toEqual([3]);
    expect(plan.transactions.at(-1)?.snapshots).toEqual([`p/web@jtx-${id(0)}`, `p/web/www@jtx-${id(0)}`]);
  });

  it('lets nothing go of what nothing is configured for', () => {
    const tree = [dataset('p/web', [...transactions(0, 1), ...backups(2, 3)])];
    const plan = planned({ tree, keep: { backups: 'last 1' } });
    expect(going(plan.transactions)).toEqual([]);
    expect(plan.transactions.some(({ expendable }) => expendable)).toBe(false);
    expect(going(plan.backups)).toEqual([2]);
  });

  it.each<[string, Partial<StoredPoint>]>([
    ['a name alone', { name: `jtx-${id(0)}` }],
    ['the property of another', { name: `jtx-${id(0)}`, transaction: id(1) }],
    ['a backup by its name alone', { name: `jtx-backup-${id(0)}` }],
    ['a transaction that says it is a backup', { name: `jtx-${id(0)}`, backup: id(0) }],
    ['a rehearsal', { name: `jtx-${id(0)}-rehearsal`, transaction: id(0) }],
    ['by hand', { name: 'before-the-flood' }],
  ])('knows as foreign: %s', (_, foreign) => {
    const tree = [dataset('p/web', [plain('x', foreign), ...transactions(3, 4), ...backups(5, 6)])];
    const plan = planned({ tree, keep: { transactions: 'last 1', backups: 'last 1' } });
    expect(plan.foreign).toEqual([`p/web@${foreign.name}`]);
    expect([...going(plan.transactions), ...going(plan.backups)]).toEqual([3, 5]);
  });

  it.each<[string, Partial<KnownTransaction>]>([
    ['its transaction is open', { state: 'open' }],
    ['its transaction is stuck', { state: 'stuck', settled: false }],
    ['its transaction is rolled-back', { state: 'rolled-back' }],
    ['its transaction is not settled', { settled: false }],
    ['its transaction is on trial', { confirmBy: first }],
  ])('keeps the snapshot of a transaction: %s', (why, known) => {
    const tree = [dataset('p/web', transactions(0, 1, 2))];
    const plan = planned({ tree, known: { [id(0)]: known }, keep: { transactions: 'last 1' } });
    expect(going(plan.transactions)).toEqual([1]);
    expect(reason(plan.transactions, 0)).toBe(`pinned: ${why}`);
  });

  it('lets a trial go that was undone', () => {
    const known = { [id(0)]: { confirmBy: first, undoneBy: id(1) } };
    const tree = [dataset('p/web', transactions(0, 2))];
    expect(going(planned({ tree, known, keep: { transactions: 'last 1' } }).transactions)).toEqual([0]);
  });

  it('keeps all of a transaction or backup of which one snapshot is held or cloned', () => {
    const [held, cloned] = [{ holds: 1 }, { clones: ['p/web.aside-X/www'] }];
    const tree = [
      dataset('p/web', [...transactions(0, 1, 2), ...backups(3, 4, 5)]),
      dataset('p/web/www', [
        ...transactions(0).map((point) => ({ ...point, ...cloned })),
        ...backups(3).map((point) => ({ ...point, ...held })),
      ]),
    ];
    const plan = planned({ tree, keep: { transactions: 'last 1', backups: 'last 1' } });
    expect([going(plan.transactions), going(plan.backups)]).toEqual([[1], [4]]);
    expect(reason(plan.transactions, 0)).toBe('pinned: origin of p/web.aside-X/www');
    expect(reason(plan.backups, 3)).toBe('pinned: held');
  });

  it('keeps the base of a target unless a bookmark does', () => {
    const base = `jtx-backup-${id(0)}`;
    const bases = [{ target: 'nas', guids: new Set([base]) }];
    const keep = { backups: 'last 1' };
    const without = planned({ tree: [dataset('p/web', backups(0, 1))], bases, keep });
    expect(reason(without.backups, 0)).toBe('pinned: base of target nas');
    const mark = plain(`jtx-to-nas-${id(0)}`, { bookmark: true, guid: base });
    const marked = planned({ tree: [dataset('p/web', [mark, ...backups(0, 1)])], bases, keep });
    expect(going(marked.backups)).toEqual([0]);
  });

  it('keeps it also where only the bookmark of another target is left of it, which goes with the next backup to that', () => {
    const base = `jtx-backup-${id(0)}`;
    const bases = ['usb', 'nas'].map((target) => ({ target, guids: new Set([base]) }));
    const mark = plain(`jtx-to-usb-${id(0)}`, { bookmark: true, guid: base });
    const tree = [dataset('p/web', [mark, ...backups(0, 1)])];
    const plan = planned({ tree, bases, keep: { backups: 'last 1' } });
    expect(reason(plan.backups, 0)).toBe('pinned: base of target nas');
  });

  describe('a snapshot that is on its way to a target', () => {
    const mark = (number: number, more: Partial<StoredPoint> = {}): StoredPoint =>
      plain(`jtx-to-nas-${id(number)}-part`, {
        bookmark: true,
        guid: `jtx-backup-${id(number)}`,
        txg: number,
        ...more,
      });
    const base = (number: number): StoredPoint => ({ ...mark(number), name: `jtx-to-nas-${id(number)}` });
    const nights = backups(0, 1, 2, 3).map((point, txg) => ({ ...point, txg }));
    const cases: [string, StoredPoint[], Partial<Stored>, Partial<Case>, number[]][] = [
      ['stays, and for room too', [mark(1)], {}, {}, [2, 0]],
      ['stays while something older is there whole', [base(0), mark(1)], {}, {}, [2, 0]],
      ['and one of which that one has come whole since', [mark(1), mark(2)], {}, {}, [0]],
      ['goes once it has come', [mark(1), base(1)], {}, {}, [2, 1, 0]],
      ['goes once a newer one has come', [mark(1), base(2)], {}, {}, [2, 1, 0]],
      ['goes where the target is configured no more', [mark(1)], {}, { targets: ['usb'] }, [2, 1, 0]],
      ['goes where the dataset is not sent any more', [mark(1)], { backup: 'off' }, {}, [2, 1, 0]],
      ['says nothing of others', [mark(1, { guid: 'other' })], {}, {}, [2, 1, 0]],
    ];
    it.each(cases)('%s', (_, marks, more, given, expected) => {
      const tree = [{ ...dataset('p/web', [...nights, ...marks]), ...more }];
      const plan = planned({ tree, keep: { backups: 'last 1' }, ...given });
      expect(going(plan.backups)).toEqual(expected);
      const all = planned({ tree, keep: { backups: 'last 9' }, ...given });
      expect(going(all.backups.map((point) => ({ ...point, goes: point.expendable })))).toEqual(expected);
      if (!expected.includes(1)) expect(reason(plan.backups, 1)).toBe('pinned: on its way to target nas');
    });
  });

  it('keeps the newest backup before a transaction', () => {
    const tree = [dataset('p/web', backups(0, 1, 2, 4))];
    const plan = planned({ tree, committed: [id(3)], keep: { backups: 'last 1, transactions 1y' } });
    expect(going(plan.backups)).toEqual([1, 0]);
    expect(reason(plan.backups, 2)).toBe(`transaction ${id(3)}`);
  });

  it('leaves the snapshots of a jail that lies within to that jail', () => {
    const tree = [
      dataset('p/web', [...transactions(0, 1), ...backups(2, 3)]),
      dataset('p/web/db', [...transactions(4), ...backups(2, 3, 5)]),
    ];
    const plan = planned({
      tree,
      own: ['p/web'],
      known: { [id(4)]: { root: '/jails/web/db' } },
      others: ['/jails/web/db'],
      keep: { transactions: 'last 1', backups: 'last 1' },
    });
    expect(going(plan.transactions)).toEqual([0]);
    expect(plan.backups.flatMap(({ snapshots }) => snapshots)).toEqual([
      `p/web@jtx-backup-${id(3)}`,
      `p/web@jtx-backup-${id(2)}`,
    ]);
  });

  it.each<[string, Partial<Case>, number[]]>([
    ['goes on with it, whatever its root was', {}, [1, 0]],
    ['not with what is that of another jail now', { others: ['/jails/old'] }, []],
    ['not with that of a jail within, which was renamed', { own: ['p/web'] }, []],
  ])('of a jail that was renamed: %s', (_, more, expected) => {
    const within = more.own !== undefined;
    const tree = within
      ? [dataset('p/web', transactions(2)), dataset('p/web/db', transactions(0, 1, 2))]
      : [dataset('p/web', transactions(0, 1, 2))];
    const root = '/jails/old';
    const known = { [id(0)]: { root }, [id(1)]: { root } };
    const plan = planned({ tree, known, keep: { transactions: 'last 1' }, ...more });
    expect(going(plan.transactions)).toEqual(expected);
  });
});
