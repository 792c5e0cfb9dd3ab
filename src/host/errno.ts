import { constants } from 'node:os';

/** The errno(2) with which a system call failed, by its name, such as `ENOENT`; undefined for an error of another kind. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined;
  // libuv has no name for it, and so Node has none.
  if ('errno' in error && error.errno === -constants.errno.EDQUOT) return 'EDQUOT';
  return String(error.code);
}

/** Whether there was no room: a file system is full, or a quota is reached. */
export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(errnoOf(error) ?? '');
}
