import { expect, test } from 'vitest';
import { findPlaceless, whyNotInPlace } from '../../src/transaction/rollback-plan.ts';

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

test.each<[string, [obstacles: string[], elsewhere: string[], volumes: string[]], string | undefined]>([
  ['nothing', [[], [], []], undefined],
  ['what would be lost', [[`${jail}@daily`], [`${jail}/a`], [`${jail}/disk`]], `destroy ${jail}@daily`],
  ['a child that was left', [[], [`${jail}/a`], [`${jail}/disk`]], `${jail}/a lies in what was set aside`],
  ['a volume', [[], [], [`${jail}/disk`]], `${jail}/disk is a volume`],
])('against going back in place stands %s', (_, [obstacles, elsewhere, volumes], words) => {
  const why = whyNotInPlace(obstacles, elsewhere, volumes);
  if (words === undefined) expect(why).toBeUndefined();
  else expect(why).toContain(words);
});
