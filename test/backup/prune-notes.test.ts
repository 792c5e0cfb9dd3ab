import { expect, test } from 'vitest';
import { strayBases } from '../../src/backup/prune-notes.ts';
import { snapshot, stored, ulid } from './stored.ts';

test('what a target has left that is configured no more is told, also where another begins with its name', () => {
  const marks = ['nas', 'nas-old'].flatMap((target, at) =>
    [ulid(1), `${ulid(2)}-part`].map((of) =>
      snapshot(at, { bookmark: true, name: `jtx-to-${target}-${of}` }),
    ),
  );
  const state = {
    root: '/jails/web',
    isOthers: () => false,
    tree: [stored(marks)],
    own: new Set<string>(),
    bases: [],
    targets: ['nas'],
    known: () => undefined,
    committed: [],
  };
  expect(strayBases([{ name: 'web', state }], ['nas'])).toEqual([
    `zroot/jails/web#jtx-to-nas-old-${ulid(1)} is of a target that is configured no more, and stays`,
    `zroot/jails/web#jtx-to-nas-old-${ulid(2)}-part is of a target that is configured no more, and stays`,
  ]);
});
