import fc from 'fast-check';
import { decodeTime, encodeTime } from 'ulid';
import { describe, expect, it, test } from 'vitest';
import { boundaryAt, boundaryOf, type Event, inEffect } from '../../src/transaction/effective.ts';
import type { Point } from '../../src/zfs/newer.ts';

const second = 1_760_000_000_000;

/** The id of the n-th transaction: one a second. */
function id(at: number): string {
  return encodeTime(second + at * 1000, 10) + '7'.repeat(16);
}

function change(at: number, over: Partial<Event> = {}): Event {
  return { id: id(at), verb: 'install', state: 'committed', target: null, ...over };
}

function back(at: number, target: string, over: Partial<Event> = {}): Event {
  return change(at, { verb: 'rollback', target, ...over });
}

/** The numbers of the transactions in effect. */
function numbers(effective: ReadonlySet<string>): number[] {
  return [...effective].map((one) => (decodeTime(one) - second) / 1000).sort((one, other) => one - other);
}

describe('which transactions are in effect', () => {
  it.each<[string, Event[], number[]]>([
    ['none', [], []],
    ['one after the other', [change(1), change(2)], [1, 2]],
    ['undone', [change(1), change(2), back(3, id(2))], [1, 3]],
    ['undone, and that undone again', [change(1), change(2), back(3, id(2)), back(4, id(3))], [1, 2, 4]],
    ['undone, redone and undone', [change(1), back(2, id(1)), back(3, id(2)), back(4, id(3))], [2, 4]],
    [
      'an older one undone, and so what came after it',
      [change(1), change(2), change(3), back(4, id(2))],
      [1, 4],
    ],
    ['the oldest undone', [change(1), change(2), back(3, id(1))], [3]],
    ['something new after it', [change(1), back(2, id(1)), change(3)], [2, 3]],
    ['back to before a rollback', [change(1), back(2, id(1)), change(3), back(4, id(2))], [1, 4]],
    ['back to a boundary between two', [change(1), change(3), back(4, boundaryAt(second + 2000))], [1, 4]],
    ['back to a boundary before all', [change(1), back(2, boundaryAt(second)), change(3)], [2, 3]],
    ['back to a boundary after the last', [change(1), back(4, boundaryAt(second + 2000))], [1, 4]],
    // A snapshot's time is known to the second: its boundary may lie after a rollback in the same second.
    [
      'back to what it was a moment ago',
      [change(1), change(2), back(3, boundaryAt(second + 3999))],
      [1, 2, 3],
    ],
    [
      'back to a boundary just before a rollback',
      [change(1), change(2), back(3, id(2)), back(4, boundaryAt(second + 2500))],
      [1, 2, 4],
    ],
    [
      'back to what a failed one left',
      [change(1), change(2, { state: 'rolled-back' }), change(3), back(4, id(2))],
      [1, 4],
    ],
    ['a rollback that did not come to its end', [change(1), back(2, id(1), { state: 'open' })], [1]],
    ['a rollback that was refused', [change(1), back(2, id(1), { state: 'refused' })], [1]],
    ['something destroyed that was set aside', [change(1), change(2, { verb: 'drop' })], [1]],
    ['a rollback to nobody knows what', [change(1), change(2, { verb: 'rollback' })], [2]],
  ])('%s', (_what, events, effective) => {
    expect(numbers(inEffect(events))).toEqual(effective);
  });

  it.each(['open', 'rolled-back', 'unchanged', 'refused', 'stuck'] as const)('%s is none', (state) => {
    expect(inEffect([change(1, { state })])).toEqual(new Set());
  });

  it('is told of any earlier moment', () => {
    const events = [change(1), change(2), back(3, id(2)), change(5)];
    expect(numbers(inEffect(events, id(1)))).toEqual([]);
    expect(numbers(inEffect(events, id(2)))).toEqual([1]);
    expect(numbers(inEffect(events, id(3)))).toEqual([1, 2]);
    expect(numbers(inEffect(events, boundaryAt(second + 4000)))).toEqual([1, 3]);
    expect(numbers(inEffect(events, boundaryAt(second + 9000)))).toEqual([1, 3, 5]);
  });
});

test('a boundary lies between the transactions before and after it', () => {
  for (const at of [second, second + 1, second + 999]) {
    const boundary = boundaryAt(at);
    expect(boundary).toHaveLength(26);
    expect(decodeTime(boundary)).toBe(at);
    expect(encodeTime(at - 1, 10) + 'Z'.repeat(16) < boundary).toBe(true);
    expect(boundary <= encodeTime(at, 10) + '0'.repeat(16)).toBe(true);
  }
});

