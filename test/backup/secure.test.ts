import { expect, test } from 'vitest';
import { idOnceLocked } from '../../src/backup/secure.ts';
import type { FoundJail } from '../../src/jail/find.ts';
import { ulid } from './stored.ts';

function subject(name: string): { jail: FoundJail; dataset: string } {
  const found = { bases: [], covers: [], others: [], unmounted: [], running: undefined, configured: true };
  return { jail: { name, root: `/jails/${name}`, ...found }, dataset: `zroot/jails/${name}` };
}

const changes = new Map([
  ['/jails/old', ulid(3)],
  ['/jails/new', ulid(7)],
]);
const journal = { newest: (root: string): string | undefined => changes.get(root) };

test.each([
  ['no jail', []],
  ['jails that were never changed, or not since', ['never', 'old']],
])('the snapshot of %s bears the id of the backup', (_, names) => {
  expect(idOnceLocked({ journal }, ulid(5), names.map(subject))).toBe(ulid(5));
});

test('where one was changed since, it sorts after that', () => {
  const id = idOnceLocked({ journal }, ulid(5), ['old', 'new', 'never'].map(subject));
  expect(id > ulid(7)).toBe(true);
});
