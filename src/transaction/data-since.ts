import { JtxError } from '../error.ts';
import { lookInside } from '../host/inside-root.ts';
import { runCommand } from '../host/run.ts';
import type { Journal } from '../journal/journal.ts';
import { readOwners } from '../pkg/database.ts';
import { size } from '../report/size.ts';
import { diffSince } from '../zfs/diff.ts';
import type { Subject } from './subject.ts';
import { type Written, writtenSince } from './written.ts';

/**
 * What a jail itself wrote since the snapshots of one name, in what would be reverted; `before` is the transaction
 * or boundary of that time. Undefined where this zfs(8) cannot tell.
 */
export async function dataSince(
  journal: Journal,
  { jail, datasets }: Subject,
  snapshot: string,
  before: string,
): Promise<Written[] | undefined> {
  const differences = [];
  for (const { name, mounted, reverted } of datasets) {
    if (!mounted || !reverted) continue;
    const found = await diffSince(runCommand, `${name}@${snapshot}`, undefined);
    if (found === undefined) return undefined;
    differences.push(...found);
  }
  return writtenSince(differences, {
    root: jail.root,
    intervals: journal
      .periods(jail.root, before)
      .map(({ started, ended, live }) => ({ started, ended: ended ?? Date.now(), live })),
    owned: await readOwners(jail.root),
    sizeOf: (path) => sizeInside(jail.root, path),
  });
}

/** A jail that runs can put a link out of its root above a file: that one is not the jail's. */
function sizeInside(root: string, path: string): number {
  try {
    const inside = path.startsWith(`${root}/`);
    return lookInside(inside ? root : '/', inside ? path.slice(root.length) : path)?.size ?? 0;
  } catch (error) {
    if (error instanceof JtxError) return 0;
    throw error;
  }
}

/** It in words, a line a directory; nothing where nothing was written. */
export function dataLines(written: readonly Written[], shown = 6): string[] {
  const lines = written
    .slice(0, shown)
    .map(
      ({ directory, files, bytes }) =>
        `${directory}: ${files} file${files === 1 ? '' : 's'}, ${size(bytes)} written since`,
    );
  const rest = written.length - lines.length;
  return rest > 0 ? [...lines, `and ${rest} more director${rest === 1 ? 'y' : 'ies'}`] : lines;
}