describe('just before which transaction a snapshot was taken', () => {
  const web = 'zroot/jails/web';
  const point = (name: string, txg: number, at = 0): Point => ({
    name: `${web}@${name}`,
    dataset: web,
    txg,
    creation: second / 1000 + at,
    bookmark: false,
    holds: 0,
    own: true,
    ofBackup: false,
  });
  const nightly = point('nightly', 10);
  // It began in the second of the snapshot.
  const same = `${encodeTime(second + 400, 10)}${'7'.repeat(16)}`;

  it.each<[string, Point[], string]>([
    ['of no transaction that is known', [nightly], boundaryAt(second + 999)],
    ['long before one', [nightly, point(`jtx-${id(9)}`, 50, 9)], boundaryAt(second + 999)],
    ['in the same second before one', [nightly, point(`jtx-${same}`, 11)], same],
    ['in the same second after one', [point(`jtx-${same}`, 9), nightly], boundaryAt(second + 999)],
    ['before two', [nightly, point(`jtx-${id(9)}`, 50, 9), point(`jtx-${same}`, 11)], same],
    ['before another of others', [nightly, point('daily', 11)], boundaryAt(second + 999)],
    ['before a rehearsal', [nightly, point(`jtx-${same}-rehearsal`, 11)], boundaryAt(second + 999)],
    [
      'after one whose snapshot was received later, with a backup',
      [nightly, { ...point(`jtx-${id(-9)}`, 50, -9), own: false }],
      boundaryAt(second + 999),
    ],
  ])('%s', (_what, points, boundary) => {
    expect(boundaryOf(nightly, points)).toBe(boundary);
  });

  it('says itself, where it is the own one of a transaction', () => {
    expect(boundaryOf(point(`jtx-${same}`, 10), [nightly])).toBe(same);
  });

  it('so an upgrade right after a snapshot is undone by going back to it', () => {
    const upgrade = change(0, { id: same, verb: 'upgrade' });
    const boundary = boundaryOf(nightly, [nightly, point(`jtx-${same}`, 11)]);
    expect(inEffect([upgrade, back(60, boundary)])).toEqual(new Set([id(60)]));
  });
});

/** What each state was, kept whole: the state just before a transaction is the one after all earlier ones. */
function naive(events: readonly Event[]): { id: string; state: Set<string> }[] {
  const states = [{ id: '', state: new Set<string>() }];
  for (const { id: one, verb, state, target } of events) {
    if (state !== 'committed' || verb === 'drop') continue;
    const earlier = states.filter((before) => before.id < (verb === 'rollback' ? (target ?? '') : one));
    states.push({ id: one, state: new Set([...(earlier.at(-1)?.state ?? []), one]) });
  }
  return states;
}

const history = fc
  .array(
    fc.record({
      verb: fc.constantFrom('install', 'run', 'rollback', 'rollback', 'rollback', 'drop'),
      state: fc.constantFrom('committed', 'committed', 'committed', 'rolled-back', 'stuck', 'open'),
      // Tenths of a second before its own time; a boundary of a snapshot of the same second lies after it.
      ago: fc.integer({ min: -9, max: 300 }),
      named: fc.boolean(),
    }),
    { maxLength: 30 },
  )
  .map((entries) =>
    entries.map(({ verb, state, ago, named }, at): Event => {
      const one = id(at);
      if (verb !== 'rollback')
        return {
          id: one,
          verb: verb === 'run' ? 'run' : verb === 'drop' ? 'drop' : 'install',
          state,
          target: null,
        };
      const target =
        named && at > 0
          ? id(Math.max(0, at - 1 - (Math.abs(ago) % at)))
          : boundaryAt(second + at * 1000 - ago * 100);
      return { id: one, verb: 'rollback', state, target };
    }),
  );

test('a replay says the same as keeping every state', () => {
  fc.assert(
    fc.property(history, fc.nat({ max: 31 }), (events, at) => {
      const states = naive(events);
      expect(inEffect(events)).toEqual(states.at(-1)?.state);
      for (const moment of [id(at), boundaryAt(second + at * 1000 + 500)])
        expect(inEffect(events, moment)).toEqual(states.filter((one) => one.id < moment).at(-1)?.state);
    }),
    { numRuns: 1000 },
  );
});

test('a long history takes no more than its length', () => {
  const events = Array.from({ length: 100_000 }, (_, at) =>
    at % 10 === 9 ? back(at, id(at - 3)) : change(at),
  );
  expect(inEffect(events).size).toBe(70_000);
});

test('undoing a rollback is a rollback to just before it', () => {
  fc.assert(
    fc.property(history, (events) => {
      const undo = back(events.length, id(0));
      const redo = back(events.length + 1, undo.id);
      const before = inEffect(events);
      expect(inEffect([...events, undo, redo])).toEqual(new Set([...before, redo.id]));
    }),
  );
});
