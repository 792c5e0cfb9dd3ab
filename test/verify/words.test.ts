import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitWords } from '../../src/verify/words.ts';

test.each([
  ['one word', 'true', ['true']],
  ['several', '  postgres   --version\t-x\n', ['postgres', '--version', '-x']],
  ['single quotes', 'sh -c \'a "b" \\ $c | d\'', ['sh', '-c', 'a "b" \\ $c | d']],
  ['double quotes', 'sh -c "a \'b\' | c"', ['sh', '-c', "a 'b' | c"]],
  ['quotes within a word', `a'b c'"d e"f`, ['ab cd ef']],
  ['an empty word', "test -z ''", ['test', '-z', '']],
  ['a backslash', 'echo a\\ b \\| \\\\ \\"', ['echo', 'a b', '|', '\\', '"']],
  ['a backslash in double quotes, as in sh(1)', 'echo "\\" \\\\ \\n"', ['echo', '" \\ \\n']],
  ['letters beyond ASCII', 'echo ä€𝄞', ['echo', 'ä€𝄞']],
])('%s', (_what, text, words) => {
  expect(splitWords(text)).toEqual(words);
});

test.each([
  ['nothing', '', /empty/],
  ['blanks', ' \t\n', /empty/],
  ['an empty program', "'' x", /empty/],
  ['an open single quote', "echo 'a", /quote/],
  ['an open double quote', 'echo "a\'', /quote/],
  ['a backslash at the end', 'echo \\', /backslash/],
])('%s is refused', (_what, text, message) => {
  expect(() => splitWords(text)).toThrow(expect.objectContaining({ code: 'usage', outcome: 'usage' }));
  expect(() => splitWords(text)).toThrow(message);
});

test.each([...'|;&<>$`()'])('an unquoted %s expects a shell, and there is none', (operator) => {
  for (const text of [`a ${operator} b`, `a${operator}b`, `${operator}`]) {
    expect(() => splitWords(text)).toThrow(/no shell is used/);
  }
  expect(splitWords(`a '${operator}' \\${operator}`)).toEqual(['a', operator, operator]);
});

test('any words come through when they are quoted', () => {
  const words = fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }).filter(([first]) => first !== '');
  fc.assert(
    fc.property(words, (given) => {
      const text = given.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
      expect(splitWords(text)).toEqual(given);
    }),
  );
});
