/** One package of a plan. */
export interface PlannedChange {
  name: string;
  from: string | null;
  to: string | null;
}

/** What pkg says it will do. */
export interface Plan {
  install: PlannedChange[];
  upgrade: PlannedChange[];
  downgrade: PlannedChange[];
  reinstall: PlannedChange[];
  remove: PlannedChange[];
  /** Names of packages that are locked and so stay. */
  locked: string[];
  /** Sentences about file conflicts. */
  conflicts: string[];
  /** What pkg counted otherwise than it was read: such a plan says nothing. */
  unclear: string[];
  /** The part of pkg's output that says it. */
  text: string;
}

type Group = 'install' | 'upgrade' | 'downgrade' | 'reinstall' | 'remove' | 'locked' | 'other';

const headings: readonly (readonly [RegExp, Group])[] = [
  [/^New packages to be INSTALLED:/, 'install'],
  [/^Installed packages to be UPGRADED:/, 'upgrade'],
  [/^Installed packages to be DOWNGRADED:/, 'downgrade'],
  [/^Installed packages to be REINSTALLED:/, 'reinstall'],
  [/^Installed packages to be REMOVED:/, 'remove'],
  [/^Installed packages LOCKED:/, 'locked'],
  [/^\S.*:$/, 'other'],
];

// pkg prints a summary for each round of its solver; the last one is what it will do.
const summary = /^(The following \d+ package|Deinstallation has been requested)/;
const conflict = /^\s+- (.* conflicts with .*)$/;
const lockedNow = /^(\S+)-[^-\s]+ is locked and may not be modified/;
/** What pkg says last of a dry run, also of one that had much to do: nothing was done. */
const nothingDone =
  /^(The most recent versions of packages are already installed|Your packages are up to date\.)$/;
const counted = /^Number of packages to be (installed|upgraded|downgraded|reinstalled|removed): (\d+)/;

/** Reads what a dry run prints (docs/pkg-facts.md, 4). Of several summaries the last counts. */
export function parsePlan(stdout: string): Plan {
  const lines = stdout.split('\n');
  const start = lines.findLastIndex((line) => summary.test(line));
  const shown = start < 0 ? [] : lines.slice(start).filter((line) => !nothingDone.test(line));
  const remarks = lines.filter((line) => conflict.test(line) || lockedNow.test(line));
  const plan: Plan = {
    install: [],
    upgrade: [],
    downgrade: [],
    reinstall: [],
    remove: [],
    locked: matches(remarks, lockedNow),
    conflicts: matches(remarks, conflict),
    unclear: [],
    text: [...remarks, ...shown].join('\n').trim(),
  };
  let group: Group = 'other';
  for (const line of shown) {
    if (line.startsWith('\t')) add(plan, group, line.trim());
    else group = headings.find(([heading]) => heading.test(line))?.[1] ?? group;
  }
  plan.unclear = miscounts(plan, shown);
  return plan;
}

function matches(lines: readonly string[], pattern: RegExp): string[] {
  return [...new Set(lines.flatMap((line) => pattern.exec(line)?.[1] ?? []))];
}

/** A line that was not understood shows in pkg's own count. */
function miscounts(plan: Plan, shown: readonly string[]): string[] {
  const expected = new Map(shown.map((line) => counted.exec(line)).map((match) => [match?.[1], match?.[2]]));
  const read: readonly (readonly [string, number])[] = [
    ['installed', plan.install.length],
    ['upgraded', plan.upgrade.length],
    ['downgraded', plan.downgrade.length],
    ['reinstalled', plan.reinstall.length],
    ['removed', plan.remove.length],
  ];
  return read.flatMap(([what, count]) => {
    const said = Number(expected.get(what) ?? 0);
    return said === count ? [] : [`${said} to be ${what}, of which ${count} could be read`];
  });
}

function add(plan: Plan, group: Group, entry: string): void {
  if (group === 'other') return;
  if (group === 'locked') {
    const name = /^Package (\S+)-[^-\s]+ is locked/.exec(entry)?.[1];
    if (name !== undefined && !plan.locked.includes(name)) plan.locked.push(name);
    return;
  }
  const change = group === 'reinstall' ? reinstalled(entry) : changed(entry, group);
  if (change) plan[group].push(change);
}

function changed(entry: string, group: Group): PlannedChange | undefined {
  const match = /^(\S+): (\S+)(?: -> (\S+))?/.exec(entry);
  const [, name, first, second] = match ?? [];
  if (name === undefined || first === undefined) return undefined;
  if (group === 'install') return { name, from: null, to: first };
  if (group === 'remove') return { name, from: first, to: null };
  return second === undefined ? undefined : { name, from: first, to: second };
}

function reinstalled(entry: string): PlannedChange | undefined {
  const match = /^(\S+)-([^-\s]+)/.exec(entry);
  const [, name, version] = match ?? [];
  return name === undefined || version === undefined ? undefined : { name, from: version, to: version };
}

/** Every change of a plan. */
export function plannedChanges(plan: Plan): PlannedChange[] {
  return [...plan.install, ...plan.upgrade, ...plan.downgrade, ...plan.reinstall, ...plan.remove];
}

/** Whether there is nothing to do. */
export function isEmpty(plan: Plan): boolean {
  return plannedChanges(plan).length === 0;
}
