import { hashOrder } from './hash-order.ts';
import type { Candidate, Conflict, Job } from './jobs.ts';
import { jobName } from './jobs.ts';
import type { LocalPackage } from './manifest.ts';
import type { Universe } from './universe.ts';
import { neededUpgrade } from './upgrade-need.ts';

/** What a solution is looked for. */
export interface Problem {
  universe: Universe;
  /** Asked for by name, or the candidates of an upgrade. */
  requested: Candidate[];
  conflicts: Conflict[];
  force: boolean;
  automatic: boolean;
  /** Libraries of the base system, by file name. */
  systemLibrary: (name: string) => boolean;
}

/** Jobs, and what could not be had. */
export interface Solution {
  jobs: Job[];
  /** Whether a requested package had to be dropped for another one. */
  dropped: boolean;
  missing: { pkg: Candidate; dependency: string }[];
}

/** Finds the jobs for what was asked; drops and removes what is in the way, as pkg's solver does with -y. */
export function solve(problem: Problem): Solution {
  const { universe } = problem;
  const dropped = droppedOf(problem);
  const requested = problem.requested.filter((pkg) => !dropped.has(pkg.name));
  const chosen = new Map<string, Candidate>();
  const missing: Solution['missing'] = [];
  const wanted = new Set(requested.map((pkg) => pkg.name));
  const queue = [...requested];
  for (let pkg = queue.shift(); pkg !== undefined; pkg = queue.shift()) {
    if (chosen.has(pkg.name)) continue;
    chosen.set(pkg.name, pkg);
    for (const { name } of pkg.deps) {
      if (universe.local.has(name) || chosen.has(name)) continue;
      const dependency =
        problem.requested.find((asked) => asked.name === name) ?? universe.remote.get(name)?.[0];
      if (dependency === undefined || dropped.has(name)) missing.push({ pkg, dependency: name });
      else queue.push(dependency);
    }
    for (const library of pkg.shlibsRequired) {
      const provider = providerOf(library, problem, chosen);
      if (provider !== undefined) queue.push(provider);
    }
  }
  for (const broken of [...brokenBy(chosen, universe)]) {
    const upgrade = universe.remote.get(broken.name)?.[0];
    const better =
      upgrade === undefined ? undefined : neededUpgrade(upgrade, broken, false, problem.systemLibrary);
    if (better !== undefined && !broken.locked) chosen.set(broken.name, better);
  }
  const removed = removedOf(problem, chosen);
  const jobs: Job[] = [...chosen.values()]
    .filter((pkg) => !removed.has(pkg.name))
    .map((pkg): Job => {
      const old = universe.local.get(pkg.name);
      const automatic = problem.automatic || (old?.automatic ?? !wanted.has(pkg.name));
      return {
        kind: 'install',
        pkg,
        old,
        automatic: wanted.has(pkg.name) && old === undefined ? problem.automatic : automatic,
      };
    });
  for (const old of removed.values()) jobs.push({ kind: 'delete', old });
  return { jobs: hashOrder(jobs, jobName), dropped: dropped.size > 0, missing };
}

/** Of two requested packages that conflict, the one that pkg's hash has later goes, with what needs it. */
function droppedOf(problem: Problem): Set<string> {
  const dropped = new Set<string>();
  for (const { first, second, secondInstalled } of problem.conflicts) {
    if (secondInstalled || dropped.has(first.name) || dropped.has(second.name)) continue;
    const [, loser] = hashOrder([first, second], (pkg) => pkg.name);
    if (loser !== undefined) dropped.add(loser.name);
  }
  for (let size = -1; size !== dropped.size; ) {
    size = dropped.size;
    for (const pkg of problem.requested) {
      if (pkg.deps.some((dep) => dropped.has(dep.name))) dropped.add(pkg.name);
    }
  }
  return dropped;
}

function providerOf(
  library: string,
  problem: Problem,
  chosen: Map<string, Candidate>,
): Candidate | undefined {
  const { universe } = problem;
  if (problem.systemLibrary(library)) return undefined;
  for (const pkg of chosen.values()) if (pkg.shlibsProvided.includes(library)) return undefined;
  for (const pkg of universe.local.values()) {
    if (!chosen.has(pkg.name) && pkg.shlibsProvided.includes(library)) return undefined;
  }
  for (const [candidate] of universe.remote.values()) {
    if (candidate?.shlibsProvided.includes(library) === true) return candidate;
  }
  return undefined;
}

/** Installed packages that lose a library through an upgrade. */
function brokenBy(chosen: Map<string, Candidate>, universe: Universe): LocalPackage[] {
  const lost = new Set<string>();
  for (const pkg of chosen.values()) {
    for (const library of universe.local.get(pkg.name)?.shlibsProvided ?? []) {
      if (!pkg.shlibsProvided.includes(library)) lost.add(library);
    }
  }
  return [...universe.local.values()].filter(
    (pkg) => !chosen.has(pkg.name) && pkg.shlibsRequired.some((library) => lost.has(library)),
  );
}

function removedOf(problem: Problem, chosen: Map<string, Candidate>): Map<string, LocalPackage> {
  const removed = new Map<string, LocalPackage>();
  for (const { first, second, secondInstalled } of problem.conflicts) {
    const old = problem.universe.local.get(second.name);
    if (secondInstalled && chosen.has(first.name) && old !== undefined) removed.set(old.name, old);
  }
  return withDependants(removed, problem.universe.local, chosen);
}

/** Adds everything that needs one of the packages, directly or not, unless its new version no longer does. */
export function withDependants(
  packages: Map<string, LocalPackage>,
  local: Map<string, LocalPackage>,
  chosen: Map<string, Candidate> = new Map(),
): Map<string, LocalPackage> {
  const all = new Map(packages);
  for (let size = -1; size !== all.size; ) {
    size = all.size;
    for (const pkg of local.values()) {
      const deps = chosen.get(pkg.name)?.deps ?? pkg.deps;
      if (deps.some((dep) => all.has(dep.name))) all.set(pkg.name, pkg);
    }
  }
  return all;
}
