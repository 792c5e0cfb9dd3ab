import { usage } from '../error.ts';

/**
 * Splits a command that a person wrote into its words: quotes and backslashes as in a shell, and nothing else
 * of a shell. Throws `usage` where quotes do not match, nothing is there, or a shell seems to be expected.
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  const characters = [...text];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    if (quote === undefined && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === quote) {
      quote = undefined;
    } else if (quote === undefined && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (character === '\\' && quote !== "'") {
      at += 1;
      const next = characters[at];
      if (next === undefined) throw usage(`${text}: nothing follows the last backslash`);
      const kept = quote === '"' && !/["\\$`]/.test(next) ? '\\' : '';
      word = (word ?? '') + kept + next;
    } else {
      if (quote === undefined && /[|;&<>$`(){}]/.test(character)) throw expectsShell(text, character);
      word = (word ?? '') + character;
    }
  }
  if (quote !== undefined) throw usage(`${text}: a quote is not closed`);
  if (word !== undefined) words.push(word);
  if ((words[0] ?? '') === '') throw usage('a command to verify with is empty');
  return words;
}

function expectsShell(text: string, character: string): Error {
  return usage(
    `${text}: "${character}" means nothing here, because no shell is used`,
    `For a shell inside the jail: --verify "/bin/sh -c '...'"`,
  );
}
