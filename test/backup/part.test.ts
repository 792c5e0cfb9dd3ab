import { expect, test } from 'vitest';
import { keepBase, partMark } from '../../src/backup/base.ts';
import { markPart } from '../../src/backup/part.ts';
import type { StoredPoint } from '../../src/zfs/inventory.ts';
import { scripted } from '../host/scripted.ts';
import { snapshot, stored, ulid } from './stored.ts';

const dataset = 'zroot/jails/web';
const name = (at: number): string => `jtx-backup-${ulid(at)}`;
const mark = (at: number, target = 'nas'): StoredPoint =>
  snapshot(at, { bookmark: true, name: partMark(target, name(at)) });
const base = (at: number): StoredPoint => snapshot(at, { bookmark: true, name: `jtx-to-nas-${ulid(at)}` });
const made = (at: number): string => `zfs bookmark ${dataset}@${name(at)} ${dataset}#jtx-to-nas-${ulid(at)}`;
const gone = (point: StoredPoint): string => `zfs destroy ${dataset}#${point.name}`;

test.each<[string, StoredPoint[], string, string | undefined, string[]]>([
  ['is marked', [], `${dataset}@${name(1)}`, undefined, [`${made(1)}-part`]],
  ['is marked once', [mark(1)], `${dataset}@${name(1)}`, undefined, []],
  [
    'takes the place of what came to nothing',
    [mark(1), mark(2, 'usb')],
    `${dataset}@${name(3)}`,
    undefined,
    [`${made(3)}-part`, gone(mark(1))],
  ],
  [
    'leaves its base, which has come whole and has no other mark',
    [mark(1)],
    `${dataset}@${name(3)}`,
    '1',
    [`${made(3)}-part`],
  ],
  ['is nothing of the jail since that was set aside', [], `${dataset}.aside-x@${name(1)}`, undefined, []],
])('what is on its way %s', async (_, marks, sent, last, commands) => {
  const { run, calls } = scripted({ 'zfs bookmark': {}, 'zfs destroy': {} });
  await markPart(run, stored(marks), sent, 'nas', last);
  expect(calls).toEqual(commands);
});

test('what has come lets go of what was on its way to the same target', async () => {
  const { run, calls } = scripted({ 'zfs bookmark': {}, 'zfs destroy': {} });
  const source = stored([base(1), mark(2), mark(2, 'usb'), mark(2, 'nas-old')]);
  await keepBase(run, { modern: true }, source, name(3), 'nas');
  expect(calls).toEqual([made(3), gone(base(1)), gone(mark(2))]);
});
