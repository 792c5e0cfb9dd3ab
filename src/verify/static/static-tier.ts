import { RootWalk } from '../../host/root-walk.ts';
import type { InstalledPackage } from '../../pkg/database.ts';
import type { Verification } from '../verification.ts';
import { type Concerned, concerned, providerOf } from './concerned.ts';
import { examine, type PackageFile } from './examine.ts';
import type { Finding, Findings } from './finding.ts';
import { Exhausted, type Extent, JailFiles } from './jail-files.ts';
import type { JailSystem } from './linkers.ts';
import { registeredPaths } from './registered.ts';

/** What the static tier is to look at. */
export interface StaticCheck {
  root: string;
  system: JailSystem;
  /** The packages that changed, by name, and the package lists before and after. */
  names: readonly string[];
  before: readonly InstalledPackage[];
  after: readonly InstalledPackage[];
  /** Which package owns each file, and which owned it before. */
  owners: ReadonlyMap<string, string>;
  ownersBefore: ReadonlyMap<string, string>;
  /** Files that are not judged, and directories, with a slash at their end. */
  accepted: readonly string[];
  extent?: Extent;
}

const faultsShown = 500;
const notesShown = 20;
const longestLine = 2000;

/**
 * Looks, without running anything, whether the files of the packages that changed can run in their jail, and whether
 * those of others still find the libraries that changed (docs/verification.md). Undefined where no file could be run.
 * Throws `root-unsafe`.
 */
export function checkStatically(check: StaticCheck): Verification | undefined {
  const { root, system, names, before, after, owners, ownersBefore, accepted } = check;
  const registered = registeredPaths(owners, ownersBefore);
  const about = concerned(names, before, after);
  const files = filesOf(owners, about);
  const subject = (count: number): string =>
    `static check of ${counted(count, 'file')} of ${counted(about.changed.size + about.dependents.size, 'package')}`;
  let found: Findings;
  try {
    found = RootWalk.within(root, (walk) =>
      examine(files, system, new JailFiles(walk, check.extent), registered),
    );
  } catch (error) {
    if (!(error instanceof Exhausted)) throw error;
    return {
      tier: 'static',
      subject: subject(files.length),
      expected: null,
      passed: false,
      output: error.message,
    };
  }
  if (found.files === 0) return undefined;
  const faults = found.faults.filter((finding) => isOfChange(finding, about));
  const judged = faults.filter(({ path }) => !isAccepted(path, accepted));
  const notes = [
    ...faults.filter((finding) => !judged.includes(finding)),
    ...found.notes.filter((finding) => isOfChange(finding, about)),
  ];
  return {
    tier: 'static',
    subject: subject(found.files),
    expected: null,
    passed: judged.length === 0,
    output: [
      ...firstOf(
        judged.map((one) => inWords(one, before, after)),
        faultsShown,
      ),
      ...noteLines(notes),
    ].join('\n'),
  };
}

function filesOf(owners: ReadonlyMap<string, string>, { changed, dependents }: Concerned): PackageFile[] {
  const files: PackageFile[] = [];
  for (const [path, name] of owners) {
    if (changed.has(name) || dependents.has(name)) files.push({ path, package: name });
  }
  return files;
}

/** What a package that did not change lacks otherwise, it lacked before. */
function isOfChange({ package: name, library }: Finding, { changed, libraries }: Concerned): boolean {
  return changed.has(name) || (library !== undefined && libraries.has(library));
}

function isAccepted(path: string, accepted: readonly string[]): boolean {
  return accepted.some((one) => (one.endsWith('/') ? path.startsWith(one) : path === one));
}

function inWords(
  { path, package: name, fault, library }: Finding,
  before: readonly InstalledPackage[],
  after: readonly InstalledPackage[],
): string {
  const provider = library === undefined ? '' : `; ${providerOf(library, before, after)}`;
  return `${path} of ${name} ${fault}${provider}`;
}

function noteLines(notes: readonly Finding[]): string[] {
  return firstOf(
    notes.map(({ path, fault }) => `not judged: ${path} ${fault}`),
    notesShown,
  );
}

/** What a package is full of must not fill the journal, nor a screen. */
function firstOf(lines: readonly string[], most: number): string[] {
  const shown = lines.slice(0, most).map((line) => line.slice(0, longestLine));
  return lines.length > most ? [...shown, `and ${lines.length - most} more`] : shown;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
