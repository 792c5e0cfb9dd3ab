import type { Run } from '../host/run.ts';
import { datasetName } from './names.ts';

/**
 * Loads the keys of encryption roots again that have lost theirs: a promotion makes the clone the root, and forgets the
 * key that was loaded. Gives the names of those whose key is not in a file: only a person can load it. An old zfs(8)
 * knows no keys.
 */
export async function reloadKeys(run: Run, dataset: string): Promise<string[]> {
  const command = ['zfs', 'get', '-H', '-r', '-t', 'filesystem,volume', '-o', 'name,property,value'] as const;
  const got = await run([...command, 'encryptionroot,keystatus', datasetName(dataset)]);
  const left: string[] = [];
  for (const root of got.status === 0 ? lockedRoots(got.stdout) : []) {
    const loaded = await run(['zfs', 'load-key', datasetName(root)], { changes: true });
    if (loaded.status !== 0) left.push(root);
  }
  return left;
}

/** Reads `zfs get -H -o name,property,value encryptionroot,keystatus`: the roots whose key is not loaded. */
export function lockedRoots(text: string): string[] {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [name, property, value] = line.split('\t');
    if (name !== undefined && value !== undefined) values.set(`${name}\t${property}`, value);
  }
  return [...values].flatMap(([key, value]) => {
    const [name = '', property] = key.split('\t');
    const locked = property === 'keystatus' && value === 'unavailable';
    return locked && values.get(`${name}\tencryptionroot`) === name ? [name] : [];
  });
}
