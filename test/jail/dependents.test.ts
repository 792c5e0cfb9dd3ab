import { expect, test } from 'vitest';
import { dependentsOf } from '../../src/jail/dependents.ts';

const jail = (name: string, ...depends: string[]) => ({ name, depends });

test.each([
  ['none of one on which nobody depends', [jail('db'), jail('web', 'db')], 'web', []],
  ['what depends on it', [jail('web', 'db'), jail('db'), jail('mail')], 'db', ['web']],
  ['what depends on several', [jail('web', 'cache', 'db'), jail('db'), jail('cache')], 'db', ['web']],
  [
    'what depends on what depends on it, in the order of their start',
    [jail('front', 'web', 'db'), jail('web', 'app'), jail('app', 'db'), jail('db')],
    'db',
    ['app', 'web', 'front'],
  ],
  [
    'a child of it, and what depends on that',
    [jail('db'), jail('web', 'db.in'), jail('db.in')],
    'db',
    ['db.in', 'web'],
  ],
  ['not what only has such a name, as nobody knows its parent', [jail('a'), jail('b.in')], 'a', []],
  ['all of a circle but itself', [jail('a', 'c'), jail('b', 'a'), jail('c', 'b')], 'a', ['b', 'c']],
  ['a circle of which it is no part', [jail('a'), jail('b', 'a', 'c'), jail('c', 'b')], 'a', ['b', 'c']],
])('%s', (_what, configured, name, expected) => {
  expect(dependentsOf(name, configured).map((found) => found.name)).toEqual(expected);
});
