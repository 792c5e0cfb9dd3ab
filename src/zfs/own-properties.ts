import { type Finished, type Run, succeeded } from '../host/run.ts';
import { delegationOf } from './delegation.ts';
import { wholeListing } from './listing.ts';
import { datasetName, isWithin } from './names.ts';
import { type Property, parseProperties } from './properties.ts';

/**
 * What these datasets have of their own, set here or received with a stream. One process; one more for each that is a
 * jail's, or was: root in it can print lines of any other dataset by a property with a newline, so each is asked alone.
 * Throws `command-failed`.
 */
export async function ownProperties(run: Run, datasets: readonly string[]): Promise<Map<string, Property[]>> {
  const names = datasets.map(datasetName);
  const all = await ownAmong(run, names);
  // The line that makes one a jail's is not the jail's to take away; one that it makes up makes no difference.
  const given = names.filter((name) =>
    names.some((top) => isWithin(name, top) && delegationOf(all.get(top) ?? []) !== undefined),
  );
  if (given.length === 0) return all;
  const found = await ownAmong(
    run,
    names.filter((name) => !given.includes(name)),
  );
  for (const name of given) found.set(name, (await ownAmong(run, [name])).get(name) ?? []);
  return found;
}

async function ownAmong(run: Run, names: readonly string[]): Promise<Map<string, Property[]>> {
  if (names.length === 0) return new Map();
  const found = parseProperties(succeeded(await askOwn(run, names)).stdout);
  return new Map([...found].filter(([name]) => names.includes(name)));
}

/** The same where some may have gone meanwhile: each that has not has an entry. One process. Throws `command-failed`. */
export async function ownPropertiesOfExisting(
  run: Run,
  datasets: readonly string[],
): Promise<Map<string, Property[]>> {
  if (datasets.length === 0) return new Map();
  const names = datasets.map(datasetName);
  const got = await askOwn(run, names);
  const gone = new Set<string>();
  const rest = got.stderr.replaceAll(/^cannot open '(.+)': dataset does not exist$/gm, (_, name: string) => {
    gone.add(name);
    return '';
  });
  if (gone.size === 0 || rest.trim() !== '') succeeded(got);
  const found = parseProperties(got.stdout);
  return new Map(names.filter((name) => !gone.has(name)).map((name) => [name, found.get(name) ?? []]));
}

function askOwn(run: Run, names: readonly string[]): Promise<Finished> {
  const asked = ['-s', 'local,received', '-o', 'name,property,value', 'all'] as const;
  // A jail can give the datasets that it was given as many properties as it likes: that concerns no other.
  return run(['zfs', 'get', '-Hp', ...asked, ...names], wholeListing);
}
