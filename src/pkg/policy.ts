import { means } from './change-set.ts';
import type { InstalledPackage } from './database.ts';
import { type Plan, plannedChanges } from './plan.ts';
import type { Verb } from './verbs.ts';

/** A plan, and what was asked for. */
export interface Proposal {
  plan: Plan;
  verb: Verb;
  asked: readonly string[];
  allowRemovals: boolean;
  installed: readonly InstalledPackage[];
}

/** Why a plan is not carried out. */
export interface Objection {
  code: string;
  message: string;
  hint: string;
}

/** Judges a plan, pure: no removal that nobody asked for, nothing locked, nothing that was asked for dropped. */
export function judgePlan(proposal: Proposal): Objection | undefined {
  return lockedRequest(proposal) ?? droppedRequest(proposal) ?? unaskedRemoval(proposal);
}

function lockedRequest({ plan, asked, installed }: Proposal): Objection | undefined {
  const locked = new Set(plan.locked);
  for (const entry of installed) if (entry.locked) locked.add(entry.name);
  const entry = installed.find(
    (candidate) => locked.has(candidate.name) && asked.some((word) => means(word, candidate)),
  );
  if (!entry) return undefined;
  return {
    code: 'package-locked',
    message: `${entry.name} is locked in the jail`,
    hint: `Unlock it there first: pkg unlock ${entry.name}`,
  };
}

function droppedRequest({ plan, verb, asked, installed }: Proposal): Objection | undefined {
  if (verb !== 'install' || plannedChanges(plan).length === 0) return undefined;
  const removed = new Set(plan.remove.map((change) => change.name));
  const coming = [...plan.install, ...plan.upgrade, ...plan.downgrade, ...plan.reinstall].map(
    (change) => change.name,
  );
  const known = new Set([
    ...coming,
    ...installed.map((entry) => entry.name).filter((name) => !removed.has(name)),
  ]);
  // An origin or name-version is not a plan's name for a package: the comparison afterwards judges those.
  const dropped = asked.find(
    (word) => !word.includes('/') && !known.has(word) && !known.has(word.replace(/-[^-]+$/, '')),
  );
  if (dropped === undefined) return undefined;
  return {
    code: 'request-dropped',
    message: `pkg's plan leaves out ${dropped}, which was asked for`,
    hint: 'It conflicts with another package of the same request. Ask for them one at a time.',
  };
}

function unaskedRemoval({ plan, verb, asked, allowRemovals, installed }: Proposal): Objection | undefined {
  if (allowRemovals || verb === 'autoremove') return undefined;
  const wanted = (name: string): boolean => {
    const entry = installed.find((candidate) => candidate.name === name);
    return (
      verb === 'remove' && asked.some((word) => word === name || (entry !== undefined && means(word, entry)))
    );
  };
  const unasked = plan.remove.filter((change) => !wanted(change.name)).map((change) => change.name);
  if (unasked.length === 0) return undefined;
  const why = plan.conflicts.length > 0 ? ` (${plan.conflicts.join('; ')})` : '';
  return {
    code: 'removal-not-asked',
    message: `pkg would remove ${unasked.join(', ')}, which nobody asked for${why}`,
    hint: 'With --allow-removals it may.',
  };
}
