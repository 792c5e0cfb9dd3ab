import { refused } from '../error.ts';

/** What a program of FreeBSD prints with `--libxo=json`, as far as jtx reads it: a list within a container. */
export interface LibxoList {
  program: string;
  container: string;
  list: string;
  /** What is listed, for people. */
  what: string;
  /** The code of the failure where it cannot be read. */
  unreadable: string;
}

/** Reads such a list. Throws its {@link LibxoList.unreadable}. */
export function parseLibxoList(
  { program, container, list, what, unreadable }: LibxoList,
  text: string,
): unknown[] {
  const listed = libxoField(libxoField(parse(text, program, unreadable), container), list);
  if (Array.isArray(listed)) return listed;
  throw refused(unreadable, `${program} --libxo=json printed no list of ${what}`);
}

/** A field of what was printed; undefined where there is none. */
export function libxoField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

/** libxo(3) prints most control characters in a string as they are, which JSON has not, and a jail can choose some. */
function escaped(character: string): string {
  if (character === '\n') return character;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function parse(text: string, program: string, unreadable: string): unknown {
  try {
    return JSON.parse(text.replaceAll(/\p{Cc}/gu, escaped));
  } catch (error) {
    throw refused(unreadable, `${program} --libxo=json did not print JSON`, undefined, error);
  }
}
