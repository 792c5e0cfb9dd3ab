import { describe, expect, test } from 'vitest';
import { Paces, pace } from '../../src/report/pace.ts';
import { partOf } from '../../src/report/size.ts';

const mebibyte = 1024 * 1024;

describe('how fast it goes, and how long it will take', () => {
  test.each([
    ['a rate and an estimate', [0, 0], [4000, 12], 48, ['3.0 MiB/s', '12 s left']],
    ['what was there already is no part of the rate', [1000, 20], [5000, 24], 48, ['1.0 MiB/s', '24 s left']],
    ['no rate before a second has passed', [0, 0], [999, 12], 48, []],
    ['one as soon as it has', [0, 0], [1000, 12], 48, ['12.0 MiB/s', '3 s left']],
    ['a part of a second is one', [0, 0], [10_000, 47.5], 48, ['4.8 MiB/s', '1 s left']],
    ['minutes', [0, 0], [60_000, 12], 48, ['204.8 KiB/s', '3 min left']],
    ['hours', [0, 0], [60_000, 1], 128, ['17.1 KiB/s', '2 h 7 min left']],
    ['a rate of whole bytes', [0, 0], [3000, 1 / mebibyte], 0, ['0 B/s']],
    ['no estimate of an unknown total', [0, 0], [4000, 12], 0, ['3.0 MiB/s']],
    ['nor of one that has been reached', [0, 0], [4000, 48], 48, ['12.0 MiB/s']],
    ['nor of one that has been passed', [0, 0], [4000, 52], 48, ['13.0 MiB/s']],
    ['nor where nothing comes', [0, 12], [4000, 12], 48, ['0 B/s']],
    ['none of what goes back', [0, 12], [4000, 8], 48, []],
    ['nor of what is no number', [0, 0], [4000, Number.NaN], 48, []],
  ])('%s', (_, [began, before = 0], [at, current = 0], total, told) => {
    const first = { at: began ?? 0, current: before * mebibyte };
    const last = { at: at ?? 0, current: current * mebibyte };
    expect(pace(first, last, total * mebibyte)).toEqual(told);
  });
});

describe('from the first tick on', () => {
  test.each<[string, [what: string, at: number, current: number, total: number][], string[]]>([
    [
      'of each thing that comes at the same time',
      [
        ['a', 0, 0, 9000],
        ['b', 1000, 500, 0],
        ['a', 2000, 2000, 9000],
        ['b', 3000, 520, 0],
        ['a', 4000, 5000, 9000],
      ],
      ['', '', '1000 B/s, 7 s left', '10 B/s', '1.2 KiB/s, 4 s left'],
    ],
    [
      'and anew of the next stream: it begins before where the one before it was, or has another total',
      [
        ['a', 0, 0, 9000],
        ['a', 2000, 8000, 9000],
        ['a', 3000, 0, 9000],
        ['a', 5000, 100, 9000],
        ['a', 5500, 200, 300],
        ['a', 6500, 250, 300],
      ],
      ['', '3.9 KiB/s, 1 s left', '', '50 B/s, 2 min 58 s left', '', '50 B/s, 1 s left'],
    ],
    [
      'of those that came last: a jail may name what it likes',
      [
        ['a', 0, 0, 0],
        ...Array.from({ length: 100 }, (_, at): [string, number, number, number] => [`${at}`, at, 0, 0]),
        ['a', 2000, 2000, 0],
        ['99', 2099, 2000, 0],
      ],
      [...Array<string>(102).fill(''), '1000 B/s'],
    ],
  ])('%s', (_, ticks, told) => {
    const paces = new Paces();
    const all = ticks.map(([what, at, current, total]) =>
      paces.tick(what, { at, current }, total).join(', '),
    );
    expect(all).toEqual(told);
  });
});

test.each([
  [12, 48, '12.0 of 48.0 MiB'],
  [0.5, 48, '512.0 KiB of 48.0 MiB'],
  [0, 48, '0 B of 48.0 MiB'],
  [0, 12 / mebibyte, '0 of 12 B'],
])('a part of a whole: %s of %s MiB', (part, whole, told) => {
  expect(partOf(part * mebibyte, whole * mebibyte)).toBe(told);
});
