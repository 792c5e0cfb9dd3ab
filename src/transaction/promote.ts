import { JtxError } from '../error.ts';
import type { Run } from '../host/run.ts';
import { promoteUnlessInUse } from '../zfs/clone.ts';
import { keyNeeded, type LockedRoot, reloadKeys } from '../zfs/keys.ts';
import { poolOf } from '../zfs/names.ts';
import { listOrigins } from '../zfs/newer.ts';
import { ExchangeWorld } from './exchange-world.ts';

/**
 * Promotes what of a jail's tree is a clone of what was set aside, so that the snapshots from before are the jail's again;
 * that nothing is, is fine. Throws `snapshots-in-use`, `key-missing`, `command-failed`.
 */
export async function promoteTree(run: Run, dataset: string): Promise<void> {
  const clones = await listUnpromoted(run, dataset);
  if (clones.length === 0) return;
  const refusals: string[] = [];
  for (const clone of clones) {
    const refusal = await promoteUnlessInUse(run, clone, 1);
    if (refusal !== undefined) refusals.push(refusal);
  }
  const locked = await reloadKeys(run, dataset);
  const [refusal] = refusals;
  if (refusal !== undefined) throw inUse(refusal);
  if (locked.length > 0) throw keysMissing(locked);
}

/** What {@link promoteTree} would promote, one as often as it takes. One process. Throws `command-failed`. */
export async function listUnpromoted(run: Run, dataset: string): Promise<string[]> {
  return unpromoted(dataset, await listOrigins(run, poolOf(dataset)));
}

/** The same, of which dataset is a clone of which snapshot. Pure. */
export function unpromoted(dataset: string, origins: ReadonlyMap<string, string>): string[] {
  const world = new ExchangeWorld([...origins].map(([name, origin]) => ({ name, origin, marked: false })));
  for (const name of world.tree(dataset)) world.promoteFrom(name, `${dataset}.aside-`);
  return world.steps.flatMap((step) => (step.do === 'promote' ? [step.dataset] : []));
}

function inUse(refusal: string): JtxError {
  return new JtxError({
    code: 'snapshots-in-use',
    outcome: 'busy',
    message: `one of them is being sent, or in use otherwise, and until that ends they lie in what was set aside: ${refusal}`,
  });
}

function keysMissing(roots: readonly LockedRoot[]): JtxError {
  return new JtxError({
    code: 'key-missing',
    outcome: 'stuck',
    message: roots.map(keyNeeded).join(' '),
  });
}
