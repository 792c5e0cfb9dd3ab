import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { errnoOf, isFull } from '../../src/host/errno.ts';

/** As Node makes one: what libuv has no name for has a number in its place. */
function failure(code: string, errno: number): Error {
  return Object.assign(new Error(code), { code, errno });
}

test.each([
  ['a full file system', failure('ENOSPC', -constants.errno.ENOSPC), 'ENOSPC', true],
  ['a quota', failure('Unknown system error', -constants.errno.EDQUOT), 'EDQUOT', true],
  ['a missing file', failure('ENOENT', -constants.errno.ENOENT), 'ENOENT', false],
  ['an error without a code', new Error('no'), undefined, false],
  ['no error', 'ENOSPC', undefined, false],
])('the errno of %s', (_what, error, errno, full) => {
  expect([errnoOf(error), isFull(error)]).toEqual([errno, full]);
});
