import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join('src', file), 'utf8'));

const rows = readFileSync('docs/error-codes.md', 'utf8').matchAll(/^\| (`.*?) \|/gm);
const told = [...rows].flatMap(([, cell = '']) =>
  [...cell.matchAll(/`(.*?)`/g)].map(([, code = '']) => code),
);

// The forms in which a code stands in the source.
const forms = [
  /\b(?:refused|orBusy)\(\s*'([a-z-]+)'/g,
  /\b(?:code|unreadable):[^,(\n]*?'([a-z-]+)'/g,
  // What an output of pkg means: a pattern, then its code.
  /\/[a-z]*,\s*'([a-z]+(?:-[a-z]+)+)'/g,
];
const given = sources.flatMap((text) =>
  forms.flatMap((form) => [...text.matchAll(form)].map(([, code = '']) => code)),
);

test('the documents tell every code that is given, once, and no other', () => {
  expect(told.toSorted()).toEqual([...new Set(given)].toSorted());
});

test('every code that a function says to throw is among them, in whatever form it is given', () => {
  const words = sources.flatMap((text) =>
    [...text.matchAll(/\bThrows ([^.]*)/g)].flatMap(([, rest = '']) =>
      [...rest.matchAll(/`([a-z]+(?:-[a-z]+)*)`/g)].map(([, code = '']) => code),
    ),
  );
  expect(words.length).toBeGreaterThan(100);
  expect(words.filter((code) => !told.includes(code))).toEqual([]);
});
