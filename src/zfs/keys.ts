import type { Run } from '../host/run.ts';
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
  const command = ['zfs', 'get', '-H', '-r', '-t', 'filesystem,volume', '-o', 'name,property,value'] as const;
  const got = await run([...command, 'encryptionroot,keystatus,keylocation', datasetName(dataset)]);
  const left: LockedRoot[] = [];
  for (const root of got.status === 0 ? lockedRoots(got.stdout) : []) {
    const loaded = await run(['zfs', 'load-key', datasetName(root.name)], { changes: true });
    if (loaded.status !== 0) left.push(root);
  }
  return left;
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

/** Reads `zfs get -H -o name,property,value encryptionroot,keystatus,keylocation`: the roots whose key is not loaded. */
export function lockedRoots(text: string): LockedRoot[] {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [name, property, value] = line.split('\t');
    if (name !== undefined && value !== undefined) values.set(`${name}\t${property}`, value);
  }
  return [...values].flatMap(([key, value]) => {
    const [name = '', property] = key.split('\t');
    const locked = property === 'keystatus' && value === 'unavailable';
    if (!locked || values.get(`${name}\tencryptionroot`) !== name) return [];
    return [{ name, location: values.get(`${name}\tkeylocation`) ?? 'prompt' }];
  });
}
