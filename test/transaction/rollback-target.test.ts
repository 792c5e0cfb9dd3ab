import { expect, test } from 'vitest';
import { newestAt } from '../../src/transaction/rollback-target.ts';
import type { Point } from '../../src/zfs/newer.ts';

const web = 'zroot/jails/web';

function point(name: string, creation: number, txg: number, bookmark = false): Point {
  const dataset = name.slice(0, name.search(/[@#]/));
  return { name, dataset, creation, txg, bookmark, holds: 0, own: false, ofBackup: false };
}

const monday = point(`${web}@jtx-backup-01`, 100, 10);
const wednesday = point(`${web}@nightly`, 300, 30);

test.each<[string, Point[], number, string | undefined]>([
  ['none', [], 400_000, undefined],
  ['none from then', [monday, wednesday], 99_999, undefined],
  ['the newest', [monday, wednesday], 400_000, wednesday.name],
  ['one of that very second', [monday, wednesday], 300_000, wednesday.name],
  ['no younger one', [monday, wednesday], 299_999, monday.name],
  ['no bookmark', [monday, point(`${web}#later`, 200, 20, true)], 400_000, monday.name],
  ['of one second the last', [point(`${web}@b`, 300, 31), wednesday], 400_000, `${web}@b`],
  [
    'what was newest then, also where an older one was received since',
    [
      { ...monday, txg: 90 },
      { ...wednesday, name: `${web}.aside-01@nightly`, dataset: `${web}.aside-01` },
    ],
    400_000,
    `${web}.aside-01@nightly`,
  ],
])('a time means %s', (_what, points, moment, name) => {
  expect(newestAt(points, moment)?.name).toBe(name);
});
