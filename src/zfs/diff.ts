import type { Run } from '../host/run.ts';

/** One thing that differs between a snapshot and what came after it. */
export interface Difference {
  /** Milliseconds since the epoch at which it was changed. */
  time: number;
  change: 'added' | 'removed' | 'modified' | 'renamed';
  /** As `ls -F` marks it: F a file, / a directory, @ a link, and others. */
  type: string;
  /** Absolute, on the host. */
  path: string;
  /** Where it was renamed to. */
  to?: string;
}

const changes = new Map<string, Difference['change']>([
  ['+', 'added'],
  ['-', 'removed'],
  ['M', 'modified'],
  ['R', 'renamed'],
]);

/** Reads `zfs diff -FHt`: tab separated, other bytes as a backslash and four octal digits (docs/freebsd-facts.md). */
export function parseDiff(text: string): Difference[] {
  return text.split('\n').flatMap((line) => {
    const [time, letter = '', type = '', path, to] = line.split('\t');
    const change = changes.get(letter);
    if (change === undefined || path === undefined) return [];
    const found = { time: Number(time) * 1000, change, type, path: unescaped(path) };
    return [to === undefined ? found : { ...found, to: unescaped(to) }];
  });
}

/** An octal number is a byte, of which a character may have several. */
function unescaped(path: string): string {
  const bytes = Buffer.from(path)
    .toString('latin1')
    .replace(/\\([0-7]{4})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/**
 * What differs between a snapshot and a later one, or the mounted file system itself. Undefined where this zfs(8)
 * has no diff, or cannot tell.
 */
export async function diffSince(
  run: Run,
  snapshot: string,
  later: string | undefined,
): Promise<Difference[] | undefined> {
  const command = ['zfs', 'diff', '-FHt', snapshot, ...(later === undefined ? [] : [later])] as const;
  const shown = await run(command);
  return shown.status === 0 ? parseDiff(shown.stdout) : undefined;
}
