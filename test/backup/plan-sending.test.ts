import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { isCurrent, planSending } from '../../src/backup/plan-sending.ts';
import { copy, snapshot, stored, ulid } from './stored.ts';

const wanted = `jtx-backup-${ulid(9)}`;
const foreign = { snapshot: 'daily', guid: 'f' };

describe('how a snapshot gets to a target', () => {
  test.each([
    ['nothing is there', [snapshot(9)], undefined, { do: 'full' }],
    ['it is there', [snapshot(9)], copy([1, 9]), { do: 'nothing' }],
    [
      'the newest is here',
      [snapshot(1), snapshot(3), snapshot(9)],
      copy([1, 3]),
      { do: 'increment', base: `@${snapshot(3).name}` },
    ],
    [
      'of the newest a bookmark is here',
      [snapshot(3, { bookmark: true, name: 'mark' }), snapshot(9)],
      copy([3]),
      { do: 'increment', base: '#mark' },
    ],
    [
      'both are: the snapshot',
      [snapshot(3, { bookmark: true, name: 'mark' }), snapshot(3), snapshot(9)],
      copy([3]),
      { do: 'increment', base: `@${snapshot(3).name}` },
    ],
    [
      'only an older one is here',
      [snapshot(1), snapshot(9)],
      copy([1, 3, 5]),
      { do: 'fork', from: snapshot(1).name, base: `@${snapshot(1).name}` },
    ],
    [
      'what both have is newer than what is wanted',
      [snapshot(9), snapshot(12)],
      copy([3, 12]),
      { do: 'anew' },
    ],
    ['nothing is here', [snapshot(9)], copy([1, 3]), { do: 'anew' }],
    [
      'a stream was interrupted',
      [snapshot(3), snapshot(9)],
      copy([3], { token: 't' }),
      { do: 'resume', token: 't' },
    ],
    ['the first was', [snapshot(9)], copy([], { token: 't' }), { do: 'resume', token: 't' }],
    ['a fork was cut off', [snapshot(1), snapshot(9)], copy([]), { do: 'promote' }],
  ] as const)('%s', (_what, points, there, plan) => {
    expect(planSending(stored(points), wanted, there, 'here')).toEqual(plan);
  });

  it('a foreign snapshot that is the newest stands in the way, one that both have does not', () => {
    const points = [...copy([1]).points, foreign];
    const here = [snapshot(1), snapshot(9)];
    expect(planSending(stored(here), wanted, copy([], { points }), 'here')).toMatchObject({
      do: 'refuse',
      why: expect.stringContaining('web@daily, which jtx did not make, is newer'),
    });
    const common = snapshot(5, { name: 'daily', guid: 'f' });
    expect(planSending(stored([...here, common]), wanted, copy([], { points }), 'here')).toEqual({
      do: 'increment',
      base: '@daily',
    });
    const older = [foreign, ...copy([3]).points];
    expect(planSending(stored(here), wanted, copy([], { points: older }), 'here')).toEqual({ do: 'anew' });
  });

  it.each([
    ['what it has', copy([1, 3], { host: 'there' })],
    ['what it has begun', copy([], { host: 'there', token: 't' })],
    ['an unfinished fork', copy([], { host: 'there' })],
  ])('another host keeps %s', (_what, there) => {
    const plan = planSending(stored([snapshot(9)]), wanted, there, 'here');
    expect(plan).toMatchObject({ do: 'refuse', why: expect.stringContaining('that there makes') });
  });

  it('another host keeps what it has gone on with since the jail was restored here from its backup', () => {
    const points = [snapshot(3), snapshot(9)];
    const plan = planSending(stored(points), wanted, copy([3, 5], { host: 'there' }), 'here');
    expect(plan).toMatchObject({ do: 'refuse', why: expect.stringContaining('that there makes') });
    // What did not come with the last complete backup, as the host was lost: the jail itself decides.
    const child = copy([3, 5], { host: 'there', name: 'web:data', path: '/data' });
    expect(planSending(stored(points), wanted, child, 'here').do).toBe('fork');
  });

  it('what is newer and not of jtx does not keep a jail that has moved from going on', () => {
    const points = [...copy([3]).points, { snapshot: 'daily', guid: 'f' }];
    const theirs = copy([], { host: 'there', points });
    const here = [snapshot(3), snapshot(4, { name: 'daily', guid: 'f' }), snapshot(9)];
    expect(planSending(stored(here), wanted, theirs, 'here').do).toBe('increment');
  });

  it('a jail that has moved to another host goes on', () => {
    const plan = planSending(
      stored([snapshot(3), snapshot(9)]),
      wanted,
      copy([3], { host: 'there' }),
      'here',
    );
    expect(plan.do).toBe('increment');
  });

  it('a base is always older than what is sent, and there is one where both have something older', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 8 });
    fc.assert(
      fc.property(numbers, numbers, fc.integer({ min: 1, max: 20 }), (here, there, now) => {
        const points = [...new Set([...here, now])].sort((a, b) => a - b).map((at) => snapshot(at));
        const backups = there.toSorted((a, b) => a - b);
        const plan = planSending(stored(points), snapshot(now).name, copy(backups), 'here');
        const common = here.filter((at) => at < now && backups.includes(at));
        if (plan.do === 'increment') expect(plan.base).toBe(`@${snapshot(backups.at(-1) ?? 0).name}`);
        if (plan.do === 'fork') expect(plan.from).toBe(snapshot(Math.max(...common)).name);
        if (common.length > 0 && backups.at(-1) !== now) expect(['increment', 'fork']).toContain(plan.do);
        else if (backups.length > 0 && backups.at(-1) !== now) expect(plan.do).toBe('anew');
      }),
    );
  });
});

