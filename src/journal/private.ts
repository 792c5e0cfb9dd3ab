import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file that others than root can read or change. */
export interface Exposure {
  /** What is wrong, in words. */
  says: string;
  /** The command that mends it. */
  mend: string;
}

/**
 * What others than root can read or change of a journal, and of the locks beside it. It holds the output of every command.
 * What is not there is fine. Throws for nothing but a bug.
 */
export function exposures(journal: string): Exposure[] {
  const directory = dirname(journal);
  const files = [journal, `${journal}-wal`, `${journal}-shm`];
  return [
    ...exposure(directory, 0o022, 'changed'),
    ...exposure(join(directory, 'locks'), 0o022, 'changed'),
    ...files.flatMap((file) => exposure(file, 0o077, 'read')),
  ];
}

function exposure(path: string, unwanted: number, what: 'changed' | 'read'): Exposure[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return [];
  if (stat.uid !== 0 && stat.uid !== process.getuid?.())
    return [{ says: `${path} belongs to user ${stat.uid}`, mend: `chown root ${path}` }];
  if ((stat.mode & unwanted) === 0) return [];
  const taken = what === 'read' ? 'go-rwx' : 'go-w';
  return [{ says: `${path} can be ${what} by others`, mend: `chmod ${taken} ${path}` }];
}
