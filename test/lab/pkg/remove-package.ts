import { existsSync, lstatSync, readdirSync, readFileSync, rmdirSync, unlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { errorText } from './error-text.ts';
import type { LocalDatabase } from './local-database.ts';
import { type FileEntry, type LocalPackage, type Manifest, nameVersion } from './manifest.ts';
import { runScripts } from './scripts.ts';
import type { Session } from './session.ts';
import { STATUS } from './status.ts';
import { hasSum } from './sums.ts';
import { cleanupTrigger, runPackageTriggers } from './triggers.ts';

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
  deleteDirectories(session, pkg, files, []);
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
export function cleanUpOld(session: Session, old: LocalPackage, pkg: Manifest, scripts: boolean): void {
  if (scripts) runScripts(session, old, 'pre-deinstall', true);
  runPackageTriggers(session, old, 'pre_deinstall', true);
  const kept = new Set(pkg.files.map((file) => file.path));
  const gone = old.files.filter((file) => !kept.has(file.path));
  for (const file of gone) deleteFile(session, old, file);
  deleteDirectories(
    session,
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
    reporter.error(`unlinkat(${file.path.slice(1)}): ${errorText(error)}`);
  }
}

/** Removes a package's directories, and those in its prefix that became empty. */
function deleteDirectories(
  session: Session,
  pkg: LocalPackage,
  files: readonly FileEntry[],
  kept: readonly string[],
): void {
  const parents = new Set(files.map((file) => posix.dirname(file.path)));
  const own = pkg.directories.map((directory) => directory.path).filter((path) => !kept.includes(path));
  const candidates = [...own.reverse(), ...parents];
  for (const start of candidates) {
    for (
      let path = start;
      path.startsWith(`${pkg.prefix}/`) || own.includes(path);
      path = posix.dirname(path)
    ) {
      const place = session.root.path(path);
      const entry = lstatSync(place, { throwIfNoEntry: false });
      if (entry === undefined) continue;
      if (!entry.isDirectory() || readdirSync(place).length > 0) break;
      rmdirSync(place);
    }
  }
  session.root.forget();
}
