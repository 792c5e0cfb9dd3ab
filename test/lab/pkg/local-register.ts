import type Database from 'better-sqlite3';
import { LUA_TYPES, SCRIPT_TYPES } from './local-read.ts';
import type { Manifest } from './manifest.ts';
import { messagesJson } from './manifest-json.ts';

/** Writes a package into the database, in whatever transaction is open. */
export function registerPackage(
  sqlite: Database.Database,
  pkg: Manifest,
  automatic: boolean,
  digest: string,
  configs: Map<string, string>,
): void {
  sqlite.prepare('DELETE FROM packages WHERE name = ?').run(pkg.name);
  const { lastInsertRowid: id } = sqlite
    .prepare(
      `INSERT INTO packages (origin, name, version, comment, desc, message, arch, maintainer, www, prefix,
       flatsize, automatic, licenselogic, time, manifestdigest, vital) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
    )
    .run(
      pkg.origin,
      pkg.name,
      pkg.version,
      pkg.comment,
      pkg.desc,
      pkg.messages.length > 0 ? messagesJson(pkg.messages) : null,
      pkg.abi,
      pkg.maintainer,
      pkg.www,
      pkg.prefix,
      pkg.flatsize,
      automatic ? 1 : 0,
      pkg.licenseLogic === 'or' ? 124 : pkg.licenseLogic === 'and' ? 38 : pkg.licenses.length > 0 ? 1 : 0,
      Math.floor(Date.now() / 1000),
      digest,
      pkg.vital ? 1 : 0,
    );
  const dep = sqlite.prepare(
    'INSERT OR REPLACE INTO deps (origin, name, version, package_id) VALUES (?,?,?,?)',
  );
  for (const { name, origin, version } of pkg.deps) dep.run(origin, name, version, id);
  const file = sqlite.prepare(
    `INSERT OR REPLACE INTO files (path, sha256, uname, gname, perm, fflags, mtime, symlink_target, package_id)
     VALUES (?,?,?,?,?,0,?,?,?)`,
  );
  for (const entry of pkg.files) {
    const { path, sum, uname, gname, perm, mtime, symlinkTarget } = entry;
    file.run(path, sum, uname, gname, perm, mtime, symlinkTarget ?? null, id);
  }
  const config = sqlite.prepare(
    'INSERT OR REPLACE INTO config_files (path, content, package_id) VALUES (?,?,?)',
  );
  for (const path of pkg.config) config.run(path, configs.get(path) ?? null, id);
  for (const { path, uname, gname, perm } of pkg.directories) {
    sqlite
      .prepare('INSERT OR IGNORE INTO directories (path, uname, gname, perm, fflags) VALUES (?,?,?,?,0)')
      .run(path, uname, gname, perm);
    sqlite
      .prepare('INSERT INTO pkg_directories SELECT ?, id, 1 FROM directories WHERE path = ?')
      .run(id, path);
  }
  for (const [index, type] of SCRIPT_TYPES.entries()) {
    const script = pkg.scripts[type];
    if (script === undefined) continue;
    sqlite.prepare('INSERT OR IGNORE INTO script (script) VALUES (?)').run(script);
    sqlite
      .prepare('INSERT INTO pkg_script SELECT ?, ?, script_id FROM script WHERE script = ?')
      .run(id, index, script);
  }
  for (const [index, type] of LUA_TYPES.entries()) {
    for (const script of pkg.luaScripts[type] ?? []) {
      sqlite.prepare('INSERT OR IGNORE INTO lua_script (lua_script) VALUES (?)').run(script);
      sqlite
        .prepare(
          'INSERT OR IGNORE INTO pkg_lua_script SELECT ?, lua_script_id, ? FROM lua_script WHERE lua_script = ?',
        )
        .run(id, index, script);
    }
  }
  named(sqlite, id, 'shlibs', 'pkg_shlibs_required', 'shlib_id', pkg.shlibsRequired);
  named(sqlite, id, 'shlibs', 'pkg_shlibs_provided', 'shlib_id', pkg.shlibsProvided);
  named(sqlite, id, 'categories', 'pkg_categories', 'category_id', pkg.categories);
  named(sqlite, id, 'licenses', 'pkg_licenses', 'license_id', pkg.licenses);
  named(sqlite, id, 'users', 'pkg_users', 'user_id', pkg.users);
  named(sqlite, id, 'groups', 'pkg_groups', 'group_id', pkg.groups);
  plain(sqlite, id, 'provides', 'provide', 'pkg_provides', pkg.provides);
  plain(sqlite, id, 'requires', 'require', 'pkg_requires', pkg.requires);
  for (const [option, value] of Object.entries(pkg.options)) {
    sqlite.prepare('INSERT OR IGNORE INTO option (option) VALUES (?)').run(option);
    sqlite
      .prepare('INSERT INTO pkg_option SELECT ?, option_id, ? FROM option WHERE option = ?')
      .run(id, value, option);
  }
  for (const [tag, value] of Object.entries(pkg.annotations)) annotate(sqlite, Number(id), tag, value);
}

/** Takes a package out of the database, with what only it used. */
export function unregisterPackage(sqlite: Database.Database, id: number): void {
  sqlite.prepare('DELETE FROM packages WHERE id = ?').run(id);
  sqlite.exec(`
    DELETE FROM directories WHERE id NOT IN (SELECT directory_id FROM pkg_directories);
    DELETE FROM script WHERE script_id NOT IN (SELECT script_id FROM pkg_script);
    DELETE FROM lua_script WHERE lua_script_id NOT IN (SELECT lua_script_id FROM pkg_lua_script);
    DELETE FROM categories WHERE id NOT IN (SELECT category_id FROM pkg_categories);`);
}

/** Sets a tag of a package. */
export function annotate(sqlite: Database.Database, id: number, tag: string, value: string): void {
  for (const word of [tag, value]) {
    sqlite.prepare('INSERT OR IGNORE INTO annotation (annotation) VALUES (?)').run(word);
  }
  sqlite
    .prepare(
      `INSERT OR REPLACE INTO pkg_annotation SELECT ?, tag.annotation_id, value.annotation_id
       FROM annotation tag, annotation value WHERE tag.annotation = ? AND value.annotation = ?`,
    )
    .run(id, tag, value);
}

function named(
  sqlite: Database.Database,
  id: number | bigint,
  table: string,
  relation: string,
  column: string,
  names: readonly string[],
): void {
  if (names.length === 0) return;
  const add = sqlite.prepare(`INSERT OR IGNORE INTO ${table} (name) VALUES (?)`);
  const link = sqlite.prepare(
    `INSERT OR IGNORE INTO ${relation} (package_id, ${column}) SELECT ?, id FROM ${table} WHERE name = ?`,
  );
  for (const name of names) {
    add.run(name);
    link.run(id, name);
  }
}

function plain(
  sqlite: Database.Database,
  id: number | bigint,
  table: string,
  column: string,
  relation: string,
  words: readonly string[],
): void {
  for (const word of words) {
    const { lastInsertRowid } = sqlite.prepare(`INSERT INTO ${table} (${column}) VALUES (?)`).run(word);
    sqlite.prepare(`INSERT INTO ${relation} VALUES (?, ?)`).run(id, lastInsertRowid);
  }
}
