import { expect, test } from 'vitest';
import { lostCopies, type MemberNow } from '../../src/backup/lost-copies.ts';
import { copy, snapshot, stored, ulid } from './stored.ts';

const member = (path: string): MemberNow => ({
  source: stored([snapshot(1)]),
  description: { jail: 'web', path, host: 'here' },
});
const www = copy([1], { name: 'web:www', path: '/www' });
const theirs = { host: 'there' } as const;

test.each([
  ['a child that is no more', [copy([1]), www], ['web:www']],
  ['one that counts as gone already', [copy([1]), { ...www, gone: ulid(2) }], []],
  ['one that was put aside', [copy([1]), { ...www, name: `web:www.until-${ulid(2)}` }], []],
  ["another jail's", [copy([1]), { ...www, jail: 'other' }], []],
  ["a jail's of the same name that another host keeps here", [copy([7], theirs), { ...www, ...theirs }], []],
  [
    'of another host that goes on with what was restored here',
    [copy([1, 2], theirs), { ...www, ...theirs }],
    [],
  ],
  ['of a host that has got another name', [copy([1], theirs), { ...www, ...theirs }], ['web:www']],
])('%s', (_what, copies, lost) => {
  expect(lostCopies(copies, [member('')]).map(({ name }) => name)).toEqual(lost);
  expect(lostCopies(copies, [member(''), member('/www')])).toEqual([]);
});
