import fc from 'fast-check';
import { ulid as makeUlid } from 'ulid';
import { describe, expect, it, test } from 'vitest';
import { baseFor, chainOf, type Link, removable } from '../../src/backup/chain.ts';
import { snapshot, stored, ulid } from './stored.ts';

/** The stream of a backup upon another; 0 is a whole one. */
function link(at: number, base: number): Link {
  const on = base === 0 ? null : { backup: ulid(base), guid: String(base) };
  return { backup: ulid(at), snapshot: snapshot(at).name, guid: String(at), base: on, bytes: 1, sha256: '' };
}

const chain = [link(1, 0), link(2, 1), link(3, 2), link(4, 0), link(5, 4)];

describe('the streams of a backup', () => {
  test.each([
    ['whole', 1, [1]],
    ['a chain', 3, [1, 2, 3]],
    ['the second chain', 5, [4, 5]],
    ['none', 9, undefined],
  ])('%s', (_what, backup, expected) => {
    expect(chainOf(chain, ulid(backup))?.map(({ guid }) => Number(guid))).toEqual(expected);
  });

  it('a gap, another base of the same name and a circle make none', () => {
    expect(chainOf([link(1, 0), link(3, 2)], ulid(3))).toBeUndefined();
    expect(chainOf([{ ...link(1, 0), guid: 'other' }, link(2, 1)], ulid(2))).toBeUndefined();
    expect(chainOf([link(1, 2), link(2, 1)], ulid(2))).toBeUndefined();
  });
});

describe('the base of the next stream', () => {
  const now = 0;
  const wanted = snapshot(9).name;
  const base = (links: readonly Link[], points: readonly ReturnType<typeof snapshot>[], at = now) =>
    baseFor(links, stored(points), wanted, at)?.name;

  test.each([
    ['the newest that is here', [snapshot(1), snapshot(3), snapshot(9)], `@${snapshot(3).name}`],
    ['an older one after a rollback', [snapshot(1), snapshot(9)], `@${snapshot(1).name}`],
    ['a bookmark', [snapshot(3, { bookmark: true, name: 'mark' }), snapshot(9)], '#mark'],
    ['nothing newer than itself', [snapshot(9), snapshot(12)], undefined],
    ['none', [snapshot(9)], undefined],
  ])('%s', (_what, points, expected) => {
    expect(base([link(1, 0), link(2, 1), link(3, 2), link(12, 0)], points)).toBe(expected);
  });

  it('none where the chain is broken, or four weeks old', () => {
    expect(base([link(3, 2)], [snapshot(3), snapshot(9)])).toBeUndefined();
    const begun = Date.UTC(2026, 0, 1);
    const first = { ...link(3, 0), backup: makeUlid(begun) };
    const points = [snapshot(3), snapshot(9)];
    expect(base([first], points, begun + 27 * 86_400_000)).toBe(`@${snapshot(3).name}`);
    expect(base([first], points, begun + 29 * 86_400_000)).toBeUndefined();
  });
});

it('what goes leaves every backup that stays with all its streams', () => {
  const links = fc
    .array(fc.nat(), { minLength: 1, maxLength: 12 })
    .map((choices) => choices.map((choice, at) => link(at + 1, choice % (at + 1))));
  fc.assert(
    fc.property(links, fc.array(fc.integer({ min: 1, max: 12 })), (all, numbers) => {
      const unwanted = all.map(({ backup }) => backup).filter((one) => numbers.map(ulid).includes(one));
      const gone = removable(all, unwanted);
      const left = all.filter(({ backup }) => !gone.includes(backup));
      for (const { backup } of left) expect(chainOf(left, backup)).toEqual(chainOf(all, backup));
      expect(unwanted).toEqual(expect.arrayContaining(gone));
      // None stays that nobody builds upon.
      for (const backup of unwanted)
        if (!gone.includes(backup))
          expect(
            left.some(
              (one) =>
                !unwanted.includes(one.backup) &&
                chainOf(left, one.backup)?.some((part) => part.backup === backup),
            ),
          ).toBe(true);
    }),
  );
});
