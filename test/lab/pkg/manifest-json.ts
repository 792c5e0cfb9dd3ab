import type { Dependency, DirectoryEntry, FileEntry, Manifest, Message, RemotePackage } from './manifest.ts';

type Json = { [key: string]: unknown };

/** Reads a manifest (+MANIFEST, +COMPACT_MANIFEST or a catalogue's entry); undefined if it is none. */
export function readManifest(value: unknown): Manifest | undefined {
  if (!isJson(value)) return undefined;
  const name = text(value, 'name');
  const version = text(value, 'version');
  if (name === '' || version === '') return undefined;
  return {
    name,
    version,
    origin: text(value, 'origin'),
    comment: text(value, 'comment'),
    maintainer: text(value, 'maintainer'),
    www: text(value, 'www'),
    abi: text(value, 'abi'),
    arch: text(value, 'arch'),
    prefix: text(value, 'prefix') || '/usr/local',
    flatsize: count(value, 'flatsize'),
    desc: text(value, 'desc'),
    vital: value['vital'] === true,
    deps: pairs(value['deps']).map(([key, dep]): Dependency => {
      return { name: key, origin: text(dep, 'origin'), version: text(dep, 'version') };
    }),
    categories: texts(value['categories']),
    licenses: texts(value['licenses']),
    licenseLogic: text(value, 'licenselogic'),
    users: texts(value['users']),
    groups: texts(value['groups']),
    shlibsRequired: texts(value['shlibs_required']),
    shlibsProvided: texts(value['shlibs_provided']),
    provides: texts(value['provides']),
    requires: texts(value['requires']),
    options: textMap(value['options']),
    annotations: textMap(value['annotations']),
    files: pairs(value['files']).map(readFile),
    config: texts(value['config']),
    directories: pairs(value['directories']).map(([path, entry]): DirectoryEntry => {
      return {
        path,
        uname: text(entry, 'uname') || 'root',
        gname: text(entry, 'gname') || 'wheel',
        perm: mode(entry, 0o755),
      };
    }),
    scripts: textMap(value['scripts']),
    luaScripts: Object.fromEntries(
      Object.entries(isJson(value['lua_scripts']) ? value['lua_scripts'] : {}).map(([key, list]) => [
        key,
        texts(list),
      ]),
    ),
    messages: readMessages(value['messages']),
  };
}

/** Reads a catalogue's entry. */
export function readRemote(value: unknown, repository: string): RemotePackage | undefined {
  const manifest = readManifest(value);
  if (manifest === undefined || !isJson(value)) return undefined;
  return {
    ...manifest,
    sum: text(value, 'sum'),
    repopath: text(value, 'repopath') || text(value, 'path'),
    pkgsize: count(value, 'pkgsize'),
    repository,
  };
}

/** Reads messages as manifests and the database have them. */
export function readMessages(value: unknown): Message[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  return list.filter(isJson).map((entry) => ({
    message: text(entry, 'message'),
    type: typeof entry['type'] === 'string' ? entry['type'] : undefined,
    minimumVersion: typeof entry['minimum_version'] === 'string' ? entry['minimum_version'] : undefined,
    maximumVersion: typeof entry['maximum_version'] === 'string' ? entry['maximum_version'] : undefined,
  }));
}

/** Messages in the form that the database and the events have. */
export function messagesJson(messages: readonly Message[]): string {
  return JSON.stringify(
    messages.map((entry) => ({
      message: entry.message,
      ...(entry.type === undefined ? {} : { type: entry.type }),
      ...(entry.minimumVersion === undefined ? {} : { minimum_version: entry.minimumVersion }),
      ...(entry.maximumVersion === undefined ? {} : { maximum_version: entry.maximumVersion }),
    })),
  );
}

function readFile([path, entry]: [string, Json]): FileEntry {
  const target = entry['symlink_target'];
  return {
    path,
    sum: text(entry, 'sum') || text(entry, ''),
    uname: text(entry, 'uname') || 'root',
    gname: text(entry, 'gname') || 'wheel',
    perm: mode(entry, 0),
    mtime: count(entry, 'mtime'),
    symlinkTarget: typeof target === 'string' && target !== '' ? target : undefined,
  };
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of an object; a bare string becomes one with the key "" (older manifests' sums). */
function pairs(value: unknown): [string, Json][] {
  if (!isJson(value)) return [];
  return Object.entries(value).map(([key, entry]) => [key, isJson(entry) ? entry : { '': entry }]);
}

function text(value: Json, key: string): string {
  const found = value[key];
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : '';
}

function count(value: Json, key: string): number {
  const found = Number(value[key] ?? 0);
  return Number.isFinite(found) ? found : 0;
}

function mode(value: Json, standard: number): number {
  const found = value['perm'];
  return typeof found === 'string' ? Number.parseInt(found, 8) : typeof found === 'number' ? found : standard;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

function textMap(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(isJson(value) ? value : {}).map(([key, entry]) => [key, String(entry)]),
  );
}
