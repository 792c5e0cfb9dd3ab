import { refused } from '../error.ts';
import { findExecutable } from '../host/executable.ts';

/** The programs of the host that jtx runs, besides pkg. */
const programs = ['zfs', 'zpool', 'jail', 'jls', 'jexec', 'mount', 'umount', 'devfs', 'sysctl', 'fuser'];

/** Requires that every program is there which jtx runs. Throws `tool-missing`. */
export function requireEvery(searchPath: string): void {
  const missing = programs.filter((program) => findExecutable(program, searchPath) === undefined);
  if (missing.length === 0) return;
  throw refused(
    'tool-missing',
    `${missing.join(', ')}: not found in ${searchPath}`,
    'Run jtx with the PATH of root.',
  );
}
