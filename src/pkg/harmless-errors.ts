import type { PkgEvent } from './events.ts';

/** pkgdb_upgrade() of libpkg/pkgdb.c, each time that a database of a newer minor schema is opened to be written. */
const newerSchema =
  /^warning: database version \d+ is newer than libpkg\(3\) version \d+, but still compatible$/;

/** rmdir_p() of libpkg/pkg_delete.c, which goes on: what it was to take away is not there, or is no directory any more. */
const notThere = { message: /^unlinkat\(.*\): /s, numbers: [/* ENOENT */ 2, /* ENOTDIR */ 20] };

/**
 * Whether pkg calls an error what is none: it goes on, and does all that it was to do (docs/pkg-facts.md, 5). Nothing
 * else is passed over, and what becomes of the packages is measured whatever pkg says.
 */
export function isHarmless({ type, data: { msg, errno } }: PkgEvent): boolean {
  if (type !== 'ERROR' || typeof msg !== 'string') return false;
  if (errno === undefined) return newerSchema.test(msg);
  return notThere.message.test(msg) && notThere.numbers.some((number) => number === errno);
}
