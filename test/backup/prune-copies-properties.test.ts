import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Copy, completeBackups, membersAt } from '../../src/backup/copy.ts';
import { backupOf } from '../../src/backup/names.ts';
import { type CopiesPlan, planCopies } from '../../src/backup/prune-copies.ts';
import { parseRetention } from '../../src/backup/retention-grammar.ts';
import { someRetention } from './some-case.ts';
import { someCopies } from './some-copies.ts';

const some = fc.record({ target: someCopies, retention: someRetention.map(parseRetention) });

function plan({ target: { copies, now }, retention }: typeof some extends fc.Arbitrary<infer T> ? T : never) {
  const rule = { jail: 'web', host: 'here', retention, transactions: [], now };
  return { copies, rule, planned: planCopies(copies, rule) };
}

/** The work point by point: of a dataset in any order, of a directory the newest first. */
function singly({ work }: CopiesPlan): CopiesPlan['work'] {
  return work.flatMap(({ copy, points }) => points.toReversed().map((point) => ({ copy, points: [point] })));
}

/** What is there after some steps of the work. */
function without(copies: readonly Copy[], work: CopiesPlan['work']): Copy[] {
  return copies.map((copy) => {
    const gone = work.filter((step) => step.copy === copy).flatMap(({ points }) => points);
    return { ...copy, points: copy.points.filter((point) => !gone.includes(point)) };
  });
}

/** What a backup brings back: of each path which state of which copy. */
function contents(copies: readonly Copy[], backup: string): string[] {
  return membersAt(copies, 'web', backup).map(
    ({ copy, point }) => `${copy.path} ${copy.name}@${point.snapshot}`,
  );
}

/** Whether everything is there that a point builds upon. */
function isWhole(copy: Copy, id: string): boolean {
  const found = copy.points.find(({ snapshot }) => backupOf(snapshot) === id);
  return found !== undefined && (found.base === undefined || isWhole(copy, found.base));
}

describe('what goes of the copies of a jail', () => {
  it('never changes what a backup that stays brings back, at whatever step it is cut off', () => {
    fc.assert(
      fc.property(some, (given) => {
        const { copies, planned } = plan(given);
        const work = singly(planned);
        for (let steps = 0; steps <= work.length; steps += 1) {
          const left = without(copies, work.slice(0, steps));
          for (const backup of completeBackups(left, 'web')) {
            expect(contents(left, backup)).toEqual(contents(copies, backup));
            for (const { copy, point } of membersAt(left, 'web', backup))
              expect(isWhole(copy, backupOf(point.snapshot) ?? '')).toBe(true);
          }
        }
      }),
    );
  });

  it('leaves those backups that it says stay, and the newest among them', () => {
    fc.assert(
      fc.property(some, (given) => {
        const { copies, planned } = plan(given);
        const stay = planned.backups.filter(({ goes }) => !goes).map(({ id }) => id);
        expect(completeBackups(without(copies, planned.work), 'web')).toEqual(stay.toSorted());
        expect(stay).toEqual(expect.arrayContaining(completeBackups(copies, 'web').slice(-1)));
        for (const { goes, reasons } of planned.backups) expect(reasons.length === 0).toBe(goes);
      }),
    );
  });

  it('is nothing foreign and nothing held', () => {
    fc.assert(
      fc.property(some, (given) => {
        const { copies, planned } = plan(given);
        const going = planned.work.flatMap(({ points }) => points);
        expect(going.filter(({ snapshot }) => backupOf(snapshot) === undefined)).toEqual([]);
        expect(going.filter(({ stays }) => stays !== undefined)).toEqual([]);
        const foreign = (all: readonly Copy[]): number =>
          all.flatMap(({ points }) => points).filter(({ snapshot }) => !snapshot.startsWith('jtx-')).length;
        expect(foreign(without(copies, planned.work))).toBe(foreign(copies));
        for (const copy of planned.drops) expect(without([copy], planned.work)[0]?.points).toEqual([]);
      }),
    );
  });

  it('is not the base of the next backup', () => {
    fc.assert(
      fc.property(some, (given) => {
        const { copies, planned } = plan(given);
        const live = copies.filter(({ name, gone }) => !name.includes('.until-') && gone === undefined);
        const newest = live.map(({ points }) => points.findLast((one) => backupOf(one.snapshot)));
        const going = planned.work.flatMap(({ points }) => points);
        expect(newest.filter((one) => one && going.includes(one))).toEqual([]);
        expect(planned.drops.filter((copy) => live.includes(copy))).toEqual([]);
      }),
    );
  });

  it('is all that goes: a second time there is nothing left to do', () => {
    fc.assert(
      fc.property(some, (given) => {
        const { copies, rule, planned } = plan(given);
        const left = without(copies, planned.work).filter(
          ({ name }) => !planned.drops.some((drop) => drop.name === name),
        );
        const again = planCopies(left, rule);
        expect(again.work).toEqual([]);
        expect(again.drops).toEqual([]);
      }),
    );
  });

  it('goes too when an earlier run was cut off', () => {
    fc.assert(
      fc.property(some, fc.nat(), (given, number) => {
        const { copies, rule, planned } = plan(given);
        const work = singly(planned);
        const cut = without(copies, work.slice(0, number % (work.length + 1)));
        const end = without(cut, planCopies(cut, rule).work);
        expect(end).toEqual(without(copies, planned.work));
      }),
    );
  });
});
