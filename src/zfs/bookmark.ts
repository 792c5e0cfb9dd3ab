import { type Run, succeeded } from '../host/run.ts';
import { datasetName } from './names.ts';

/** Bookmarks a snapshot, which can then go without breaking a chain of streams; that it is there is fine. */
export async function bookmarkSnapshot(
  run: Run,
  dataset: string,
  snapshot: string,
  bookmark: string,
): Promise<void> {
  const name = datasetName(dataset);
  const made = await run(['zfs', 'bookmark', `${name}@${snapshot}`, `${name}#${bookmark}`], {
    changes: true,
  });
  if (!/exists/.test(made.stderr)) succeeded(made);
}

/** Destroys a bookmark of jtx's own; that it is gone is fine. */
export async function destroyBookmark(run: Run, dataset: string, bookmark: string): Promise<void> {
  const gone = await run(['zfs', 'destroy', `${datasetName(dataset)}#${bookmark}`], { changes: true });
  if (!/does not exist/.test(gone.stderr)) succeeded(gone);
}
