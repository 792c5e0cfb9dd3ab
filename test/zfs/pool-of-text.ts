import type { Command, Run } from '../../src/host/run.ts';
import { isWithin } from '../../src/zfs/names.ts';
import { line, type Table, typeOf } from './printed.ts';

/** A host whose zfs(8) lists what a table says, as raw as the real one, and the command lines that it was given. */
export interface PoolOfText {
  run: Run;
  calls: string[];
}

/** Prints what a table says. What is `gone` does not exist, and a command line that no kernel takes fails. */
export function poolOfText(table: Table, gone: readonly string[] = []): PoolOfText {
  const calls: string[] = [];
  const names = Object.keys(table).sort(byPlace);
  const run: Run = async (command) => {
    calls.push(command.join(' '));
    const asked = parse(command);
    const missing = asked.names.filter((name) => gone.includes(name) || !names.includes(name));
    const there = new Set(asked.names.filter((name) => !missing.includes(name)));
    const chosen = names.filter((name) => {
      if (gone.includes(name)) return false;
      if (there.has(name)) return true;
      const isOfType = asked.types === undefined || asked.types.includes(typeOf(name));
      const isAmong =
        asked.names.length === 0 || (asked.recursive && [...there].some((top) => isIn(name, top)));
      return isOfType && isAmong;
    });
    const stdout = chosen.map((name) => print(asked, name, table)).join('');
    const stderr = missing.map((name) => `cannot open '${name}': dataset does not exist\n`).join('');
    const tooLong = calls.at(-1)?.length ?? 0;
    if (tooLong > 200_000) return { command, status: 127, stdout: '', stderr: 'too long', hung: false };
    return { command, status: missing.length > 0 ? 1 : 0, stdout, stderr, hung: false };
  };
  return { run, calls };
}

interface Asked {
  verb: string;
  recursive: boolean;
  types: readonly string[] | undefined;
  columns: readonly string[];
  names: readonly string[];
}

function parse([, verb = '', ...words]: Command): Asked {
  const at = words.indexOf('-o');
  const isGet = verb === 'get';
  const types = words[words.indexOf('-t') + 1];
  return {
    verb,
    recursive: words.slice(0, at).includes('-r'),
    types: words.includes('-t') ? types?.split(',') : undefined,
    columns: (words[isGet ? at + 2 : at + 1] ?? '').split(','),
    names: words.slice(isGet ? at + 3 : at + 2),
  };
}

/** What a command would print of one, were it what a table says. */
export function printedBy(command: string, name: string, table: Table): string {
  const [program = '', ...words] = command.split(' ');
  return print(parse([program, ...words]), name, table);
}

function print({ verb, columns }: Asked, name: string, table: Table): string {
  const own: Table[string] = table[name] ?? {};
  const told = (property: string): readonly [value: string, source: string] => {
    if (property === 'name') return [name, '-'];
    const value = own[property] ?? (property === 'type' ? typeOf(name) : '-');
    return typeof value === 'string' ? [value, '-'] : value;
  };
  if (verb === 'list') return `${columns.map((column) => told(column)[0]).join('\t')}\n`;
  const properties =
    columns[0] === 'all' ? ['type', ...Object.keys(own).filter((one) => one !== 'type')] : columns;
  return properties.map((property) => line(name, property, told(property))).join('');
}

function isIn(name: string, top: string): boolean {
  return isWithin(name.split(/[@#]/, 1)[0] ?? name, top);
}

/** Snapshots and bookmarks come after what they are of, and before what is below it. */
function byPlace(one: string, other: string): number {
  const key = (name: string): string =>
    name.replaceAll('@', '\u0001').replaceAll('#', '\u0002').replaceAll('/', '\u0003');
  return key(one) < key(other) ? -1 : 1;
}
