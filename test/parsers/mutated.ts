import fc from 'fast-check';
import { deadline } from '../lab/deadline.ts';

/** How many inputs a parser has to take: fewer where programs run slowly. */
export const manyRuns = deadline(1) === 1 ? 100_000 : 5_000;

/** One change of a text, at a place that is a share of its length. */
type Edit = { at: number } & (
  | { kind: 'put'; text: string }
  | { kind: 'cut'; length: number }
  | { kind: 'repeat'; length: number }
);

// What such texts are made of, and what means something to those who read them.
const pieces = [
  '\t',
  '\n',
  '\0',
  '"',
  "'",
  '\\',
  '=',
  '@',
  '#',
  '-',
  ',',
  '{',
  '}',
  '[',
  ']',
  ':',
  '\u001f',
  '\x1b[',
  '_',
];
const words = [
  'name=',
  '\nname=',
  'NaN',
  '-1',
  '1e999',
  '99999999999999999999',
  '__proto__',
  '\uFFFD',
  'é',
  '/../',
  '->',
];

const at = fc.double({ min: 0, max: 1, noNaN: true });
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    at,
    text: fc.oneof(fc.constantFrom(...pieces, ...words), fc.string({ maxLength: 6 })),
  }),
  fc.record({ kind: fc.constant('cut' as const), at, length: fc.nat(40) }),
  fc.record({ kind: fc.constant('repeat' as const), at, length: fc.nat(40) }),
);

/** Texts made of real ones: changed in a few places, and now and then nothing but noise. */
export function mutated(samples: readonly string[]): fc.Arbitrary<string> {
  const changed = fc
    .tuple(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 6 }))
    .map(([sample, edits]) => edits.reduce(applied, sample));
  return fc.oneof({ weight: 9, arbitrary: changed }, { weight: 1, arbitrary: fc.string({ maxLength: 200 }) });
}

function applied(text: string, one: Edit): string {
  const from = Math.floor(one.at * text.length);
  if (one.kind === 'put') return text.slice(0, from) + one.text + text.slice(from);
  const part = text.slice(from, from + one.length);
  return one.kind === 'cut'
    ? text.slice(0, from) + text.slice(from + one.length)
    : text.slice(0, from) + part + text.slice(from);
}
