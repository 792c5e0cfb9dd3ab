import { type Finished, type Run, succeeded } from '../host/run.ts';
import { getLinesOf, parseLine } from './lines.ts';
import { datasetName } from './names.ts';
import { unlessOld } from './old-zfs.ts';

/** One property and its value, as zfs(8) takes and gives it. */
export type Property = readonly [name: string, value: string];

/** Properties as arguments. */
export function settings(properties: readonly Property[]): string[] {
  return properties.map(([name, value]) => `${name}=${value}`);
}

/**
 * The value that each of these datasets has of a user property, its own or from above; what has gone has none. One process.
 * Throws `command-failed`.
 */
export async function valuesOf(
  run: Run,
  property: string,
  datasets: readonly string[],
): Promise<Map<string, string>> {
  const lines = await getLinesOf(run, datasets.map(datasetName), [property]);
  return new Map(
    lines.flatMap((line) => {
      const told = parseLine(line);
      const isSet = told?.property === property && told.value !== '-';
      return isSet ? [[told.name, told.value] as const] : [];
    }),
  );
}

/** Sets properties, all or some of them where it fails. An old zfs(8) takes one at a time. Throws `command-failed`. */
export async function setProperties(
  run: Run,
  dataset: string,
  properties: readonly Property[],
): Promise<void> {
  const all = settings(properties);
  if (all.length === 0) return;
  const set = (some: readonly string[]): Promise<Finished> =>
    run(['zfs', 'set', ...some, datasetName(dataset)], { changes: true });
  succeeded(
    await unlessOld(
      run,
      () => set(all),
      () => oneByOne(all, set),
    ),
  );
}

async function oneByOne(
  all: readonly string[],
  set: (some: readonly string[]) => Promise<Finished>,
): Promise<Finished> {
  const [first = '', ...others] = all;
  const finished = await set([first]);
  return others.length === 0 || finished.status !== 0 ? finished : oneByOne(others, set);
}

/** Whether a property limits or reserves room, so that it cannot be set wherever there is none. */
export function isOfRoom([name]: Property): boolean {
  return /^(ref)?(quota|reservation)$/.test(name);
}

/**
 * Sets properties of which {@link isOfRoom} is true where there is room for them: nothing that is brought back is to fail for
 * want of what only a limit or a reservation asks for. Gives what could not be set, in words; there it has the name
 * `called`. Throws `command-failed` for any other reason.
 */
export async function setWhereRoom(
  run: Run,
  dataset: string,
  properties: readonly Property[],
  called = dataset,
): Promise<string[]> {
  const left: string[] = [];
  for (const setting of settings(properties)) {
    const set = await run(['zfs', 'set', setting, datasetName(dataset)], { changes: true });
    const full = /size is (greater|less) than|out of space/.test(set.stderr);
    if (!full) succeeded(set);
    else
      left.push(`There is no room for ${setting} of ${called}: zfs set ${setting} ${called}, once there is.`);
  }
  return left;
}

/** Lets a dataset have a property from above again. Throws `command-failed`. */
export async function inheritProperty(run: Run, dataset: string, name: string): Promise<void> {
  succeeded(await run(['zfs', 'inherit', name, datasetName(dataset)], { changes: true }));
}
