import { errorCode } from './write.ts';

const TEXTS: Record<string, string> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EROFS: 'Read-only file system',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EEXIST: 'File exists',
  ENXIO: 'Device not configured',
  ECONNREFUSED: 'Connection refused',
  ENOEXEC: 'Exec format error',
  EINVAL: 'Invalid argument',
  ENOTSOCK: 'Socket operation on non-socket',
  ELOOP: 'Too many levels of symbolic links',
};

/** strerror(3) of a failed system call. */
export function errorText(error: unknown): string {
  const code = errorCode(error);
  return TEXTS[code] ?? (error instanceof Error ? error.message : String(error));
}
