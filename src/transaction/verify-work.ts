import { refused } from '../error.ts';
import { means } from '../pkg/change-set.ts';
import type { InstalledPackage } from '../pkg/database.ts';
import type { Work } from './package-work.ts';

/**
 * What `verify` has verified: packages that are installed, all of them where none is named, as if each had just been
 * installed. Throws `package-unknown`.
 */
export function workToVerify(words: readonly string[], installed: readonly InstalledPackage[]): Work {
  const missing = words.find((word) => !installed.some((entry) => means(word, entry)));
  if (missing !== undefined) throw refused('package-unknown', `${missing} is not installed`);
  const wanted =
    words.length === 0 ? installed : installed.filter((entry) => words.some((word) => means(word, entry)));
  const changes = wanted.map(({ name, origin, version }) => ({ name, origin, from: version, to: version }));
  return { unchanged: false, plan: undefined, changes, reinstalled: [], messages: [] };
}
