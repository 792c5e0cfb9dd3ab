import { UsageError } from './arguments.ts';

/** The options of a verb: letters seen, their values, and what follows them. */
export interface VerbOptions {
  has(letter: string): boolean;
  values(letter: string): string[];
  names: string[];
}

/**
 * getopt_long(3) with a leading "+": options end at the first name.
 * `letters` is in getopt's form ("nyr:"), `long` gives each long name's letter.
 */
export function verbOptions(
  verb: string,
  args: readonly string[],
  letters: string,
  long: Record<string, string> = {},
): VerbOptions {
  const takes = new Set<string>();
  const known = new Set<string>();
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters[at] ?? '';
    if (letter === ':') continue;
    known.add(letter);
    if (letters[at + 1] === ':') takes.add(letter);
  }
  const seen = new Map<string, string[]>();
  const add = (letter: string, value: string): void => {
    seen.set(letter, [...(seen.get(letter) ?? []), value]);
  };
  let index = 0;
  for (; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    if (argument === '--') {
      index += 1;
      break;
    }
    if (argument.startsWith('--')) {
      const at = argument.indexOf('=');
      const name = argument.slice(2, at < 0 ? undefined : at);
      const matches = Object.keys(long).filter((key) => key.startsWith(name));
      const letter = long[name] ?? (matches.length === 1 ? long[matches[0] ?? ''] : undefined);
      if (letter === undefined)
        throw new UsageError(`pkg: unrecognized option '${argument}'\n${usage(verb)}`);
      if (takes.has(letter)) add(letter, at < 0 ? (args[++index] ?? '') : argument.slice(at + 1));
      else add(letter, '');
      continue;
    }
    if (!argument.startsWith('-') || argument === '-') break;
    for (let at = 1; at < argument.length; at += 1) {
      const letter = argument[at] ?? '';
      if (!known.has(letter)) throw new UsageError(`pkg: invalid option -- '${letter}'\n${usage(verb)}`);
      if (takes.has(letter)) {
        const glued = argument.slice(at + 1);
        const value = glued === '' ? args[++index] : glued;
        if (value === undefined)
          throw new UsageError(`pkg: option requires an argument -- '${letter}'\n${usage(verb)}`);
        add(letter, value);
        break;
      }
      add(letter, '');
    }
  }
  return {
    has: (letter) => seen.has(letter),
    values: (letter) => seen.get(letter) ?? [],
    names: args.slice(index),
  };
}

/** The two lines that pkg prints about a verb used wrongly. */
export function usage(verb: string): string {
  return `Usage: pkg ${verb} ...\n\nFor more information see 'pkg help ${verb}'.`;
}
