import { existsSync, lstatSync } from 'node:fs';
import { dirname } from 'node:path/posix';
import { Accounts } from './accounts.ts';
import { manifestIn, unpackArchive } from './archive.ts';
import { archiveOf } from './cache.ts';
import { decideConfigs } from './config-merge.ts';
import { errorText } from './error-text.ts';
import { isDiskFull, Stage } from './extract.ts';
import { extractPackage } from './extract-package.ts';
import type { Candidate } from './jobs.ts';
import type { LocalDatabase } from './local-database.ts';
import { loadLuaFor } from './lua-loader.ts';
import { type LocalPackage, type Manifest, nameVersion } from './manifest.ts';
import { messagesJson } from './manifest-json.ts';
import { printableMessages } from './package-messages.ts';
import { putInPlace } from './put-in-place.ts';
import { cleanUpOld } from './remove-package.ts';
import { runScripts } from './scripts.ts';
import type { Session } from './session.ts';
import { STATUS } from './status.ts';
import { tarEntries } from './tar.ts';
import { runPackageTriggers } from './triggers.ts';
import { compareVersions } from './version.ts';

/** How a package is to be put in. */
export interface InstallFlags {
  automatic: boolean;
  scripts: boolean;
  registerOnly: boolean;
}

/** Puts one package in, as a whole or not at all; gives pkg's status. */
export async function installPackage(
  session: Session,
  database: LocalDatabase,
  candidate: Candidate,
  old: LocalPackage | undefined,
  flags: InstallFlags,
): Promise<number> {
  const { reporter, root } = session;
  const path = archiveOf(session, candidate);
  const tar = path === undefined ? undefined : unpacked(path);
  const manifest = tar === undefined ? undefined : manifestIn(tar);
  if (tar === undefined || manifest === undefined) {
    reporter.error('the package is not valid');
    return STATUS.fatal;
  }
  manifest.annotations = {
    ...manifest.annotations,
    ...(candidate.repository === undefined ? {} : { repository: candidate.repository, repo_type: 'binary' }),
  };
  await loadLuaFor(session, manifest);
  if (old !== undefined) await loadLuaFor(session, old);
  begin(session, manifest, old);
  const contents = new Map<string, string>();
  for (const entry of tarEntries(tar)) {
    if (manifest.config.includes(entry.path)) contents.set(entry.path, entry.content.toString('utf8'));
  }
  const unowned = new Set(
    manifest.files
      .map((file) => file.path)
      .filter((file) => present(root.path(file)) && database.ownerOf(file) === undefined),
  );
  const configs = decideConfigs(session, database, manifest, old, contents);
  try {
    database.sqlite.exec('BEGIN IMMEDIATE');
    database.register(manifest, flags.automatic, `2$${candidate.sum}`, contents);
    if (flags.scripts && !runScripts(session, manifest, 'pre-install', old !== undefined)) {
      database.sqlite.exec('ROLLBACK');
      return STATUS.fatal;
    }
    runPackageTriggers(session, manifest, 'pre_install', old !== undefined);
    const stage = new Stage(root, new Accounts(root), manifest);
    if (!flags.registerOnly && !(await extractPackage(session, manifest, tar, stage))) {
      database.sqlite.exec('ROLLBACK');
      return STATUS.fatal;
    }
    if (old !== undefined) cleanUpOld(session, database, old, manifest, flags.scripts);
    if (!flags.registerOnly) putInPlace(session, stage, manifest.files, { unowned, configs });
    database.sqlite.exec('COMMIT');
  } catch (error) {
    reporter.error(`sqlite error while executing transaction in file pkgdb.c: ${errorText(error)}`);
    if (database.sqlite.inTransaction) rollback(database);
    if (!isDiskFull(error) && !(error instanceof Error && 'code' in error)) throw error;
    return STATUS.fatal;
  }
  for (const file of manifest.files) session.touched.add(dirname(file.path));
  for (const directory of manifest.directories) session.touched.add(directory.path);
  if (flags.scripts) runScripts(session, manifest, 'post-install', old !== undefined);
  await loadLuaFor(session, undefined);
  runPackageTriggers(session, manifest, 'post_install', old !== undefined);
  finish(session, manifest, old);
  const text = printableMessages(manifest, old);
  if (text !== '') reporter.message(text);
  return STATUS.ok;
}

function unpacked(path: string): Buffer | undefined {
  try {
    return unpackArchive(path);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function present(path: string): boolean {
  return existsSync(path) || lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function rollback(database: LocalDatabase): void {
  try {
    database.sqlite.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself, as it does when the disk is full.
  }
}

function begin(session: Session, pkg: Manifest, old: LocalPackage | undefined): void {
  const { reporter } = session;
  if (old === undefined) {
    reporter.event(
      `{ "type": "INFO_INSTALL_BEGIN", "data": { "pkgname": "${pkg.name}", "pkgversion": "${pkg.version}"}}`,
    );
    reporter.sayAction(`Installing ${nameVersion(pkg)}...\n`);
    return;
  }
  reporter.event(upgradeEvent('BEGIN', pkg, old));
  const order = compareVersions(old.version, pkg.version);
  if (order === 0) reporter.sayAction(`Reinstalling ${nameVersion(pkg)}...\n`);
  else {
    const word = order < 0 ? 'Upgrading' : 'Downgrading';
    reporter.sayAction(`${word} ${pkg.name} from ${old.version} to ${pkg.version}...\n`);
  }
}

function finish(session: Session, pkg: Manifest, old: LocalPackage | undefined): void {
  if (old !== undefined) {
    session.reporter.event(upgradeEvent('FINISHED', pkg, old));
    return;
  }
  const message = pkg.messages.length === 0 ? '""' : messagesJson(pkg.messages);
  session.reporter.event(
    `{ "type": "INFO_INSTALL_FINISHED", "data": { "pkgname": "${pkg.name}", ` +
      `"pkgversion": "${pkg.version}", "message": ${message}}}`,
  );
}

function upgradeEvent(phase: string, pkg: Manifest, old: LocalPackage): string {
  return (
    `{ "type": "INFO_UPGRADE_${phase}", "data": { "pkgname": "${pkg.name}", ` +
    `"pkgversion": "${old.version}" ,"pkgnewversion": "${pkg.version}"}}`
  );
}
