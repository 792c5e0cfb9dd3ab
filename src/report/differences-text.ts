import type { Differences } from '../transaction/differences.ts';
import type { Difference } from '../zfs/diff.ts';
import { safeLine } from './safe-text.ts';

const letters = { added: '+', removed: '-', modified: '*', renamed: '>' } as const;

/** What `jtx diff` prints: packages, then files. */
export function differencesText({ row, packages, files, untilNow }: Differences): string {
  const changed = packages.map(({ name, from, to }) => {
    const safe = safeLine(name);
    if (from === null) return `  + ${safe} ${safeLine(to ?? '')}`;
    return to === null ? `  - ${safe} ${safeLine(from)}` : `  * ${safe} ${safeLine(from)} -> ${safeLine(to)}`;
  });
  return [
    [row.verb, ...row.arguments.map(safeLine), `(${row.id})`].join(' '),
    ...(changed.length > 0 ? ['', 'Packages', ...changed] : []),
    '',
    ...fileLines(files, untilNow),
  ].join('\n');
}

function fileLines(files: readonly Difference[] | undefined, untilNow: boolean): string[] {
  if (files === undefined) return ['Files: its snapshots are gone, or this zfs(8) cannot compare.'];
  const title = untilNow ? 'Files, up to now' : 'Files';
  if (files.length === 0) return [`${title}: none`];
  return [title, ...files.map(fileLine)];
}

function fileLine({ change, type, path, to }: Difference): string {
  // The root of a file system has its slash already.
  const name = `${safeLine(path)}${type === '/' && !path.endsWith('/') ? '/' : ''}`;
  return `  ${letters[change]} ${name}${to === undefined ? '' : ` -> ${safeLine(to)}`}`;
}

/** The same for scripts. */
export function differencesJson({ row, packages, files, untilNow }: Differences): Record<string, unknown> {
  return {
    transaction: row.id,
    jail: row.jail,
    packages,
    untilNow,
    files: files?.map(({ time, ...rest }) => ({ ...rest, time: new Date(time).toISOString() })) ?? null,
  };
}
