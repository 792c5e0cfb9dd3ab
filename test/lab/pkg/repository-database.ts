import { existsSync, rmSync } from 'node:fs';
import type { RemotePackage } from './manifest.ts';
import { readRemote } from './manifest-json.ts';
import type { Repository } from './repositories.ts';
import type { Session } from './session.ts';
import { openSqlite } from './sqlite.ts';

const SCHEMA = `
CREATE TABLE packages (id INTEGER PRIMARY KEY, origin TEXT, name TEXT NOT NULL, version TEXT NOT NULL,
  comment TEXT NOT NULL, desc TEXT NOT NULL, osversion TEXT, arch TEXT NOT NULL, maintainer TEXT NOT NULL,
  www TEXT, prefix TEXT NOT NULL, pkgsize INTEGER NOT NULL, flatsize INTEGER NOT NULL,
  licenselogic INTEGER NOT NULL, cksum TEXT NOT NULL, path TEXT NOT NULL, pkg_format_version INTEGER,
  manifestdigest TEXT NULL, olddigest TEXT NULL, dep_formula TEXT NULL, vital INTEGER NOT NULL DEFAULT 0);
CREATE TABLE repodata (key TEXT UNIQUE NOT NULL, value TEXT NOT NULL);
CREATE TABLE manifests (id INTEGER PRIMARY KEY, manifest TEXT NOT NULL);
`;

/** Where a repository's catalogue is kept, inside the root. */
export function databasePath(session: Session, repository: Repository): string {
  return `${session.config.string('PKG_DBDIR')}/repos/${repository.name}/db`;
}

/** The state in which a repository's catalogue is. */
export function catalogueState(session: Session, repository: Repository): 'missing' | 'other-url' | 'usable' {
  const path = session.root.followed(databasePath(session, repository));
  if (!existsSync(path)) return 'missing';
  const database = openSqlite(path, { readonly: true });
  try {
    const row = database.prepare("SELECT value FROM repodata WHERE key = 'packagesite'").pluck().get();
    return row === repository.url ? 'usable' : 'other-url';
  } catch {
    return 'missing';
  } finally {
    database.close();
  }
}

/** Writes a catalogue anew. */
export function writeCatalogue(session: Session, repository: Repository, packages: readonly unknown[]): void {
  const path = session.root.followed(databasePath(session, repository));
  rmSync(path, { force: true });
  const database = openSqlite(path);
  database.pragma('journal_mode = TRUNCATE');
  database.pragma('synchronous = OFF');
  database.exec(SCHEMA);
  database.pragma('user_version = 2014');
  const add =
    database.prepare(`INSERT INTO packages (origin, name, version, comment, desc, arch, maintainer, www,
    prefix, pkgsize, flatsize, licenselogic, cksum, path, vital) VALUES (?,?,?,?,?,?,?,?,?,?,?,1,?,?,?)`);
  const keep = database.prepare('INSERT INTO manifests (id, manifest) VALUES (?, ?)');
  database.transaction(() => {
    database.prepare("INSERT INTO repodata VALUES ('packagesite', ?)").run(repository.url);
    for (const value of packages) {
      const remote = readRemote(value, repository.name);
      if (remote === undefined) continue;
      const { lastInsertRowid } = add.run(
        remote.origin,
        remote.name,
        remote.version,
        remote.comment,
        remote.desc,
        remote.abi,
        remote.maintainer,
        remote.www,
        remote.prefix,
        remote.pkgsize,
        remote.flatsize,
        remote.sum,
        remote.repopath,
        remote.vital ? 1 : 0,
      );
      keep.run(lastInsertRowid, JSON.stringify(value));
    }
  })();
  database.close();
}

/** Reads a catalogue's packages, in name order. */
export function readCatalogue(session: Session, repository: Repository): RemotePackage[] {
  const database = openSqlite(session.root.followed(databasePath(session, repository)), { readonly: true });
  try {
    const rows = database
      .prepare('SELECT manifest FROM manifests JOIN packages USING (id) ORDER BY name, version')
      .pluck()
      .all();
    return rows
      .map((row) => readRemote(JSON.parse(String(row)), repository.name))
      .filter((remote) => remote !== undefined);
  } finally {
    database.close();
  }
}
