import type { InstalledPackage } from './database.ts';
import type { RunObserver } from './events.ts';
import { isEmpty, type Plan, plannedChanges } from './plan.ts';
import type { Verb } from './verbs.ts';

/** What became of one package: null is absent. */
export interface PackageChange {
  name: string;
  origin: string;
  from: string | null;
  to: string | null;
}

/** What is different between two lists of packages, by name. */
export function compare(
  before: readonly InstalledPackage[],
  after: readonly InstalledPackage[],
): PackageChange[] {
  const old = new Map(before.map((entry) => [entry.name, entry]));
  const now = new Map(after.map((entry) => [entry.name, entry]));
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  return names.flatMap((name) => {
    const from = old.get(name);
    const to = now.get(name);
    if (from?.version === to?.version) return [];
    const origin = to?.origin ?? from?.origin ?? '';
    return [{ name, origin, from: from?.version ?? null, to: to?.version ?? null }];
  });
}

/**
 * What was put in once more in the version that was there, as another build of it is: its files are new, and no version
 * shows it.
 */
export function reinstalled(
  before: readonly InstalledPackage[],
  after: readonly InstalledPackage[],
): PackageChange[] {
  const old = new Map(before.map((entry) => [entry.name, entry]));
  return after.flatMap(({ name, origin, version, registration }) => {
    const from = old.get(name);
    const same = from === undefined || from.version !== version || from.registration === registration;
    return same ? [] : [{ name, origin, from: version, to: version }];
  });
}

/** Whether a word that a person wrote means this package: as pkg takes it, but for its letters. */
export function means(word: string, entry: Named): boolean {
  if (word.includes('/')) return meansPort(word, entry);
  return word === entry.name || word === `${entry.name}-${entry.version}`;
}

type Named = Pick<InstalledPackage, 'name' | 'version' | 'origin' | 'categories' | 'flavor'>;

/** Its origin, or `category/port[@flavor]` of any category that it is in (docs/pkg-facts.md, 7). */
function meansPort(word: string, { origin, categories, flavor }: Named): boolean {
  const [, category = '', port, wanted] = /^([^/]*)(\/[^@]*)(?:@(.*))?$/s.exec(word) ?? [];
  const inCategory = port === origin.slice(origin.indexOf('/')) && categories.includes(category);
  return wanted === undefined ? word === origin || inCategory : wanted === flavor && inCategory;
}

/** Everything that decides whether a run of pkg did what it said. */
export interface Evidence {
  plan: Plan;
  changes: readonly PackageChange[];
  verb: Verb;
  asked: readonly string[];
  after: readonly InstalledPackage[];
  observer: Pick<RunObserver, 'errors' | 'finished'>;
}

/**
 * What is wrong with a run, in sentences; none is a run that did what was asked and what the plan said, and
 * nothing else. pkg's exit status has no say in it (docs/pkg-facts.md, 2 and 11).
 */
export function judge(evidence: Evidence): string[] {
  return [
    ...failures(evidence),
    ...(complete(evidence) ? [] : ['pkg ended before its run was complete']),
    ...requests(evidence),
    ...differences(evidence),
  ];
}

function failures({ observer, plan }: Evidence): string[] {
  return observer.errors.flatMap(({ type, package: name, message }) => {
    // A locked package that the plan leaves alone is reported in the run again.
    if (type === 'ERROR_LOCKED' && name !== undefined && plan.locked.includes(name)) return [];
    return [name === undefined ? message : `${name}: ${message}`];
  });
}

/** Only a run that has something to do tells of its end. */
function complete({ observer, plan, changes }: Evidence): boolean {
  return observer.finished || (isEmpty(plan) && changes.length === 0);
}

function requests({ verb, asked, after, changes }: Evidence): string[] {
  return asked.flatMap((word) => {
    const present = after.some((entry) => means(word, entry));
    if (verb === 'remove') return present ? [`${word} was to be removed, and is still there`] : [];
    // Whoever asked for the upgrade of a name-version meant the one that has gone.
    const upgraded = changes.some(({ name, from, to }) => to !== null && word === `${name}-${from}`);
    if (present || (verb === 'upgrade' && upgraded)) return [];
    return [`${word} was asked for, and is not installed`];
  });
}

function differences({ plan, changes }: Evidence): string[] {
  const planned = new Map(plannedChanges(plan).map((change) => [change.name, change]));
  const done = new Map(changes.map((change) => [change.name, change]));
  // pkg updates itself first, and no dry run shows it (docs/pkg-facts.md, 3).
  const ofItself = changes.filter((change) => change.name === 'pkg' && isReplaced(change));
  const replaced = [...planned.values(), ...ofItself].filter(isReplaced).map(({ name }) => name);
  const unasked = changes.flatMap((change) => {
    const wanted = planned.get(change.name);
    if ((wanted && wanted.to === change.to) || ofItself.includes(change)) return [];
    if (isKeptLibrary(change, replaced)) return [];
    return [`${describe(change)}, which was not planned`];
  });
  const undone = [...planned.values()].flatMap((change) => {
    if (change.from === change.to || done.has(change.name)) return [];
    return [`${describe(change)} was planned, and did not happen`];
  });
  return [...unasked, ...undone];
}

type Ends = Pick<PackageChange, 'name' | 'from' | 'to'>;

function isReplaced({ from, to }: Ends): boolean {
  return from !== null && to !== null;
}

/**
 * Whether it is a library that an old version had and the new one has not: with BACKUP_LIBRARIES pkg keeps it as a
 * package, whose version is the time, and no dry run shows it (docs/pkg-facts.md, 8).
 */
function isKeptLibrary({ name, to }: Ends, replaced: readonly string[]): boolean {
  return /^\d{14}$/.test(to ?? '') && replaced.some((old) => name.startsWith(`${old}-backup-`));
}

function describe({ name, from, to }: Ends): string {
  if (from === null) return `installing ${name} ${to ?? ''}`;
  return to === null ? `removing ${name} ${from}` : `${name} from ${from} to ${to}`;
}

const complaints =
  /script failed|Cannot run script|(Unable|Impossible) to merge configuration|Failed to (extract|execute)|segfault/i;

/** The lines of pkg's standard error that mean a failure which its exit status hides. */
export function findComplaints(stderr: string): string[] {
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('pkg:') && complaints.test(line))
    .map((line) => line.slice(4).trim());
}
