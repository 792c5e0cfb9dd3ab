import type { LocalPackage, Manifest } from './manifest.ts';

/** A package that could be put in: from a catalogue, or an archive file given to `add`. */
export interface Candidate extends Manifest {
  sum: string;
  repopath: string;
  pkgsize: number;
  /** Undefined for an archive file. */
  repository: string | undefined;
  /** The archive inside the root, where it is already there. */
  archive: string | undefined;
  /** Why a package of the same version is put in again. */
  reason: string | undefined;
}

/** One step that a solution consists of. */
export type Job =
  | { kind: 'install'; pkg: Candidate; old: LocalPackage | undefined; automatic: boolean }
  | { kind: 'delete'; old: LocalPackage };

/** The name that a job is about. */
export function jobName(job: Job): string {
  return job.kind === 'install' ? job.pkg.name : job.old.name;
}

/** Two packages that want the same path. */
export interface Conflict {
  first: Candidate;
  second: { name: string; version: string };
  secondInstalled: boolean;
  path: string;
}
