import type { Definition } from './definitions.ts';
import { branches, rowOf } from './table.ts';

/** What each verb takes, as the branches of fish's `switch`. */
export function fishTable(program: Definition): string {
  return branches(program, branchOf)
    .map(([branch, verbs]) => `        case ${verbs.map(quoted).join(' ')}\n${branch}`)
    .join('\n');
}

function branchOf(definition: Definition): string {
  const { values, operands, more } = rowOf(definition);
  const verbs = definition.verbs.map(({ words, description }) => described(words.at(-1) ?? '', description));
  const options = definition.options.flatMap(({ flags, description }) =>
    flags.map((flag) => described(flag, description)),
  );
  return [
    assigned('verbs', verbs),
    assigned('options', options),
    assigned('values', values.map(quoted)),
    assigned('operands', operands.map(quoted)),
    assigned('more', [more]),
  ].join('\n');
}

function assigned(name: string, words: readonly string[]): string {
  return `            set ${[name, ...words].join(' ')}`;
}

function described(word: string, description: string): string {
  return `${word}\\t${quoted(description)}`;
}

function quoted(word: string): string {
  return `'${word.replaceAll(/[\\']/g, '\\$&')}'`;
}
