import { chmodSync, copyFileSync, existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import type { LocalDatabase } from './local-database.ts';
import type { LocalPackage } from './manifest.ts';
import type { Session } from './session.ts';
import { blake2Sum } from './sums.ts';

/** backup_lib.c: what an upgrade takes away of a package's libraries stays, as a package of its own, where that is asked for. */
export function backUpLibrary(
  session: Session,
  database: LocalDatabase,
  old: LocalPackage,
  path: string,
): void {
  const library = posix.basename(path);
  if (!session.config.boolean('BACKUP_LIBRARIES') || !old.shlibsProvided.includes(library)) return;
  const { root, reporter } = session;
  if (!existsSync(root.followed(path))) {
    reporter.notice(`Unable to backup library ${path}: No such file or directory`);
    return;
  }
  const directory = session.config.string('BACKUP_LIBRARY_PATH');
  root.makeDirectory(directory);
  const kept = posix.join(directory, library);
  copyFileSync(root.followed(path), root.path(kept));
  chmodSync(root.path(kept), 0o644);
  database.register(packageOf(old, kept, readFileSync(root.path(kept))), false, 'backuplib', new Map());
}

function packageOf(old: LocalPackage, path: string, content: Buffer) {
  const library = posix.basename(path);
  const file = { path, sum: blake2Sum(content), uname: '', gname: '', perm: 0, mtime: 0 };
  const nothing = {
    deps: [],
    categories: [],
    licenses: [],
    users: [],
    groups: [],
    provides: [],
    requires: [],
  };
  const noWork = { config: [], directories: [], scripts: {}, luaScripts: {}, messages: [] };
  return {
    ...old,
    ...nothing,
    ...noWork,
    name: `${old.name}-backup-${library}`,
    origin: `${old.origin}-backup-${library}`,
    version: timeStamp(new Date()),
    comment: 'Compatibility libraries saved during package upgrade',
    desc: 'Compatibility libraries saved during package upgrade\n',
    maintainer: 'root@localhost',
    www: 'N/A',
    prefix: '/',
    flatsize: content.length,
    vital: false,
    shlibsRequired: [],
    shlibsProvided: [library],
    options: {},
    annotations: {},
    files: [{ ...file, symlinkTarget: undefined }],
  };
}

/** By the clock of the place, as strftime(3) has it. */
function timeStamp(time: Date): string {
  const parts = [time.getMonth() + 1, time.getDate(), time.getHours(), time.getMinutes(), time.getSeconds()];
  return `${time.getFullYear()}${parts.map((part) => String(part).padStart(2, '0')).join('')}`;
}
