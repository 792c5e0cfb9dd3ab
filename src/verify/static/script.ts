/** As much of a file as tells what it is: Linux reads no longer first lines, and FreeBSD none longer than a page. */
export const longestFirstLine = 256;

/** The interpreter of a script, of the first bytes of a file; undefined where it is no script. */
export function interpreterOf(start: Buffer): string | undefined {
  if (start.toString('latin1', 0, 2) !== '#!') return undefined;
  const end = start.indexOf('\n');
  const line = start.toString('utf8', 2, end < 0 ? start.length : end);
  return /^[ \t]*([^ \t\0]+)/.exec(line)?.[1];
}
