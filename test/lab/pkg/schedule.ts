import { type Job, jobName } from './jobs.ts';
import { byteOrder } from './text.ts';

/** Puts jobs into the order of execution: what is needed first, what is in the way out first, else by name. */
export function schedule(jobs: readonly Job[], conflicting: (old: string, pkg: string) => boolean): Job[] {
  const waiting = [...jobs].sort((a, b) => byteOrder(jobName(a), jobName(b)));
  const ordered: Job[] = [];
  while (waiting.length > 0) {
    let index = waiting.findIndex(
      (job) => !waiting.some((other) => other !== job && mustPrecede(other, job, conflicting)),
    );
    // A circle of dependencies has no right order; pkg would split an upgrade.
    if (index < 0) index = 0;
    ordered.push(...waiting.splice(index, 1));
  }
  return ordered;
}

function mustPrecede(a: Job, b: Job, conflicting: (old: string, pkg: string) => boolean): boolean {
  const needs = (pkg: { deps: { name: string }[] }, name: string): boolean =>
    pkg.deps.some((dep) => dep.name === name);
  if (a.kind === 'install' && b.kind === 'install' && needs(b.pkg, a.pkg.name)) return true;
  if (a.old !== undefined && b.kind === 'install' && a.old.name !== b.pkg.name) {
    if (conflicting(a.old.name, b.pkg.name)) return true;
  }
  if (a.old !== undefined && b.old !== undefined && needs(a.old, b.old.name)) {
    return !(a.kind === 'install' && b.kind === 'install' && needs(a.pkg, b.pkg.name));
  }
  return false;
}
