import { means } from './change-set.ts';
import type { InstalledPackage } from './database.ts';
import { type Plan, type PlannedChange, plannedChanges } from './plan.ts';
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

const spelling =
  'pkg knows a package by its name, name-version, origin or category/port@flavor, in exactly these letters.';

/** Judges a plan, pure: no removal that nobody asked for, nothing locked, nothing that was asked for dropped. */
export function judgePlan(proposal: Proposal): Objection | undefined {
  return (
    unclearPlan(proposal) ??
    lockedRequest(proposal) ??
    absentRequest(proposal) ??
    droppedRequest(proposal) ??
    unaskedRemoval(proposal)
  );
}

function unclearPlan({ plan }: Proposal): Objection | undefined {
  if (plan.unclear.length === 0) return undefined;
  return {
    code: 'plan-unclear',
    message: `pkg's plan could not be read whole: ${plan.unclear.join('; ')}`,
    hint: 'This pkg writes its plans differently. jtx show has its whole output.',
  };
}

function lockedRequest({ plan, verb, asked, installed }: Proposal): Objection | undefined {
  const entry = installed.find(
    (candidate) =>
      // To install what is there already takes no lock off.
      (plan.locked.includes(candidate.name) || (candidate.locked && verb === 'remove')) &&
      asked.some((word) => means(word, candidate)),
  );
  if (!entry) return undefined;
  return {
    code: 'package-locked',
    message: `${entry.name} is locked in the jail`,
    hint: `Unlock it there first: pkg unlock ${entry.name}`,
  };
}

function droppedRequest({ plan, verb, asked, installed }: Proposal): Objection | undefined {
  const removed = new Set(plan.remove.map((change) => change.name));
  const dropped = asked.find((word) => {
    const meant = installed.filter((entry) => means(word, entry)).map(({ name }) => name);
    const is = (change: PlannedChange): boolean =>
      word === change.name ||
      word === `${change.name}-${change.to ?? change.from}` ||
      meant.includes(change.name) ||
      // A plan gives no origins: the comparison afterwards judges those of new packages.
      (word.includes('/') && change.from === null);
    if (verb === 'remove') return !plan.remove.some(is);
    const stays = meant.some((name) => !removed.has(name));
    return !stays && !plannedChanges(plan).some((change) => change.to !== null && is(change));
  });
  if (dropped === undefined) return undefined;
  return {
    code: 'request-dropped',
    message: `pkg's plan leaves out ${dropped}, which was asked for`,
    hint:
      plan.conflicts.length > 0
        ? `It conflicts with another package (${plan.conflicts.join('; ')}).`
        : spelling,
  };
}

/** An upgrade installs nothing that was not there: pkg only says so, and exits with 0. */
function absentRequest({ verb, asked, installed }: Proposal): Objection | undefined {
  if (verb !== 'upgrade' && verb !== 'remove') return undefined;
  const absent = asked.find((word) => !installed.some((entry) => means(word, entry)));
  if (absent === undefined) return undefined;
  return {
    code: 'package-not-installed',
    message: `${absent} is not installed, so there is nothing to ${verb}`,
    hint: verb === 'upgrade' ? `jtx install JAIL ${absent}` : spelling,
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
