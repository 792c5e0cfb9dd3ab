import type { Finished, Run } from '../host/run.ts';

/** A host's zfs(8) is known by what runs it. */
const old = new WeakSet<Run>();

/**
 * Runs a command in the form that only a modern zfs(8) knows, or plainly where it is an old one: that shows the first
 * time, by its refusal of an option or a property, or of a second property as a dataset, and is remembered.
 */
export async function unlessOld(
  run: Run,
  modern: () => Promise<Finished>,
  plain: () => Promise<Finished>,
): Promise<Finished> {
  if (old.has(run)) return plain();
  const finished = await modern();
  if (
    !/invalid (option|property|type)|bad property list|'[^']*=[^']*': invalid dataset name/.test(
      finished.stderr,
    )
  )
    return finished;
  old.add(run);
  return plain();
}
