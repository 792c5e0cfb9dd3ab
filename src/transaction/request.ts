import type { Abi } from '../jail/abi.ts';
import type { Probe } from '../verify/probe.ts';
import type { PkgFiles } from './scratch.ts';

/** A change that pkg makes. */
export type PackageVerb = 'install' | 'upgrade' | 'remove' | 'autoremove';

/** What becomes of what a jail wrote since the snapshot that it goes back to. */
export type OnData = 'aside' | 'discard' | 'refuse';

/** A file that is to be put into a jail. */
export interface FileRequest {
  /** A tree that nobody but jtx can change, and the path in it. */
  tree: string;
  inside: string;
  /** The path in the jail. */
  path: string;
}

/** What a person asks for; everything in it is validated already. */
export interface ChangeRequest {
  jail: string;
  verb: PackageVerb | 'run' | 'restore' | 'verify';
  /** Packages; for `run` the command and its arguments; for `verify` the packages, or none for all. */
  words: readonly string[];
  /** Show what would happen: pkg is asked on a clone. */
  planOnly: boolean;
  /** Do it all on a clone first. */
  rehearse: boolean;
  /** Stop a running jail for the length of the change. */
  stop: boolean;
  onData: OnData;
  /** Milliseconds within which it has to be confirmed; else it is rolled back. */
  confirmWithin: number | undefined;
  allowRemovals: boolean;
  /** Let the host's pkg migrate an older package database. */
  migrateDatabase: boolean;
  /** Set the state of a failed change aside instead of losing it with the rollback. */
  keepFailed: boolean;
  /** pkg unpacks into the root from outside, and enters it for nothing. */
  rootdir: boolean;
  /** Let the scripts of packages run on the host then. */
  scriptsOnHost: boolean;
  abi: Abi | undefined;
  files: PkgFiles;
  options: readonly (readonly [string, string])[];
  probes: readonly Probe[];
  /** What `restore` puts into the jail. */
  file?: FileRequest;
}

/** Whether it is the host's pkg that makes a change. */
export function isPackageVerb(verb: ChangeRequest['verb']): verb is PackageVerb {
  return verb !== 'run' && verb !== 'restore' && verb !== 'verify';
}

/** A change of which nothing more is asked than what it does, and to which jail. */
export const plainChange: Omit<ChangeRequest, 'verb' | 'words' | 'jail'> = {
  planOnly: false,
  rehearse: false,
  stop: false,
  onData: 'aside',
  confirmWithin: undefined,
  allowRemovals: false,
  migrateDatabase: false,
  keepFailed: false,
  rootdir: false,
  scriptsOnHost: false,
  abi: undefined,
  files: { pkgConfig: undefined, repoConfDir: undefined },
  options: [],
  probes: [],
};
