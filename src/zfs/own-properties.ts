import { JtxError } from '../error.ts';
import { type Finished, type Run, succeeded } from '../host/run.ts';
import { askInParts, linesIn, wholeListing } from './listing.ts';
import { datasetName } from './names.ts';
import type { Property } from './properties.ts';

/** What datasets have of their own, as far as it can be read. */
export interface Own {
  own: Map<string, Property[]>;
  /** Why it cannot be of others. */
  unreadable: Map<string, JtxError>;
}

/**
 * What these datasets have of their own, set here or received with a stream. One process. Throws `command-failed`, and
 * `properties-unreadable` where a jail has seen to it that it cannot be told.
 */
export async function ownProperties(run: Run, datasets: readonly string[]): Promise<Map<string, Property[]>> {
  const { own, unreadable } = await readAll(run, datasets, (finished) => {
    succeeded(finished);
    return [];
  });
  for (const error of unreadable.values()) throw error;
  return own;
}

/** The same where some may have gone meanwhile: each that has not is in one of the two. One process. Throws `command-failed`. */
export function ownPropertiesOfExisting(run: Run, datasets: readonly string[]): Promise<Own> {
  return readAll(run, datasets, goneOf);
}

async function readAll(
  run: Run,
  datasets: readonly string[],
  goneIn: (finished: Finished) => readonly string[],
): Promise<Own> {
  const names = datasets.map(datasetName);
  const gone = new Set<string>();
  const parts = await askInParts(names, async (some) => {
    const asked = ['-o', 'name,property,source,value', 'all'] as const;
    const finished = await run(['zfs', 'get', '-Hp', ...asked, ...some], wholeListing);
    if (finished.flooding) return undefined;
    for (const name of goneIn(finished)) gone.add(name);
    return parseOwn(
      finished.stdout,
      some.filter((name) => !gone.has(name)),
    );
  });
  const own = new Map(parts.flatMap((part) => [...part]));
  const left = names.filter((name) => !own.has(name) && !gone.has(name));
  return { own, unreadable: new Map(left.map((name) => [name, unreadable(name)])) };
}

/** Throws where anything else is said than that some have gone. */
function goneOf(finished: Finished): string[] {
  const gone: string[] = [];
  const rest = finished.stderr.replaceAll(
    /^cannot open '(.+)': dataset does not exist$/gm,
    (_, name: string) => {
      gone.push(name);
      return '';
    },
  );
  if (gone.length === 0 || rest.trim() !== '') succeeded(finished);
  return gone;
}

/**
 * Reads `zfs get -Hp -o name,property,source,value all`: what each of these has of its own. Pure. Undefined where the text of
 * one may have made up what is said of another, or of itself: each must be there once and in one piece, which begins as
 * all do, and no property of it twice. What begins no line of one of these goes on with the value before it.
 */
export function parseOwn(text: string, names: readonly string[]): Map<string, Property[]> | undefined {
  const asked = new Set(names);
  const told = new Map<string, Map<string, { source: string; value: string }>>();
  let [name, begins]: (string | undefined)[] = [];
  let last = { source: '', value: '' };
  for (const line of linesIn(text)) {
    const [of = '', property = '', source = '', ...value] = line.split('\t');
    if (value.length === 0 || !asked.has(of)) {
      last.value += `\n${line}`;
      continue;
    }
    begins ??= property;
    if (property === begins) {
      if (told.has(of)) return undefined;
      told.set(of, new Map());
      name = of;
    }
    const properties = told.get(of);
    if (of !== name || properties === undefined || properties.has(property)) return undefined;
    last = { source, value: value.join('\t') };
    properties.set(property, last);
  }
  if (told.size < asked.size) return undefined;
  return new Map([...told].map(([of, properties]) => [of, ownOf(properties)]));
}

function ownOf(properties: ReadonlyMap<string, { source: string; value: string }>): Property[] {
  return [...properties].flatMap(([name, { source, value }]) =>
    /^(local|received)$/.test(source) ? [[name, settable(name, value)] as const] : [],
  );
}

/** With -p no limit is printed as a number, and zfs(8) wants a word for it. */
function settable(name: string, value: string): string {
  const limit = /^(ref)?(quota|reservation)$|^(filesystem|snapshot)_limit$/.test(name);
  return limit && (value === '0' || value === '18446744073709551615') ? 'none' : value;
}

function unreadable(dataset: string): JtxError {
  return new JtxError({
    code: 'properties-unreadable',
    outcome: 'refused',
    message: `what ${dataset} has of its own cannot be told from what stands in its properties`,
    hint: `zfs get all ${dataset} | cat -v    # a value there holds lines that look like properties`,
  });
}
