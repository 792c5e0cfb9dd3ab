import { readdirSync } from 'node:fs';
import type { Session } from './session.ts';

const DIRECTORIES = ['/lib', '/usr/lib'];

/** Tells which libraries the base system has; pkg goes by the file names only. */
export function systemLibraries(session: Session): (name: string) => boolean {
  const names = new Set<string>();
  for (const directory of DIRECTORIES) {
    try {
      for (const name of readdirSync(session.root.followed(directory))) {
        if (name.includes('.so')) names.add(name);
      }
    } catch {
      // A root without that directory has no libraries there.
    }
  }
  return (name) => names.has(name);
}
