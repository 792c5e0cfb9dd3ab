import { expect, test } from 'vitest';
import {
  applyArguments,
  fetchArguments,
  planArguments,
  planStatuses,
  type Verb,
} from '../../src/pkg/verbs.ts';

const join = (words: readonly string[] | undefined): string | undefined => words?.join(' ');

test.each<[Verb, string[], string | undefined, string, string, number[]]>([
  ['install', ['a', 'b'], 'install -Fy -- a b', 'install -nUy -- a b', 'install -yU -- a b', [0]],
  ['upgrade', [], 'upgrade -Fy', 'upgrade -nUy', 'upgrade -yU', [0]],
  ['upgrade', ['a'], 'upgrade -Fy -- a', 'upgrade -nUy -- a', 'upgrade -yU -- a', [0]],
  ['remove', ['a'], undefined, 'delete -n -- a', 'delete -y -- a', [0]],
  ['autoremove', [], undefined, 'autoremove -n', 'autoremove -y', [0, 1]],
])('%s %j', (verb, names, fetch, plan, apply, statuses) => {
  expect(join(fetchArguments(verb, names))).toBe(fetch);
  expect(join(planArguments(verb, names))).toBe(plan);
  expect(join(applyArguments(verb, names))).toBe(apply);
  expect(planStatuses(verb)).toEqual(statuses);
});
