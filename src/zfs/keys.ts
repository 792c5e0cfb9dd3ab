import { JtxError } from '../error.ts';
import type { Run } from '../host/run.ts';
import { getLines, parseLine } from './lines.ts';
import { datasetName } from './names.ts';

/** An encryption root whose key is not loaded. */
export interface LockedRoot {
  name: string;
  /** The property `keylocation`: an address, or `prompt`. */
  location: string;
}

/**
 * Loads the keys of encryption roots again that have lost theirs: a promotion makes the clone the root, and forgets the
 * key that was loaded. Gives those whose key is in no file, or not where it should be: only a person can load it. An old
 * zfs(8) knows no keys.
 */
export async function reloadKeys(run: Run, dataset: string): Promise<LockedRoot[]> {
  const left: LockedRoot[] = [];
  for (const root of lockedRoots(await askKeys(run, datasetName(dataset)))) {
    const loaded = await run(['zfs', 'load-key', datasetName(root.name)], { changes: true });
    if (loaded.status !== 0) left.push(root);
  }
  return left;
}

/** Where it cannot be told nothing is loaded: what needs a key will say so. */
async function askKeys(run: Run, dataset: string): Promise<string[]> {
  const properties = ['encryptionroot', 'keystatus', 'keylocation'];
  try {
    return await getLines(run, { tops: [dataset], types: ['filesystem', 'volume'], properties, plain: [] });
  } catch (error) {
    if (error instanceof JtxError) return [];
    throw error;
  }
}

/** In words, why a key could not be loaded. */
export function whyLocked({ location }: LockedRoot): string {
  return location === 'prompt'
    ? 'its key is in no file that is known'
    : `its key cannot be loaded from ${location}`;
}

/** What a person is told of an encryption root whose key could not be loaded. */
export function keyNeeded(root: LockedRoot): string {
  return `${root.name} is locked after this, as ${whyLocked(root)}: zfs load-key ${root.name}`;
}

/** Reads lines of encryptionroot, keystatus and keylocation: the roots whose key is not loaded. Pure. */
export function lockedRoots(lines: readonly string[]): LockedRoot[] {
  const values = new Map<string, string>();
  for (const line of lines) {
    const told = parseLine(line);
    if (told) values.set(`${told.name}\t${told.property}`, told.value);
  }
  return [...values].flatMap(([key, value]) => {
    const [name = '', property] = key.split('\t');
    const locked = property === 'keystatus' && value === 'unavailable';
    if (!locked || values.get(`${name}\tencryptionroot`) !== name) return [];
    return [{ name, location: values.get(`${name}\tkeylocation`) ?? 'prompt' }];
  });
}
