import { describe, expect, it } from 'vitest';
import type { Copy, CopyPoint } from '../../src/backup/copy.ts';
import { planCopies } from '../../src/backup/prune-copies.ts';
import { parseRetention } from '../../src/backup/retention-grammar.ts';
import { backupAt, copy, point } from './some-copies.ts';

const day = 24 * 3_600_000;
const first = Date.parse('2026-05-01T03:00:00Z');
const nights = Array.from({ length: 9 }, (_, night) => backupAt(first + night * day));
const night = (number: number): string => nights[number] ?? '';

/** Points of these nights. */
function at(...numbers: number[]): CopyPoint[] {
  return numbers.map((number) => point(night(number)));
}

function planned(copies: readonly Copy[], keep: string | undefined, transactions: string[] = []) {
  const retention = keep === undefined ? undefined : parseRetention(keep);
  const plan = planCopies(copies, {
    jail: 'web',
    host: 'here',
    retention,
    transactions,
    now: first + 9 * day,
  });
  return {
    stay: Object.fromEntries(
      plan.backups
        .filter(({ goes }) => !goes)
        .map(({ id, reasons }) => [nights.indexOf(id), reasons.join(', ')]),
    ),
    goes: plan.work.map(
      ({ copy: { name }, points }) =>
        `${name}: ${points.map(({ snapshot }) => nights.indexOf(snapshot.slice('jtx-backup-'.length))).join(' ')}`,
    ),
    drops: plan.drops.map(({ name }) => name),
    foreign: plan.foreign,
  };
}

