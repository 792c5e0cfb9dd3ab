import { existsSync, lstatSync, readFileSync, rmdirSync, unlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { backUpLibrary } from './backup-library.ts';
import { errorText } from './error-text.ts';
import type { LocalDatabase } from './local-database.ts';
import { type FileEntry, type LocalPackage, type Manifest, nameVersion } from './manifest.ts';
import { runScripts } from './scripts.ts';
import type { Session } from './session.ts';
import { STATUS } from './status.ts';
import { hasSum } from './sums.ts';
import { cleanupTrigger, runPackageTriggers } from './triggers.ts';
import { errorCode } from './write.ts';

/** Takes one package out; gives pkg's status. Failing scripts do not stop it. */
export function removePackage(
  session: Session,
  database: LocalDatabase,
  pkg: LocalPackage,
  scripts: boolean,
): number {
  const { reporter } = session;
  const named = `"pkgname": "${pkg.name}", "pkgversion": "${pkg.version}"`;
  reporter.event(`{ "type": "INFO_DEINSTALL_BEGIN", "data": { ${named}}}`);
  reporter.sayAction(`Deinstalling ${nameVersion(pkg)}...\n`);
  if (scripts) runScripts(session, pkg, 'pre-deinstall', false);
  runPackageTriggers(session, pkg, 'pre_deinstall', false);
  const files = database.files(pkg.id);
  if (files.length > 0) {
    reporter.event();
    reporter.progressStart(`Deleting files for ${nameVersion(pkg)}`, true);
    for (const [index, file] of files.entries()) {
      if (files.length <= 100 || index % Math.ceil(files.length / 100) === 0) {
        reporter.progressTick(index, files.length);
      }
      deleteFile(session, pkg, file);
    }
    reporter.progressTick(files.length, files.length);
    reporter.event();
  }
  if (scripts) runScripts(session, pkg, 'post-deinstall', false);
  runPackageTriggers(session, pkg, 'post_deinstall', false);
  deleteDirectories(session, database, pkg, files, []);
  reporter.event(`{ "type": "INFO_DEINSTALL_FINISHED", "data": { ${named}}}`);
  for (const message of pkg.messages) {
    if (message.type === 'remove')
      reporter.message(`Message from ${nameVersion(pkg)}:\n${message.message}\n`);
  }
  try {
    database.unregister(pkg.id);
  } catch (error) {
    reporter.error(`sqlite error while executing DELETE in file pkgdb.c: ${errorText(error)}`);
    return STATUS.fatal;
  }
  return STATUS.ok;
}

/** Takes away what an old version had and the new one does not; its files must have been loaded. */
export function cleanUpOld(
  session: Session,
  database: LocalDatabase,
  old: LocalPackage,
  pkg: Manifest,
  scripts: boolean,
): void {
  if (scripts) runScripts(session, old, 'pre-deinstall', true);
  runPackageTriggers(session, old, 'pre_deinstall', true);
  const kept = new Set(pkg.files.map((file) => file.path));
  const gone = old.files.filter((file) => !kept.has(file.path));
  for (const file of gone) {
    backUpLibrary(session, database, old, file.path);
    deleteFile(session, old, file);
  }
  deleteDirectories(
    session,
    database,
    old,
    gone,
    pkg.directories.map((directory) => directory.path),
  );
}

function deleteFile(session: Session, pkg: LocalPackage, file: FileEntry): void {
  const { reporter, root } = session;
  const path = root.path(file.path);
  if (pkg.config.includes(file.path) && existsSync(path) && !hasSum(readFileSync(path), file.sum)) {
    reporter.notice(`You may need to manually remove ${file.path} if it is no longer needed.`);
    return;
  }
  session.touched.add(posix.dirname(file.path));
  cleanupTrigger(session, file.path);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    reporter.event();
    reporter.complain(`${nameVersion(pkg)}: missing file ${file.path}`);
    return;
  }
  try {
    unlinkSync(path);
  } catch (error) {
    reporter.errno('unlinkat', file.path.slice(1), error);
  }
}

/** Removes a package's directories, and those in its prefix that became empty. */
function deleteDirectories(
  session: Session,
  database: LocalDatabase,
  pkg: LocalPackage,
  files: readonly FileEntry[],
  kept: readonly string[],
): void {
  const within = (path: string): boolean => path.startsWith(`${pkg.prefix}/`);
  const own = pkg.directories
    .map(({ path }) => path.replace(/\/+$/, ''))
    .filter((path) => !kept.includes(path));
  const deepest: string[] = [];
  const parents = files.map(({ path }) => posix.dirname(path));
  for (const path of [...parents, ...own.reverse()].filter(within)) addDeepest(deepest, `${path}/`);
  for (const path of [...deepest, ...own.filter((path) => !within(path))])
    removeUpwards(session, database, pkg, path);
  session.root.forget();
}

/** Of directories that lie in each other only the deepest is kept: the others come after it. */
function addDeepest(known: string[], path: string): void {
  if (known.some((one) => one.startsWith(path))) return;
  const above = known.findIndex((one) => path.startsWith(one));
  if (above < 0) known.push(path);
  else known[above] = path;
}

/** rmdir_p() of pkg_delete.c: one that was gone already is an error to pkg, and keeps it from nothing. */
function removeUpwards(session: Session, database: LocalDatabase, pkg: LocalPackage, path: string): void {
  const bare = path.replace(/\/$/, '');
  if (bare === pkg.prefix || database.isDirectoryOfOther(bare, pkg.id)) return;
  try {
    rmdirSync(session.root.path(bare));
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOTEMPTY' && code !== 'EBUSY') session.reporter.errno('unlinkat', path.slice(1), error);
    if (code !== 'ENOENT') return;
  }
  if (bare.startsWith(`${pkg.prefix}/`)) removeUpwards(session, database, pkg, `${posix.dirname(bare)}/`);
}
