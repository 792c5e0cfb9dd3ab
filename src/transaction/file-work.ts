import { randomUUID } from 'node:crypto';
import { lstatSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { JtxError } from '../error.ts';
import { copyHere } from '../host/copy.ts';
import { lookInside, withinDirectory } from '../host/inside-root.ts';
import { compare } from '../pkg/change-set.ts';
import { type InstalledPackage, readPackages } from '../pkg/database.ts';
import type { Work } from './package-work.ts';
import type { FileRequest } from './request.ts';
import { enter, requireGoing, type Session } from './session.ts';

/** Puts one file into a jail, from a tree of jtx's own that holds it: `jtx restore --path`. */
export async function workByFile(
  session: Session,
  { tree, inside, path }: FileRequest,
  before: readonly InstalledPackage[],
  onApply: () => void,
): Promise<Work> {
  const { context, record, subject } = session;
  enter(session, 'apply', 'restoring', path);
  onApply();
  requireGoing(context);
  const found = lookInside(tree, inside);
  if (!found?.isFile() && !found?.isSymbolicLink())
    throw failed(`${path} is no file${found ? '' : ' that the backup has'}`);
  withinDirectory(subject.jail.root, dirname(path), () => place(join(tree, inside), basename(path)));
  const changes = compare(before, await readPackages(subject.jail.root));
  if (!session.rehearsing) record.write((journal) => journal.recordChanges(record.id, changes));
  return { unchanged: false, plan: undefined, changes, reinstalled: [], messages: [] };
}

/**
 * In the working directory, under another name first: whoever reads it sees the old file or the new one whole. No jail can
 * know that name before cp(1) has the file open: it would follow a link that is there.
 */
function place(source: string, name: string): void {
  if (lstatSync(name, { throwIfNoEntry: false })?.isDirectory())
    throw failed(`${name} is a directory in the jail`);
  const fresh = `.jtx-${randomUUID()}`;
  try {
    copyHere(source, fresh);
    renameSync(fresh, name);
  } finally {
    rmSync(fresh, { force: true });
  }
}

function failed(message: string): JtxError {
  return new JtxError({ code: 'restore-failed', outcome: 'rolled-back', message });
}