describe('planCopies', () => {
  it('lets a backup go with all that belongs to it', () => {
    const plan = planned([copy('/www', at(0, 1, 2)), copy('', at(0, 1, 2))], 'last 1');
    expect(plan.stay).toEqual({ 2: 'the newest, pinned: base of the next backup, last 1 of 1' });
    expect(plan.goes).toEqual(['web: 0 1', 'web:www: 0 1']);
  });

  it('keeps the state of a child that had not changed since', () => {
    const plan = planned([copy('/www', at(0, 1)), copy('', at(0, 1, 2, 3, 4))], 'last 2');
    expect(plan.goes).toEqual(['web: 0 1 2', 'web:www: 0']);
  });

  it('keeps a state that an old backup alone refers to', () => {
    const plan = planned(
      [copy('/www', at(0, 1, 3)), copy('', at(0, 1, 2, 3, 4))],
      'last 1, transactions 1y',
      [backupAt(first + 2 * day + 5)],
    );
    expect(Object.keys(plan.stay)).toEqual(['2', '4']);
    expect(plan.goes).toEqual(['web: 0 1 3', 'web:www: 0']);
  });

  it('does nothing where nothing is configured, or all is kept', () => {
    const copies = [
      copy('/www', at(0, 1, 2)),
      copy('', at(0, 2)),
      copy('/old', [], { name: 'web:old.until-X' }),
    ];
    for (const keep of [undefined, 'all'])
      expect(planned(copies, keep)).toMatchObject({ goes: [], drops: [] });
    expect(planned(copies, undefined).stay[0]).toBe('nothing says what goes');
  });

  it('keeps what is newer than the last complete backup', () => {
    expect(planned([copy('/www', at(0, 1, 2, 3)), copy('', at(0, 1))], 'last 1').goes).toEqual([
      'web: 0',
      'web:www: 0',
    ]);
    expect(planned([copy('/www', at(0, 1, 2, 3))], 'last 1').goes).toEqual([]);
  });

  it('lets go what a backup has left that was cut off', () => {
    expect(planned([copy('/www', at(0, 1, 2)), copy('', at(0, 2))], 'last 2').goes).toEqual(['web:www: 1']);
  });

  it.each([
    ['held', { stays: 'held' }],
    ['a clone', { stays: 'origin of nas/web.look' }],
  ])('keeps a backup of which one dataset is needed by others: %s', (_, more) => {
    const www = [...at(0), point(night(1), more), ...at(2, 3)];
    const plan = planned([copy('/www', www), copy('', at(0, 1, 2, 3))], 'last 1');
    expect(plan.stay[1]).toBe(`pinned: ${more.stays}`);
    expect(plan.goes).toEqual(['web: 0 2', 'web:www: 0 2']);
  });

  it('keeps what the streams of others build upon, and all that belongs to it', () => {
    const chain = [
      point(night(0)),
      point(night(1), { base: night(0) }),
      point(night(2)),
      point(night(3), { base: night(2) }),
    ];
    const plan = planned([copy('/www', at(0, 1, 2, 3)), copy('', chain)], 'last 1');
    expect(plan.stay[2]).toBe('others build upon it');
    expect(plan.goes).toEqual(['web: 0 1', 'web:www: 0 1']);
  });

  it('keeps what the stream of a child builds upon', () => {
    const chain = [point(night(0)), point(night(1), { base: night(0) }), point(night(2), { base: night(1) })];
    expect(planned([copy('/www', chain), copy('', at(0, 1, 2))], 'last 1').goes).toEqual(['web: 0 1']);
  });

  it('keeps the base of the next backup where a clock was set back', () => {
    const plan = planned([copy('/www', [...at(3), ...at(1)]), copy('', [...at(3), ...at(1)])], 'last 1');
    expect(plan.stay).toEqual({ 3: 'the newest, last 1 of 1', 1: 'pinned: base of the next backup' });
    expect(plan.goes).toEqual([]);
  });

  it('drops a copy to which nothing refers any more, and no other', () => {
    const retired = copy('', at(0, 1), { name: `web.until-${night(2)}` });
    const gone = copy('/old', at(0, 1), { gone: night(3) });
    const copies = [retired, gone, copy('', at(2, 3, 4))];
    expect(planned(copies, 'last 2')).toMatchObject({
      goes: [`web.until-${night(2)}: 0 1`, 'web: 2', 'web:old: 0 1'],
      drops: [`web.until-${night(2)}`, 'web:old'],
    });
    // The child was there in the night before it went.
    expect(planned(copies, 'last 3')).toMatchObject({
      goes: [`web.until-${night(2)}: 0 1`, 'web:old: 0'],
      drops: [`web.until-${night(2)}`],
    });
  });

  it('drops no copy that holds what jtx did not make', () => {
    const foreign = { snapshot: 'by-hand', guid: '9' };
    const retired = copy('', [...at(0), foreign], { name: `web.until-${night(1)}` });
    const below = copy('/old', at(0), { gone: night(1), stays: 'there is nas/web:old/mine' });
    expect(planned([retired, below, copy('', at(1))], 'last 1')).toEqual({
      stay: { 1: 'the newest, pinned: base of the next backup, last 1 of 1' },
      goes: [`web.until-${night(1)}: 0`, 'web:old: 0'],
      drops: [],
      foreign: [`web.until-${night(1)}@by-hand`],
    });
  });

  it('touches no backup of another host, nor what that refers to', () => {
    const theirs = copy('', at(0, 1), { name: `web.until-${night(2)}`, host: 'there' });
    const plan = planned([theirs, copy('/www', at(0, 1, 2, 3)), copy('', at(2, 3))], 'last 1');
    expect(plan.stay).toMatchObject({ 0: 'pinned: made by there', 1: 'pinned: made by there' });
    expect(plan.goes).toEqual(['web: 2', 'web:www: 2']);
    expect(plan.foreign).toEqual([`web.until-${night(2)}, a backup of there`]);
  });

  it('looks at one jail alone', () => {
    const other = copy('', at(0, 1, 2), { jail: 'db', name: 'db' });
    expect(planned([other, copy('', at(0, 1))], 'last 1').goes).toEqual(['web: 0']);
  });
});
