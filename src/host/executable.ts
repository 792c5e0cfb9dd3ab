import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Where a program is that a search path leads to, or that is named by its whole path; undefined where nothing can be run. */
export function findExecutable(name: string, searchPath: string): string | undefined {
  const candidates = isAbsolute(name)
    ? [name]
    : searchPath.split(delimiter).map((directory) => join(directory, name));
  return candidates.find(isExecutable);
}

/** What a relative directory leads to depends on where jtx was started. */
function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return isAbsolute(path) && statSync(path).isFile();
  } catch {
    return false;
  }
}
