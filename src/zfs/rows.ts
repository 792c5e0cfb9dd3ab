import type { Finished, Run } from '../host/run.ts';
import {
  askInParts,
  linesIn,
  listNames,
  optionsFor,
  printed,
  printedOfExisting,
  type Trees,
  wholeListing,
} from './listing.ts';

/**
 * The rows of `zfs list`: the name of each dataset in some trees, then these columns, those that ZFS alone decides before
 * those in which anybody's text may stand. No row says anything of a dataset that is not so, but for what a jail says of its
 * own (listing.ts). One process. Throws `command-failed`.
 */
export async function listRows(run: Run, trees: Trees, columns: readonly string[]): Promise<string[][]> {
  // The name is the last column too: whoever ends a row early has another beginning, or another end.
  const asked = ['-o', ['name', ...columns, 'name'].join(',')];
  const list = (words: readonly string[]): Promise<Finished> =>
    run(['zfs', 'list', '-H', ...words], wholeListing);
  const text = printed(await list([...optionsFor(trees), ...asked, ...trees.tops]));
  const rows = text === undefined ? undefined : wholeRows(text, columns.length);
  if (rows) return rows;
  const parts = await askInParts(await listNames(run, trees), async (names) => {
    const some = printedOfExisting(await list([...asked, ...names]));
    if (some === undefined) return undefined;
    return wholeRows(some, columns.length) ?? (names.length === 1 ? ownRow(some, columns.length) : undefined);
  });
  return parts.flat();
}

/** The rows without the name at their ends; undefined where somebody's text may have made one of them up. */
function wholeRows(text: string, columns: number): string[][] | undefined {
  const names = new Set<string>();
  const rows: string[][] = [];
  for (const line of linesIn(text)) {
    const row = line.split('\t');
    // In words, that there is nothing.
    if (row.length === 1) continue;
    const [name = ''] = row;
    if (row.length !== columns + 2 || row.pop() !== name || names.has(name)) return undefined;
    names.add(name);
    rows.push(row);
  }
  return rows;
}

/** Of one that was asked about alone its row, as far as that can be told: what ZFS decides is. */
function ownRow(text: string, columns: number): string[][] {
  const [line = ''] = linesIn(text);
  const row = line.split('\t').slice(0, columns + 1);
  return [[...row, ...Array.from({ length: columns + 1 - row.length }, () => '-')]];
}
