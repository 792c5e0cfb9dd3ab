import { existsSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { errorText } from './error-text.ts';
import { all, readLocalPackages, readPackageFiles } from './local-read.ts';
import { registerPackage, unregisterPackage } from './local-register.ts';
import { LOCAL_SCHEMA } from './local-schema.ts';
import type { FileEntry, LocalPackage, Manifest } from './manifest.ts';
import type { Session } from './session.ts';
import { openSqlite } from './sqlite.ts';
import { Exit } from './status.ts';
import { errorCode } from './write.ts';

/** The schema that this stand-in writes; major * 1000 + minor. */
export const SCHEMA_VERSION = 42;

const BUSY_MILLISECONDS = 5000;

/** pkg's local.sqlite of the root. */
export class LocalDatabase {
  readonly sqlite: Database.Database;

  constructor(sqlite: Database.Database) {
    this.sqlite = sqlite;
  }

  /** All installed packages in name order, without their file lists. */
  packages(): LocalPackage[] {
    return readLocalPackages(this.sqlite);
  }

  /** One installed package. */
  package(name: string): LocalPackage | undefined {
    return readLocalPackages(this.sqlite, name)[0];
  }

  /** The files of a package in the order of their paths. */
  files(id: number): FileEntry[] {
    return readPackageFiles(this.sqlite, id);
  }

  /** The package that owns a path. */
  ownerOf(path: string): { name: string; version: string } | undefined {
    const row: unknown = this.sqlite
      .prepare(
        'SELECT name, version FROM files JOIN packages ON packages.id = files.package_id WHERE path = ?',
      )
      .get(path);
    if (typeof row !== 'object' || row === null || !('name' in row) || !('version' in row)) return undefined;
    return { name: String(row.name), version: String(row.version) };
  }

  /** Whether another package registers a directory too. */
  isDirectoryOfOther(path: string, id: number): boolean {
    const others = this.sqlite
      .prepare(
        `SELECT count(*) FROM pkg_directories JOIN directories ON directories.id = directory_id
         WHERE path IN (?, ?) AND package_id <> ?`,
      )
      .pluck()
      .get(path, `${path}/`, id);
    return others !== 0;
  }

  /** The content in which a configuration file was installed. */
  configContent(path: string): string | undefined {
    const content = this.sqlite.prepare('SELECT content FROM config_files WHERE path = ?').pluck().get(path);
    return typeof content === 'string' ? content : undefined;
  }

  register(manifest: Manifest, automatic: boolean, digest: string, configs: Map<string, string>): void {
    registerPackage(this.sqlite, manifest, automatic, digest, configs);
  }

  unregister(id: number): void {
    unregisterPackage(this.sqlite, id);
  }

  setAutomatic(name: string, automatic: boolean): void {
    this.sqlite.prepare('UPDATE packages SET automatic = ? WHERE name = ?').run(automatic ? 1 : 0, name);
  }

  close(): void {
    this.sqlite.close();
  }
}

/** Where the database is, on the host. */
export function localDatabasePath(session: Session): string {
  return session.root.followed(`${session.config.string('PKG_DBDIR')}/local.sqlite`);
}

/** Opens the database for reading; undefined where there is none. */
export function openToRead(session: Session): LocalDatabase | undefined {
  if (!databaseExists(session)) return undefined;
  return new LocalDatabase(openFile(session, localDatabasePath(session), false));
}

/** Whether anything was ever registered, or meant to be. */
export function databaseExists(session: Session): boolean {
  return existsSync(localDatabasePath(session));
}

/** Opens the database for writing, making or upgrading it where needed. */
export function openToWrite(session: Session): LocalDatabase {
  const directory = session.config.string('PKG_DBDIR');
  try {
    session.root.makeDirectory(directory);
  } catch (error) {
    session.reporter.error(`mkdir(${directory}): ${errorText(error)}`);
    session.reporter.warn('Insufficient privileges to install packages');
    throw new Exit(1);
  }
  const sqlite = openFile(session, localDatabasePath(session), true);
  requireCompatible(session, sqlite);
  try {
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma('foreign_keys = ON');
    if (sqlite.pragma('user_version', { simple: true }) === 0) {
      sqlite.transaction(() => {
        sqlite.exec(LOCAL_SCHEMA);
        sqlite.pragma(`user_version = ${SCHEMA_VERSION}`);
      })();
    }
    upgradeSchema(sqlite);
  } catch (error) {
    sqlite.close();
    session.reporter.error(`sqlite error while executing schema in file pkgdb.c: ${errorText(error)}`);
    throw new Exit(errorCode(error) === 'SQLITE_READONLY' ? 1 : 3);
  }
  return new LocalDatabase(sqlite);
}

function openFile(session: Session, path: string, write: boolean): Database.Database {
  try {
    const sqlite = openSqlite(path, { readonly: !write, timeout: BUSY_MILLISECONDS });
    // A file that is none shows itself at the first look only.
    sqlite.pragma('user_version');
    return sqlite;
  } catch (error) {
    session.reporter.error(`Cannot open the local database ${path}: ${errorText(error)}`);
    throw new Exit(1);
  }
}

/** Only a pkg that may write looks at the schema; a newer one that it can use is an error to it all the same. */
function requireCompatible({ reporter }: Session, sqlite: Database.Database): void {
  const version = Number(sqlite.pragma('user_version', { simple: true }));
  if (version <= SCHEMA_VERSION) return;
  const newer = `database version ${version} is newer than`;
  if (Math.trunc(version / 1000) > Math.trunc(SCHEMA_VERSION / 1000)) {
    sqlite.close();
    reporter.error(`${newer} and incompatible with libpkg(3) version ${SCHEMA_VERSION}`);
    throw new Exit(1);
  }
  reporter.error(`warning: ${newer} libpkg(3) version ${SCHEMA_VERSION}, but still compatible`);
}

/** A newer pkg upgrades an older database at its first write, for good. */
function upgradeSchema(sqlite: Database.Database): void {
  const version = Number(sqlite.pragma('user_version', { simple: true }));
  if (version >= SCHEMA_VERSION) return;
  const statements = LOCAL_SCHEMA.replace(/^INSERT.*$/gm, '')
    .replaceAll(/CREATE (TABLE|VIEW|INDEX|UNIQUE INDEX) (?!IF)/g, 'CREATE $1 IF NOT EXISTS ')
    .trim();
  sqlite.transaction(() => {
    const names = all(sqlite, "SELECT name FROM pragma_table_info('files')").map((row) => row['name']);
    for (const [name, type] of [
      ['uname', 'TEXT'],
      ['gname', 'TEXT'],
      ['perm', 'INTEGER'],
      ['fflags', 'INTEGER'],
      ['mtime', 'INTEGER'],
      ['symlink_target', 'TEXT'],
    ]) {
      if (!names.includes(name ?? '')) sqlite.exec(`ALTER TABLE files ADD COLUMN ${name} ${type}`);
    }
    sqlite.exec(statements);
    sqlite.pragma(`user_version = ${SCHEMA_VERSION}`);
  })();
}
