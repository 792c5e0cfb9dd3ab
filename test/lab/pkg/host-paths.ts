import { posix } from 'node:path';
import type { Session } from './session.ts';
import { Exit } from './status.ts';

/**
 * A path that was given to pkg to write to, or to be steered by, as the root has it. With -r it is the host's, and a relative one lies in the root, in
 * which pkg stands. The real one would go anywhere on the host: this one only goes to what lies in the root.
 */
export function givenPath(
  { options, root, reporter }: Pick<Session, 'options' | 'root' | 'reporter'>,
  path: string,
): string {
  if (options.rootdir === undefined) return path;
  const host = posix.resolve(root.directory, path);
  if (host.startsWith(`${root.directory}/`)) return host.slice(root.directory.length);
  reporter.warn(`the lab's pkg does not touch ${host} of the host`);
  throw new Exit(70);
}

/** Where a repository of files lies, on the host: with -r by the host's own path, else by that of the root. */
export function repositoryPath({ options, root }: Pick<Session, 'options' | 'root'>, path: string): string {
  return options.rootdir === undefined ? root.followed(path) : path;
}
