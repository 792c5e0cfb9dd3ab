import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { archiveManifest } from '../archive.ts';
import { lockAdvisory, lockExclusive, unlock } from '../database-lock.ts';
import { verbOptions } from '../getopt.ts';
import { installPackage } from '../install-package.ts';
import { type LocalDatabase, openToWrite } from '../local-database.ts';
import { loadLuaFor } from '../lua-loader.ts';
import { nameVersion } from '../manifest.ts';
import { removePackage } from '../remove-package.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { systemLibraries } from '../system-libraries.ts';
import { runTriggers } from '../triggers.ts';

interface AddFlags {
  automatic: boolean;
  scripts: boolean;
  force: boolean;
  ignoreMissing: boolean;
}

/** `pkg add`: installs archive files, with what they need from the same directory. */
export async function add(session: Session, args: readonly string[]): Promise<number> {
  const options = verbOptions('add', args, 'ACfFgiIlMnqr:RUXxy12', {
    'accept-missing': 'M',
    quiet: 'q',
    force: 'f',
  });
  const { reporter } = session;
  reporter.quiet = options.has('q');
  session.yes = true;
  const database = openToWrite(session);
  lockAdvisory(session, database);
  lockExclusive(database);
  try {
    let status: number = STATUS.ok;
    for (const file of options.names) {
      const flags = {
        automatic: options.has('A'),
        scripts: !options.has('I'),
        force: options.has('f'),
        ignoreMissing: options.has('M'),
      };
      if (!(await addFile(session, database, file, flags))) status = STATUS.failure;
    }
    if (status === STATUS.ok) await runTriggers(session);
    reporter.say(reporter.messages);
    return status;
  } finally {
    unlock(session, database);
    database.close();
  }
}

async function addFile(
  session: Session,
  database: LocalDatabase,
  file: string,
  flags: AddFlags,
): Promise<boolean> {
  const { reporter, root } = session;
  const path = root.followed(file);
  if (!existsSync(path)) {
    reporter.warn(`${file}: No such file or directory`);
    return false;
  }
  const manifest = archiveManifest(path);
  if (manifest === undefined) {
    reporter.error(`${file} is not a valid package: no manifest found`);
    return false;
  }
  const old = database.package(manifest.name);
  if (old !== undefined && !flags.force) {
    reporter.print(`the most recent version of ${nameVersion(old)} is already installed\n`);
    return true;
  }
  for (const entry of manifest.files) {
    const owner = database.ownerOf(entry.path);
    if (owner === undefined || owner.name === manifest.name) continue;
    reporter.error(
      `${nameVersion(manifest)} conflicts with ${owner.name}-${owner.version} (installs files into the same place).  Problematic file: ${entry.path}`,
    );
    return false;
  }
  for (const dep of manifest.deps) {
    if (database.package(dep.name) !== undefined) continue;
    const beside = posix.join(posix.dirname(file), `${dep.name}-${dep.version}.pkg`);
    const added =
      existsSync(root.followed(beside)) &&
      (await addFile(session, database, beside, { ...flags, automatic: true }));
    if (added || flags.ignoreMissing) continue;
    reporter.event(
      `{ "type": "ERROR_MISSING_DEP", "data": { "depname": "${dep.name}", "depversion": "${dep.version}"}}`,
    );
    reporter.warn(`Missing dependency '${dep.name}'`);
    return false;
  }
  const system = systemLibraries(session);
  const provided = new Set(database.packages().flatMap((pkg) => pkg.shlibsProvided));
  const library = manifest.shlibsRequired.find(
    (name) => !system(name) && !provided.has(name) && !manifest.shlibsProvided.includes(name),
  );
  if (library !== undefined && !flags.ignoreMissing) {
    reporter.error(`${nameVersion(manifest)} requires missing shared library ${library}`);
    return false;
  }
  if (old !== undefined) {
    await loadLuaFor(session, old);
    removePackage(session, database, old, flags.scripts);
  }
  const candidate = {
    ...manifest,
    sum: '',
    repopath: '',
    pkgsize: 0,
    repository: undefined,
    archive: file,
    reason: undefined,
  };
  const status = await installPackage(session, database, candidate, undefined, {
    automatic: flags.automatic,
    scripts: flags.scripts,
    registerOnly: false,
  });
  return status === STATUS.ok;
}
