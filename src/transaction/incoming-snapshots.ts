import { type Run, succeeded } from '../host/run.ts';
import { wholeListing } from '../zfs/listing.ts';
import { isWithin, parentOf, splitAside, transactionOfSnapshot } from '../zfs/names.ts';
import type { Exchange } from './exchange-plan.ts';

/** An exchange's names, and which snapshots come in. */
type Coming = Pick<Exchange, 'dataset' | 'aside'> & { snapshot: string; tree: string };

/**
 * The snapshots of which an exchange makes the jail, by the path below the jail's dataset, under the names that they
 * have once the present tree is set aside. What was set aside lies beside it. One process. Throws `command-failed`.
 */
export async function incomingSnapshots(run: Run, exchange: Exchange): Promise<Map<string, string>> {
  const { dataset, aside, incoming } = exchange;
  if ('aside' in incoming) return new Map();
  const names = ['-r', '-t', 'snapshot', '-o', 'name', parentOf(dataset)];
  const listed = await run(['zfs', 'list', '-H', ...names], wholeListing);
  return chooseSnapshots(succeeded(listed).stdout.split('\n'), { dataset, aside, ...incoming });
}

/**
 * Chooses them among all that there are, pure. The tree that comes in is first. A transaction's snapshot has a name that
 * is nobody else's, so that of a child is found in whatever tree the child was left: it belongs to the same state.
 */
export function chooseSnapshots(names: readonly string[], coming: Coming): Map<string, string> {
  const chosen = new Map<string, { name: string; rank: string }>();
  for (const name of names) {
    const found = placeOf(name, coming);
    if (!found) continue;
    const { path, tree } = found;
    const first = tree === coming.tree;
    if (!first && transactionOfSnapshot(coming.snapshot) === undefined) continue;
    // A tree that was set aside later has the later name.
    const rank = (first ? '1' : '0') + tree;
    if ((chosen.get(path)?.rank ?? '') < rank)
      chosen.set(path, { name: `${tree}${path}@${coming.snapshot}`, rank });
  }
  return new Map([...chosen].map(([path, { name }]) => [path, name]));
}

function placeOf(
  name: string,
  { dataset, aside, snapshot }: Coming,
): { path: string; tree: string } | undefined {
  const at = name.indexOf('@');
  const owner = name.slice(0, at);
  if (at < 0 || name.slice(at + 1) !== snapshot) return undefined;
  if (isWithin(owner, dataset)) return { path: owner.slice(dataset.length), tree: aside };
  const split = splitAside(owner);
  if (split?.dataset !== dataset) return undefined;
  return { path: split.path, tree: owner.slice(0, owner.length - split.path.length) };
}
