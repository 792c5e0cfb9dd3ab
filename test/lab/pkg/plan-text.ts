import { archiveOf } from './cache.ts';
import { type Job, jobName } from './jobs.ts';
import { nameVersion } from './manifest.ts';
import type { Session } from './session.ts';
import { byteOrder, humanSize } from './text.ts';
import { compareVersions } from './version.ts';

const HEADINGS = [
  'Installed packages to be REMOVED',
  'New packages to be INSTALLED',
  'Installed packages to be UPGRADED',
  'Installed packages to be REINSTALLED',
  'Installed packages to be DOWNGRADED',
] as const;

const ORDER = [
  'Number of packages to be removed',
  'Number of packages to be installed',
  'Number of packages to be upgraded',
  'Number of packages to be reinstalled',
  'Number of packages to be downgraded',
] as const;

/** Prints what jobs will do, in the only form that pkg has for it. */
export function printPlan(session: Session, jobs: readonly Job[], introduction: string): void {
  const many = session.repositories.filter((repository) => repository.enabled).length > 1;
  const groups: string[][] = HEADINGS.map(() => []);
  let before = 0;
  let after = 0;
  let toDownload = 0;
  for (const job of [...jobs].sort((a, b) => byteOrder(jobName(a), jobName(b)))) {
    if (job.kind === 'delete') {
      before += job.old.flatsize;
      groups[0]?.push(`\t${job.old.name}: ${job.old.version}`);
      continue;
    }
    const { pkg, old } = job;
    if (archiveOf(session, pkg) === undefined) toDownload += pkg.pkgsize;
    after += pkg.flatsize;
    before += old?.flatsize ?? 0;
    const source = many ? ` [${pkg.repository ?? 'local file'}]` : '';
    if (old === undefined) {
      groups[1]?.push(`\t${pkg.name}: ${pkg.version}${source}`);
      continue;
    }
    const order = compareVersions(old.version, pkg.version);
    if (order === 0) {
      const reason = pkg.reason === undefined ? '' : ` (${pkg.reason})`;
      groups[3]?.push(`\t${nameVersion(pkg)}${source}${reason}`);
    } else groups[order < 0 ? 2 : 4]?.push(`\t${pkg.name}: ${old.version} -> ${pkg.version}${source}`);
  }
  let text = '';
  // pkg's own order: installed, upgraded, downgraded, reinstalled, removed.
  for (const index of [1, 2, 4, 3, 0]) {
    const lines = groups[index] ?? [];
    if (lines.length === 0) continue;
    text += `${text === '' ? introduction : '\n'}${HEADINGS[index]}:\n${lines.join('\n')}\n`;
  }
  text += '\n';
  for (const [index, label] of ORDER.entries()) {
    const count = groups[index]?.length ?? 0;
    if (count > 0) text += `${label}: ${count}\n`;
  }
  const change = Math.abs(after - before);
  const told = change > session.config.number('WARN_SIZE_LIMIT');
  if (told || toDownload > 0) text += '\n';
  if (told) {
    text +=
      before > after
        ? `The operation will free ${humanSize(change)}.\n`
        : `The process will require ${humanSize(change)} more space.\n`;
  }
  if (toDownload > 0) text += `${humanSize(toDownload)} to be downloaded.\n`;
  session.reporter.print(text);
}
