/** A file of a package. */
export interface FileEntry {
  path: string;
  sum: string;
  uname: string;
  gname: string;
  perm: number;
  mtime: number;
  symlinkTarget: string | undefined;
}

/** A directory of a package. */
export interface DirectoryEntry {
  path: string;
  uname: string;
  gname: string;
  perm: number;
}

/** A dependency on another package. */
export interface Dependency {
  name: string;
  origin: string;
  version: string;
}

/** A message of a package, for an occasion or for all of them. */
export interface Message {
  message: string;
  type: string | undefined;
  minimumVersion: string | undefined;
  maximumVersion: string | undefined;
}

/** What a package says about itself, in its archive, in a catalogue or in the database. */
export interface Manifest {
  name: string;
  origin: string;
  version: string;
  comment: string;
  maintainer: string;
  www: string;
  abi: string;
  arch: string;
  prefix: string;
  flatsize: number;
  desc: string;
  vital: boolean;
  deps: Dependency[];
  categories: string[];
  licenses: string[];
  licenseLogic: string;
  users: string[];
  groups: string[];
  shlibsRequired: string[];
  shlibsProvided: string[];
  provides: string[];
  requires: string[];
  options: Record<string, string>;
  annotations: Record<string, string>;
  files: FileEntry[];
  config: string[];
  directories: DirectoryEntry[];
  scripts: Record<string, string>;
  luaScripts: Record<string, string[]>;
  messages: Message[];
}

/** A package as a catalogue has it. */
export interface RemotePackage extends Manifest {
  sum: string;
  repopath: string;
  pkgsize: number;
  repository: string;
}

/** A package as the local database has it. */
export interface LocalPackage extends Manifest {
  id: number;
  automatic: boolean;
  locked: boolean;
  time: number;
  digest: string;
}

/** The name that pkg prints for a package. */
export function nameVersion(pkg: { name: string; version: string }): string {
  return `${pkg.name}-${pkg.version}`;
}
