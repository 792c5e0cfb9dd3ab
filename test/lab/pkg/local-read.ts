import type Database from 'better-sqlite3';
import type { FileEntry, LocalPackage } from './manifest.ts';
import { readMessages } from './manifest-json.ts';

/** The numbers under which scripts are kept. */
export const SCRIPT_TYPES = [
  'pre-install',
  'post-install',
  'pre-deinstall',
  'post-deinstall',
  'pre-upgrade',
  'post-upgrade',
  'install',
  'deinstall',
] as const;

/** The numbers under which Lua scripts are kept. */
export const LUA_TYPES = ['pre-install', 'post-install', 'pre-deinstall', 'post-deinstall'] as const;

type Row = Record<string, unknown>;

/** Reads the installed packages, or one of them, without their files. */
export function readLocalPackages(sqlite: Database.Database, name?: string): LocalPackage[] {
  const rows = all(
    sqlite,
    name === undefined
      ? 'SELECT * FROM packages ORDER BY name'
      : 'SELECT * FROM packages WHERE name = ? ORDER BY name',
    ...(name === undefined ? [] : [name]),
  );
  const packages = new Map(rows.map((row) => [Number(row['id']), fromRow(row)]));
  const each = (sql: string, add: (pkg: LocalPackage, row: Row) => void): void => {
    for (const row of all(sqlite, sql)) {
      const pkg = packages.get(Number(row['package_id']));
      if (pkg !== undefined) add(pkg, row);
    }
  };
  each('SELECT * FROM deps ORDER BY name', (pkg, row) => {
    pkg.deps.push({ name: text(row, 'name'), origin: text(row, 'origin'), version: text(row, 'version') });
  });
  each(
    'SELECT package_id, name FROM pkg_shlibs_required JOIN shlibs ON id = shlib_id ORDER BY name',
    (pkg, row) => pkg.shlibsRequired.push(text(row, 'name')),
  );
  each(
    'SELECT package_id, name FROM pkg_shlibs_provided JOIN shlibs ON id = shlib_id ORDER BY name',
    (pkg, row) => pkg.shlibsProvided.push(text(row, 'name')),
  );
  each(
    'SELECT package_id, name FROM pkg_categories JOIN categories ON id = category_id ORDER BY name',
    (pkg, row) => pkg.categories.push(text(row, 'name')),
  );
  each(
    'SELECT package_id, name FROM pkg_licenses JOIN licenses ON id = license_id ORDER BY name',
    (pkg, row) => pkg.licenses.push(text(row, 'name')),
  );
  each('SELECT package_id, provide FROM pkg_provides JOIN provides ON id = provide_id', (pkg, row) =>
    pkg.provides.push(text(row, 'provide')),
  );
  each('SELECT package_id, require FROM pkg_requires JOIN requires ON id = require_id', (pkg, row) =>
    pkg.requires.push(text(row, 'require')),
  );
  each('SELECT package_id, name FROM pkg_users JOIN users ON id = user_id', (pkg, row) =>
    pkg.users.push(text(row, 'name')),
  );
  each('SELECT package_id, name FROM pkg_groups JOIN groups ON id = group_id', (pkg, row) =>
    pkg.groups.push(text(row, 'name')),
  );
  each('SELECT package_id, option, value FROM pkg_option JOIN option USING (option_id)', (pkg, row) => {
    pkg.options[text(row, 'option')] = text(row, 'value');
  });
  each(
    `SELECT package_id, tag.annotation AS tag, value.annotation AS value FROM pkg_annotation
     JOIN annotation tag ON tag_id = tag.annotation_id JOIN annotation value ON value_id = value.annotation_id
     ORDER BY tag.annotation`,
    (pkg, row) => {
      pkg.annotations[text(row, 'tag')] = text(row, 'value');
    },
  );
  each(
    'SELECT package_id, type, script FROM pkg_script JOIN script USING (script_id) ORDER BY type',
    (pkg, row) => {
      pkg.scripts[SCRIPT_TYPES[Number(row['type'])] ?? ''] = text(row, 'script');
    },
  );
  each(
    'SELECT package_id, type, lua_script FROM pkg_lua_script JOIN lua_script USING (lua_script_id)',
    (pkg, row) => {
      const type = LUA_TYPES[Number(row['type'])] ?? 'pre-install';
      pkg.luaScripts[type] = [...(pkg.luaScripts[type] ?? []), text(row, 'lua_script')];
    },
  );
  each('SELECT package_id, path FROM config_files ORDER BY path', (pkg, row) =>
    pkg.config.push(text(row, 'path')),
  );
  each('SELECT * FROM pkg_directories JOIN directories ON id = directory_id ORDER BY path', (pkg, row) => {
    pkg.directories.push({
      path: text(row, 'path'),
      uname: text(row, 'uname'),
      gname: text(row, 'gname'),
      perm: Number(row['perm'] ?? 0),
    });
  });
  return [...packages.values()];
}

/** Reads the files of a package. */
export function readPackageFiles(sqlite: Database.Database, id: number): FileEntry[] {
  return all(sqlite, 'SELECT * FROM files WHERE package_id = ? ORDER BY path', id).map((row) => ({
    path: text(row, 'path'),
    sum: text(row, 'sha256'),
    uname: text(row, 'uname'),
    gname: text(row, 'gname'),
    perm: Number(row['perm'] ?? 0),
    mtime: Number(row['mtime'] ?? 0),
    symlinkTarget: typeof row['symlink_target'] === 'string' ? row['symlink_target'] : undefined,
  }));
}

/** Runs a query and gives its rows. */
export function all(sqlite: Database.Database, sql: string, ...values: (string | number)[]): Row[] {
  return sqlite.prepare<unknown[], Row>(sql).all(...values);
}

function fromRow(row: Row): LocalPackage {
  const message = row['message'];
  return {
    id: Number(row['id']),
    name: text(row, 'name'),
    version: text(row, 'version'),
    origin: text(row, 'origin'),
    comment: text(row, 'comment'),
    maintainer: text(row, 'maintainer'),
    www: text(row, 'www'),
    abi: text(row, 'arch'),
    arch: legacyArch(text(row, 'arch')),
    prefix: text(row, 'prefix'),
    flatsize: Number(row['flatsize']),
    desc: text(row, 'desc'),
    vital: Number(row['vital']) !== 0,
    automatic: Number(row['automatic']) !== 0,
    locked: Number(row['locked']) !== 0,
    time: Number(row['time']),
    digest: text(row, 'manifestdigest'),
    messages: typeof message === 'string' && message !== '' ? readMessages(JSON.parse(message)) : [],
    licenseLogic: '',
    deps: [],
    categories: [],
    licenses: [],
    users: [],
    groups: [],
    shlibsRequired: [],
    shlibsProvided: [],
    provides: [],
    requires: [],
    options: {},
    annotations: {},
    files: [],
    config: [],
    directories: [],
    scripts: {},
    luaScripts: {},
  };
}

/** The old spelling of an ABI, that manifests still carry. */
function legacyArch(abi: string): string {
  const [os = '', release = '', machine = ''] = abi.split(':');
  const words: Record<string, string> = { amd64: 'x86:64', i386: 'x86:32', aarch64: 'aarch64:64' };
  return `${os.toLowerCase()}:${release}:${words[machine] ?? machine}`;
}

function text(row: Row, key: string): string {
  const value = row[key];
  return typeof value === 'string' ? value : value === null || value === undefined ? '' : String(value);
}
