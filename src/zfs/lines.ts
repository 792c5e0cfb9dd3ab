import type { Finished, Run } from '../host/run.ts';
import {
  askInParts,
  linesIn,
  listNames,
  optionsFor,
  printed,
  printedOfExisting,
  type Trees,
  wholeListing,
} from './listing.ts';
import { unlessOld } from './old-zfs.ts';

/** What `zfs get` is asked about trees. An old zfs(8) knows no bookmarks, and tells of other types too. */
export interface Asked extends Trees {
  /** Those that ZFS alone decides before those in which anybody's text may stand. */
  properties: readonly string[];
  /** Those of them that an old zfs(8) knows; default all. */
  plain?: readonly string[];
}

/** One line of `zfs get`. */
export interface Line {
  name: string;
  property: string;
  source: string;
  value: string;
}

/** A command that asks about trees, or about what is named, and what is asked for. */
interface Form {
  options: readonly string[];
  types: readonly string[];
  properties: readonly string[];
}

/** What a whole listing was asked for, and how it ended. */
interface Answer {
  form: Form;
  finished: Finished;
}

/**
 * The lines of `zfs get` about everything in some trees, for {@link parseLine}. None says anything that is not so, but for
 * what a jail says of its own (listing.ts). One process. Throws `command-failed`.
 */
export async function getLines(run: Run, asked: Asked): Promise<string[]> {
  return read(run, asked.tops, await askTogether(run, asked));
}

/** The same of one tree; undefined where it does not exist. Throws `command-failed`. */
export async function getLinesIfThere(
  run: Run,
  top: string,
  asked: Omit<Asked, 'tops'>,
): Promise<string[] | undefined> {
  const answer = await askTogether(run, { ...asked, tops: [top] });
  // Another program on the way, as ssh(1) is one, may have said something before it.
  const said = answer.finished.stderr.split('\n');
  return said.includes(`cannot open '${top}': dataset does not exist`) ? undefined : read(run, [top], answer);
}

/** The same of these datasets, snapshots or bookmarks alone, without those that do not exist. Throws `command-failed`. */
export async function getLinesOf(
  run: Run,
  names: readonly string[],
  properties: readonly string[],
): Promise<string[]> {
  return getApart(run, { options: [], types: [], properties: closed(properties) }, names);
}

/** Reads one of their lines; undefined where it is none. There may be millions of them. */
export function parseLine(line: string): Line | undefined {
  const afterName = line.indexOf('\t');
  const afterProperty = line.indexOf('\t', afterName + 1);
  const afterSource = line.indexOf('\t', afterProperty + 1);
  if (afterProperty < 0 || afterSource < 0) return undefined;
  return {
    name: line.slice(0, afterName),
    property: line.slice(afterName + 1, afterProperty),
    source: line.slice(afterProperty + 1, afterSource),
    value: line.slice(afterSource + 1),
  };
}

/** What is of one begins and ends with a line of which the value is no jail's: whoever makes one up has two beginnings. */
function closed(properties: readonly string[]): string[] {
  return ['type', ...properties, 'type'];
}

async function askTogether(
  run: Run,
  { tops, types, properties, plain = properties }: Asked,
): Promise<Answer> {
  const modern = { options: optionsFor({ tops: [], types }), types, properties: closed(properties) };
  const known = types.filter((type) => type !== 'bookmark');
  const old = { options: [], types: known, properties: closed(plain) };
  const recursive = tops.length > 0 ? ['-r'] : [];
  let form: Form = modern;
  const finished = await unlessOld(
    run,
    () => get(run, modern, recursive, tops),
    () => {
      form = old;
      return get(run, old, recursive, tops);
    },
  );
  return { form, finished };
}

function get(run: Run, form: Form, words: readonly string[], names: readonly string[]): Promise<Finished> {
  const asked = ['-o', 'name,property,source,value', form.properties.join(',')] as const;
  return run(['zfs', 'get', '-Hp', ...words, ...form.options, ...asked, ...names], wholeListing);
}

async function read(run: Run, tops: readonly string[], { form, finished }: Answer): Promise<string[]> {
  const text = printed(finished);
  const lines = text === undefined ? [] : linesIn(text);
  if (text !== undefined && areWhole(lines, form.properties)) return lines;
  return getApart(run, form, await listNames(run, { tops, types: form.types }));
}

async function getApart(run: Run, form: Form, names: readonly string[]): Promise<string[]> {
  const parts = await askInParts(names, async (some) => {
    const text = printedOfExisting(await get(run, form, [], some));
    if (text === undefined) return undefined;
    const lines = linesIn(text);
    if (areWhole(lines, form.properties)) return lines;
    const isOfOne = new Set(some.map(ownerOf)).size === 1;
    return isOfOne ? firstAnswers(lines, form.properties, some) : undefined;
  });
  return parts.flat();
}

/** Whether these are, name by name, the properties in the order in which they were asked for, and no name comes twice. */
function areWhole(lines: readonly string[], properties: readonly string[]): boolean {
  const told = properties.map((property) => `\t${property}\t`);
  const names = new Set<string>();
  let name = '';
  return (
    lines.length % told.length === 0 &&
    lines.every((line, at) => {
      const next = at % told.length;
      if (next === 0) {
        name = line.slice(0, line.indexOf('\t'));
        if (names.has(name)) return false;
        names.add(name);
      }
      return line.startsWith(name) && line.startsWith(told[next] ?? '', name.length);
    })
  );
}

/** Whose text may stand in what is said of a dataset, or of a snapshot or a bookmark of it: that of whoever has the dataset. */
function ownerOf(name: string): string {
  return name.split(/[@#]/, 1)[0] ?? name;
}

/** Of several answers about one the first, which ZFS has given wherever it decides alone. */
function firstAnswers(
  lines: readonly string[],
  properties: readonly string[],
  names: readonly string[],
): string[] {
  const open = new Set(names.flatMap((name) => properties.map((property) => `${name}\t${property}\t`)));
  return lines.filter((line) => open.delete(line.slice(0, line.indexOf('\t', line.indexOf('\t') + 1) + 1)));
}
