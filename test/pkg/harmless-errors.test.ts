import { expect, test } from 'vitest';
import { RunObserver } from '../../src/pkg/events.ts';

const newer = 'warning: database version 43 is newer than libpkg(3) version 42, but still compatible';

test.each<[string, Record<string, unknown>, string | undefined]>([
  ['a database of a newer minor schema', { msg: newer }, undefined],
  [
    'one that pkg cannot use',
    { msg: newer.replace('but still', 'and not') },
    newer.replace('but still', 'and not'),
  ],
  ['something that only begins so', { msg: `${newer}: or is it` }, `${newer}: or is it`],
  ['a script that says so', { msg: `x ${newer}` }, `x ${newer}`],
  [
    'a directory that is gone already',
    { msg: 'unlinkat(usr/local/share/x/): No such file or directory', errno: 2 },
    undefined,
  ],
  ['a link in the place of one', { msg: 'unlinkat(var/db/x): Not a directory', errno: 20 }, undefined],
  [
    'a directory that cannot be removed',
    { msg: 'unlinkat(usr/local/x/): Operation not permitted', errno: 1 },
    'unlinkat(usr/local/x/): Operation not permitted',
  ],
  [
    'another call for what is not there',
    { msg: 'open(usr/local/x): No such file or directory', errno: 2 },
    'open(usr/local/x): No such file or directory',
  ],
  [
    'the same without a number',
    { msg: 'unlinkat(usr/local/share/x/): No such file or directory' },
    'unlinkat(usr/local/share/x/): No such file or directory',
  ],
])('%s', (_what, data, expected) => {
  const observer = new RunObserver({ fetch() {}, extract() {} });
  observer.observe({ type: 'ERROR', data });
  expect(observer.errors.map(({ message }) => message)).toEqual(expected === undefined ? [] : [expected]);
});

test('no other kind of error is passed over', () => {
  const observer = new RunObserver({ fetch() {}, extract() {} });
  observer.observe({ type: 'ERROR_PLUGIN', data: { msg: newer } });
  expect(observer.errors).toHaveLength(1);
});
