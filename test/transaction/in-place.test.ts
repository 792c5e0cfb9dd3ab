import { describe, expect, it } from 'vitest';
import type { Member } from '../../src/journal/rows.ts';
import { judgeInPlace } from '../../src/transaction/in-place.ts';
import type { Point } from '../../src/zfs/newer.ts';

const web = 'zroot/jails/web';
const one = 'jtx-01K7A0000000000000000000A1';
const two = 'jtx-01K7A0000000000000000000A2';
const three = 'jtx-01K7A0000000000000000000A3';

function member(path = '', reverted = true): Member {
  return { name: web + path, mountpoint: `/jails/web${path}`, mounted: true, reverted };
}

const ownName = /@jtx-[0-9A-HJKMNP-TV-Z]{26}(-rehearsal)?$/;

/** A snapshot of jtx's own has its property, unless a case says otherwise. */
function point(name: string, txg: number, holds = 0, own = ownName.test(name)): Point {
  const at = name.search(/[@#]/);
  return {
    name: web + name,
    dataset: web + name.slice(0, at),
    txg,
    creation: 1_760_000_000 + txg,
    bookmark: name[at] === '#',
    holds,
    own,
    ofBackup: false,
  };
}

const target = point(`@${one}`, 10);
const none = new Map<string, string>();

describe('going back in place', () => {
  it('destroys nothing where its snapshot is the newest', () => {
    const points = [point('@foreign', 5), point('#mark', 6), target];
    expect(judgeInPlace([member()], one, points, none)).toEqual({ obstacles: [], spent: [] });
  });

  it("destroys jtx's own newer snapshots, the newest first, of each dataset", () => {
    const points = [
      target,
      point(`/data@${one}`, 10),
      point(`@${two}`, 20),
      point(`/data@${two}`, 20),
      point(`@${two}-rehearsal`, 25),
      point(`@${three}`, 30),
    ];
    expect(judgeInPlace([member(), member('/data')], one, points, none)).toEqual({
      obstacles: [],
      spent: [`${web}@${three}`, `${web}@${two}-rehearsal`, `${web}@${two}`, `${web}/data@${two}`],
    });
  });

  it.each<[string, Point, ReadonlyMap<string, string>, string]>([
    ['a newer snapshot of others', point('@daily', 11), none, `${web}@daily`],
    ['a newer bookmark', point('#daily', 11), none, `${web}#daily`],
    ["a bookmark that bears jtx's name", point(`#${two}`, 11), none, `${web}#${two}`],
    ["a snapshot that is nearly called like jtx's own", point('@jtx-daily', 11), none, `${web}@jtx-daily`],
    [
      "a snapshot with jtx's name that bears no property of its own",
      point(`@${two}`, 11, 0, false),
      none,
      `${web}@${two}`,
    ],
    ['one with more to its name', point(`@${two}-copy`, 11), none, `${web}@${two}-copy`],
    ['one in lower case', point(`@${two.toLowerCase()}`, 11), none, `${web}@${two.toLowerCase()}`],
    ['one of its own that is held', point(`@${two}`, 11, 1), none, `${web}@${two}, which is held`],
    [
      'one of its own that has a clone',
      point(`@${two}`, 11),
      new Map([['zroot/test', `${web}@${two}`]]),
      `zroot/test, a clone of ${web}@${two}`,
    ],
    [
      'one of its own that is held and has a clone',
      point(`@${two}`, 11, 2),
      new Map([['zroot/test', `${web}@${two}`]]),
      `zroot/test, a clone of ${web}@${two}`,
    ],
  ])('is not possible with %s', (_what, newer, origins, obstacle) => {
    expect(judgeInPlace([member()], one, [target, newer], origins)).toEqual({
      obstacles: [obstacle],
      spent: [],
    });
  });

  it('is not possible for a child that was made since', () => {
    const { obstacles } = judgeInPlace([member(), member('/new')], one, [target], none);
    expect(obstacles).toEqual([`${web}/new, which was made since`]);
    // A bookmark of that name is no snapshot to go back to.
    const marked = judgeInPlace([member()], one, [point(`#${one}`, 10)], none);
    expect(marked.obstacles).toEqual([`${web}, which was made since`]);
  });

  it('asks nothing of a child that stays as it is', () => {
    const points = [target, point('/data@daily', 40)];
    expect(judgeInPlace([member(), member('/data', false)], one, points, none)).toEqual({
      obstacles: [],
      spent: [],
    });
  });

  it('is not hindered by clones of what is older, or of the snapshot itself', () => {
    const points = [point('@old', 5), target];
    const origins = new Map([
      ['zroot/a', `${web}@old`],
      ['zroot/b', `${web}@${one}`],
      ['zroot/c', 'zroot/other@x'],
    ]);
    expect(judgeInPlace([member()], one, points, origins)).toEqual({ obstacles: [], spent: [] });
  });

  it('names all that stands against it, and what would go besides', () => {
    const points = [target, point(`@${two}`, 20), point('@daily', 30), point('#daily', 31)];
    expect(judgeInPlace([member(), member('/new')], one, points, none)).toEqual({
      obstacles: [`${web}#daily`, `${web}@daily`, `${web}/new, which was made since`],
      spent: [`${web}@${two}`],
    });
  });
});
