import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRetention } from '../../src/backup/retention-grammar.ts';
import { JtxError } from '../../src/error.ts';

const everything =
  'last 7, hourly 24, daily 14, weekly 8, monthly 12, yearly 5, within 48h, transactions 30d';

test.each([
  ['  all\n', 'all'],
  ['daily 14,weekly 8', 'daily 14, weekly 8'],
  ['weekly 8 ,\n  daily\t14', 'daily 14, weekly 8'],
  [everything.split(', ').toReversed().join(','), everything],
])('%j means the same as %j', (text, normal) => {
  expect(parseRetention(text)).toEqual(parseRetention(normal));
});

test('all is kept where it says so', () => {
  expect(parseRetention('all')).toBe('all');
});

test('the terms are read with their numbers', () => {
  expect(parseRetention('within 48h, last 7, transactions 6m')).toEqual({
    counts: new Map([['last', 7]]),
    spans: new Map([
      ['within', { count: 48, unit: 'h' }],
      ['transactions', { count: 6, unit: 'm' }],
    ]),
  });
});

test.each([
  ['', '"" is not known'],
  [' ', '"" is not known'],
  [',', '"" is not known'],
  ['daily 7,', '"" is not known'],
  ['daily 7,,weekly 8', '"" is not known'],
  ['dayly 3', '"dayly 3" is not known'],
  ['daily 7, dayly 3, weekly 8', '"dayly 3" is not known'],
  ['Daily 7', '"Daily 7" is not known'],
  ['ALL', '"ALL" is not known'],
  ['nothing', '"nothing" is not known'],
  ['daily', '"daily" is not known'],
  ['daily7', '"daily7" is not known'],
  ['7 daily', '"7 daily" is not known'],
  ['daily 7 weekly 8', '"daily 7 weekly 8" is not known'],
  ['daily 7; weekly 8', '"daily 7; weekly 8" is not known'],
  ['within 48 h', '"within 48 h" is not known'],
  ['constructor 3', '"constructor 3" is not known'],
  ['all, daily 7', '"all" stands alone'],
  ['daily 7, all', '"all" stands alone'],
  ['all 3', '"all 3" stands alone'],
  ['all all', '"all all" stands alone'],
  ['daily 0', '"daily 0" needs a number from 1 to 99999'],
  ['daily -1', '"daily -1" needs a number from 1 to 99999'],
  ['daily +1', '"daily +1" needs a number from 1 to 99999'],
  ['daily 07', '"daily 07" needs a number from 1 to 99999'],
  ['daily 1.5', '"daily 1.5" needs a number from 1 to 99999'],
  ['daily 1e3', '"daily 1e3" needs a number from 1 to 99999'],
  ['daily 7d', '"daily 7d" needs a number from 1 to 99999'],
  ['daily all', '"daily all" needs a number from 1 to 99999'],
  ['daily ٣', '"daily ٣" needs a number from 1 to 99999'],
  ['daily 100000', '"daily 100000" needs a number from 1 to 99999'],
  ['daily 7, weekly 8, daily 7', '"daily 7" is a second "daily"'],
  ['within 1d, within 2d', '"within 2d" is a second "within"'],
  ['within 48', '"within 48" needs a length of time'],
  ['within h', '"within h" needs a length of time'],
  ['within 0h', '"within 0h" needs a length of time'],
  ['within 1d12h', '"within 1d12h" needs a length of time'],
  ['within 30min', '"within 30min" needs a length of time'],
  ['within 30s', '"within 30s" needs a length of time'],
  ['within 2D', '"within 2D" needs a length of time'],
  ['within 100000h', '"within 100000h" needs a length of time'],
  ['transactions 5', '"transactions 5" needs a length of time'],
])('%j is refused: the term %s', (text, problem) => {
  const error = errorOf(text);
  expect(error).toMatchObject({ code: 'retention-invalid', outcome: 'refused' });
  expect(error?.message).toContain(problem);
  expect(error?.hint).toBe(
    'Known: last N, hourly N, daily N, weekly N, monthly N, yearly N, within T, transactions T, or all alone; ' +
      'N is a number from 1 to 99999, T such a number and one of h, d, w, m (months), y.',
  );
});

test('every term is read, with any number and any unit', () => {
  const counts = fc.uniqueArray(fc.constantFrom('last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'));
  const spans = fc.uniqueArray(fc.constantFrom('within', 'transactions'));
  const amount = fc.tuple(fc.integer({ min: 1, max: 99999 }), fc.constantFrom('h', 'd', 'w', 'm', 'y'));
  fc.assert(
    fc.property(counts, spans, fc.array(amount, { minLength: 8, maxLength: 8 }), (some, others, amounts) => {
      fc.pre(some.length + others.length > 0);
      const at = (place: number) => amounts[place] ?? [1, 'h'];
      const terms = [
        ...some.map((word, place) => `${word} ${at(place)[0]}`),
        ...others.map((word, place) => `${word} ${at(some.length + place).join('')}`),
      ];
      expect(parseRetention(terms.join(','))).toEqual({
        counts: new Map(some.map((word, place) => [word, at(place)[0]])),
        spans: new Map(
          others.map((word, place) => {
            const [count, unit] = at(some.length + place);
            return [word, { count, unit }];
          }),
        ),
      });
    }),
  );
});

test('whatever is written is read or refused with the code of it', () => {
  const words = fc.constantFrom('all', 'daily', 'within', 'last', ',', ' ', '1', '48h', '0', 'd', '\n');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(words).map((some) => some.join('')),
        fc.string(),
      ),
      (text) => {
        const error = errorOf(text);
        expect(error === undefined || error.code === 'retention-invalid').toBe(true);
      },
    ),
  );
});

function errorOf(text: string): JtxError | undefined {
  try {
    parseRetention(text);
  } catch (error) {
    if (error instanceof JtxError) return error;
    throw error;
  }
  return undefined;
}
