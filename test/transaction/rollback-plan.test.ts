import { expect, test } from 'vitest';
import { findPlaceless } from '../../src/transaction/rollback-plan.ts';

const jail = 'zroot/jails/web';

function datasets(...kept: string[]) {
  const names = ['', '/var', '/var/db', '/var/db/pg'].map((path) => jail + path);
  return names.map((name) => ({ name, reverted: !kept.includes(name) }));
}

test.each<[string, string[], string[], string | undefined]>([
  ['its parent comes', ['/var/db/pg'], ['', '/var', '/var/db'], undefined],
  ['its parent does not come', ['/var/db/pg'], ['', '/var'], '/var/db'],
  ['what its parent lies in does not come', ['/var/db/pg'], ['', '/var/db'], '/var'],
  ['its parent stays too', ['/var/db', '/var/db/pg'], ['', '/var'], undefined],
  ['none stays', [], [''], undefined],
])('a child that stays has a place: %s', (_, kept, coming, missing) => {
  const found = findPlaceless(
    { dataset: jail, datasets: datasets(...kept.map((path) => jail + path)) },
    new Set(coming.map((path) => jail + path)),
  );
  expect(found?.missing).toBe(missing === undefined ? undefined : jail + missing);
});