describe('a dataset is current', () => {
  const same = [snapshot(1), snapshot(3)];
  test.each([
    ['nothing was written since', stored(same), copy([1, 3]), true],
    ['something was', stored(same, { written: 512 }), copy([1, 3]), false],
    ['zfs cannot tell', stored(same, { written: undefined }), copy([1, 3]), false],
    ['a snapshot since has nothing', stored([...same, snapshot(5, { written: 0 })]), copy([1, 3]), true],
    ['a snapshot since has something', stored([...same, snapshot(5)]), copy([1, 3]), false],
    [
      'of the base a bookmark is left',
      stored([snapshot(3, { bookmark: true, name: 'mark' })]),
      copy([3]),
      true,
    ],
    ['the base is gone', stored([snapshot(1)]), copy([1, 3]), false],
    ['it is not there', stored(same), undefined, false],
    ['a stream is unfinished', stored(same), copy([1, 3], { token: 't' }), false],
    ['it counts as gone', stored(same), copy([1, 3], { gone: ulid(4) }), false],
    [
      'a foreign snapshot is the newest there',
      stored(same),
      copy([], { points: [...copy([3]).points, foreign] }),
      true,
    ],
    [
      'an older one has a later name, from a clock that was set back',
      stored([snapshot(1), snapshot(4), snapshot(3, { txg: 5 })]),
      copy([1, 4, 3]),
      false,
    ],
    ['only foreign ones are there', stored(same), copy([], { points: [foreign] }), false],
  ])('where %s: %#', (_what, source, there, current) => {
    expect(isCurrent(source, there)).toBe(current);
  });

  test.each([
    ['nothing up to it', [snapshot(3), snapshot(5, { written: 0 }), snapshot(9)], true],
    ['something up to it', [snapshot(3), snapshot(5), snapshot(9)], false],
    ['the snapshot is not there', [snapshot(3)], false],
  ])('at a snapshot: %s', (_what, points, current) => {
    expect(isCurrent(stored(points, { written: 512 }), copy([3]), snapshot(5).name)).toBe(current);
  });

  it('not by a backup whose name is later than the one that is made, from a clock that ran ahead', () => {
    const ahead = snapshot(20, { txg: 3 });
    const source = stored([ahead, snapshot(5, { written: 0 })], { written: 0 });
    expect(isCurrent(source, copy([1, 20]))).toBe(true);
    expect(isCurrent(source, copy([1, 20]), snapshot(5).name)).toBe(false);
  });
});
