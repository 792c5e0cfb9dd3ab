import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { Accounts } from '../accounts.ts';
import { verbOptions } from '../getopt.ts';
import { type LocalDatabase, openToRead } from '../local-database.ts';
import { type FileEntry, type LocalPackage, nameVersion } from '../manifest.ts';
import type { Session } from '../session.ts';
import { STATUS } from '../status.ts';
import { hasSum, linkContent } from '../sums.ts';
import { systemLibraries } from '../system-libraries.ts';
import { matcher } from '../universe.ts';

const LONG = {
  all: 'a',
  shlibs: 'B',
  'case-sensitive': 'C',
  dependencies: 'd',
  glob: 'g',
  'case-insensitive': 'i',
  metadata: 'm',
  'dry-run': 'n',
  recompute: 'r',
  checksums: 's',
  verbose: 'v',
  quiet: 'q',
  regex: 'x',
  yes: 'y',
};

/** `pkg check`. */
export function check(session: Session, args: readonly string[]): number {
  const options = verbOptions('check', args, 'aBCdgimnqrsvxy', LONG);
  const { reporter } = session;
  reporter.quiet = options.has('q');
  const metadata = options.has('m');
  const dependencies = options.has('d');
  const sums = options.has('s') || !(metadata || dependencies || options.has('B'));
  if (options.has('B') && !sums && !metadata && !dependencies) return STATUS.ok;
  const database = openToRead(session);
  if (database === undefined) {
    if (!reporter.quiet) reporter.warn('No packages installed.  Nothing to do!');
    return STATUS.ok;
  }
  try {
    const all = database.packages();
    const patterns = options.has('a') || options.names.length === 0 ? [undefined] : options.names;
    const match = options.has('g') ? 'glob' : options.has('x') ? 'regex' : 'exact';
    let status: number = STATUS.ok;
    for (const pattern of patterns) {
      const chosen = pattern === undefined ? all : all.filter(matcher(pattern, match));
      if (chosen.length === 0 && pattern !== undefined) {
        reporter.warn(`No packages matching: ${pattern}`);
        return STATUS.failure;
      }
      const label = pattern === undefined ? 'Checking all packages' : `Checking ${pattern}`;
      if (!reporter.quiet) reporter.progress.start(label);
      let text = '';
      for (const [index, pkg] of chosen.entries()) {
        if (!reporter.quiet) reporter.progress.tick(index, chosen.length);
        if (dependencies) text += missingOf(session, pkg, all);
        if (!filesAreRight(session, database, pkg, sums, metadata)) status = STATUS.failure;
      }
      if (!reporter.quiet) reporter.progress.tick(chosen.length, chosen.length);
      reporter.print(text);
    }
    reporter.progress.stop();
    return status;
  } finally {
    database.close();
  }
}

function missingOf(session: Session, pkg: LocalPackage, all: readonly LocalPackage[]): string {
  const { quiet } = session.reporter;
  const system = systemLibraries(session);
  let text = '';
  for (const dep of pkg.deps) {
    if (all.some((other) => other.name === dep.name)) continue;
    text += quiet ? `${pkg.name}\t${dep.name}\n` : `${pkg.name} has a missing dependency: ${dep.name}\n`;
  }
  for (const library of pkg.shlibsRequired) {
    if (system(library) || all.some((other) => other.shlibsProvided.includes(library))) continue;
    text += quiet
      ? `${pkg.name}\t${library}\n`
      : `${pkg.name} depends on a missing or unregistered shared library: ${library}\n`;
  }
  return text;
}

function filesAreRight(
  session: Session,
  database: LocalDatabase,
  pkg: LocalPackage,
  sums: boolean,
  metadata: boolean,
): boolean {
  if (!sums && !metadata) return true;
  const { reporter, root } = session;
  const accounts = metadata ? new Accounts(root) : undefined;
  let right = true;
  for (const file of database.files(pkg.id)) {
    const path = root.path(file.path);
    const entry = lstatSync(path, { throwIfNoEntry: false });
    if (entry === undefined) {
      reporter.event();
      reporter.complain(`${nameVersion(pkg)}: missing file ${file.path}`);
      right = false;
      continue;
    }
    if (sums && !pkg.config.includes(file.path) && !contentIsRight(path, entry.isSymbolicLink(), file)) {
      reporter.event(
        `{ "type": "ERROR_FILE_MISMATCH", "data": { "pkgname": "${pkg.name}", ` +
          `"pkgversion": "${pkg.version}", "path": "${file.path}"}}`,
      );
      reporter.complain(`${nameVersion(pkg)}: checksum mismatch for ${file.path}`);
      right = false;
    }
    if (accounts === undefined) continue;
    const problems = [
      file.perm !== 0 && (entry.mode & 0o7777) !== file.perm && !entry.isSymbolicLink() ? 'perm' : '',
      entry.uid !== accounts.user(file.uname) ? 'uname' : '',
      entry.gid !== accounts.group(file.gname) ? 'gname' : '',
      Math.floor(entry.mtimeMs / 1000) !== file.mtime && file.mtime !== 0 ? 'mtime' : '',
    ].filter((problem) => problem !== '');
    for (const problem of problems) {
      reporter.event();
      reporter.complain(`${nameVersion(pkg)}: ${problem} mismatch for ${file.path}`);
      right = false;
    }
  }
  return right;
}

function contentIsRight(path: string, isLink: boolean, file: FileEntry): boolean {
  if (file.sum === '' || file.sum === '-') return true;
  return hasSum(isLink ? linkContent(readlinkSync(path)) : readFileSync(path), file.sum);
}
