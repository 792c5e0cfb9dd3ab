import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  type Copy,
  completeBackups,
  type Description,
  describeAt,
  describedAt,
  membersAt,
  packDescription,
  parseDescription,
  printDescription,
} from '../../src/backup/copy.ts';
import { copy, ulid } from './stored.ts';

const description = fc.record<Description>({
  jail: fc.string(),
  path: fc.string({ unit: 'binary' }),
  at: fc.option(fc.string(), { nil: undefined }),
  volume: fc.boolean(),
  host: fc.string(),
  properties: fc.array(fc.tuple(fc.string(), fc.string({ unit: 'binary', maxLength: 3000 }))),
  gone: fc.option(fc.string(), { nil: undefined }),
});

describe('a description', () => {
  it('is read as it was written, however it was written', () => {
    fc.assert(
      fc.property(description, (one) => {
        for (const text of [printDescription(one), packDescription(one)]) {
          expect(text).not.toMatch(/[\t\n]/);
          expect(parseDescription(text)).toEqual(one);
        }
      }),
    );
  });

  it('fits into a property', () => {
    const properties = Array.from({ length: 60 }, (_, at) => [`org:note${at}`, 'value '.repeat(60)] as const);
    const long = { ...copy([]), properties };
    expect(printDescription(long).length).toBeGreaterThan(8192);
    expect(packDescription(long).length).toBeLessThan(8192);
  });

  test.each([
    '',
    'web',
    '{',
    'null',
    '[]',
    '{"v":2,"jail":"web","path":"","host":"h"}',
    '{"v":1}',
    'deflate:',
    'deflate:AAAA',
  ])('is none in %j', (text) => {
    expect(parseDescription(text)).toBeUndefined();
  });

  it('remembers when it was away', () => {
    const now = copy([]);
    expect(describeAt(now, undefined, ulid(3)).away).toBeUndefined();
    expect(describeAt(now, copy([]), ulid(3)).away).toBeUndefined();
    const back = describeAt(now, copy([], { gone: ulid(2) }), ulid(3));
    expect([back.gone, back.away]).toEqual([undefined, [[ulid(2), ulid(3)]]]);
    expect(parseDescription(printDescription(back))).toMatchObject({ away: [[ulid(2), ulid(3)]] });
    const again = describeAt(now, { ...back, gone: ulid(5) }, ulid(7));
    expect(again.away).toEqual([
      [ulid(2), ulid(3)],
      [ulid(5), ulid(7)],
    ]);
    expect(describeAt(now, again, ulid(8)).away).toEqual(again.away);
  });
});

describe('the members of a jail at a backup', () => {
  const www = (backups: readonly number[], more: Partial<Copy> = {}): Copy =>
    copy(backups, { name: 'web:www', path: '/www', ...more });
  const until = (at: number): string => `web:www.until-${ulid(at)}`;
  const at = (copies: readonly Copy[], backup: number): string[] =>
    membersAt(copies, 'web', ulid(backup)).map(
      (member) => `${member.copy.name} ${Number(member.point.guid)}`,
    );

  test.each([
    ['all of it', [copy([1, 2]), www([1, 2])], 2, ['web 2', 'web:www 2']],
    ['an older one', [copy([1, 2]), www([1, 2])], 1, ['web 1', 'web:www 1']],
    ['a child that had not changed', [copy([1, 2, 3]), www([1])], 3, ['web 3', 'web:www 1']],
    ['a child that came later', [copy([1, 2]), www([2])], 1, ['web 1']],
    ['no complete backup', [copy([1]), www([1, 2])], 2, []],
    ['a child that has gone', [copy([1, 2, 3]), www([1], { gone: ulid(2) })], 3, ['web 3']],
    ['before it went', [copy([1, 2, 3]), www([1], { gone: ulid(2) })], 1, ['web 1', 'web:www 1']],
    ['while it was away', [copy([1, 2, 3]), www([1, 3], { away: [[ulid(2), ulid(3)]] })], 2, ['web 2']],
    [
      'since it is back',
      [copy([1, 2, 3]), www([1, 3], { away: [[ulid(2), ulid(3)]] })],
      3,
      ['web 3', 'web:www 3'],
    ],
    ['a child made anew', [copy([1, 2]), www([2]), www([1], { name: until(2) })], 2, ['web 2', 'web:www 2']],
    ['before that', [copy([1, 2]), www([2]), www([1], { name: until(2) })], 1, ['web 1', `${until(2)} 1`]],
    [
      'a child made anew that has gone: not the one before it',
      [copy([1, 2, 3]), www([2], { gone: ulid(3) }), www([1], { name: until(2) })],
      3,
      ['web 3'],
    ],
    [
      'after a rollback, a child that was not sent again',
      [copy([1, 5]), copy([2, 3], { name: `web.until-${ulid(5)}` }), www([1])],
      5,
      ['web 5', 'web:www 1'],
    ],
    [
      'before it',
      [copy([1, 5]), copy([2, 3], { name: `web.until-${ulid(5)}` }), www([1])],
      3,
      [`web.until-${ulid(5)} 3`, 'web:www 1'],
    ],
    ["of another jail's", [copy([1]), www([1], { jail: 'other' })], 1, ['web 1']],
  ] as const)('%s', (_what, copies, backup, members) => {
    expect(at(copies, backup)).toEqual(members);
  });

  test.each([
    ['the newest', [copy([1, 2]), www([1])], 2, 2],
    ['an older one is described as the newest', [copy([1, 2, 4]), www([1])], 1, 4],
    ['the last before a rollback', [copy([1, 5]), copy([2, 3], { name: `web.until-${ulid(5)}` })], 3, 3],
    ['one before that, which came to lie with those that go on', [copy([1, 5])], 1, 5],
    [
      'a jail made anew whose child went on',
      [copy([5]), copy([2, 3], { name: `web.until-${ulid(5)}` }), www([2])],
      3,
      5,
    ],
    ['one that is not complete has described nothing', [copy([1]), www([1, 2])], 1, 1],
  ] as const)('when they were described: %s', (_what, copies, backup, described) => {
    expect(describedAt(copies, 'web', membersAt(copies, 'web', ulid(backup)))).toBe(ulid(described));
  });

  it('complete are those that the jail itself has, whatever else is there', () => {
    const aside = copy([2, 3], { name: `web.until-${ulid(5)}` });
    const foreign = { snapshot: 'daily', guid: 'f' };
    const copies = [copy([], { points: [...copy([1, 5]).points, foreign] }), aside, www([4])];
    expect(completeBackups(copies, 'web')).toEqual([1, 2, 3, 5].map(ulid));
    expect(completeBackups(copies, 'nosuch')).toEqual([]);
  });
});
