import { refused } from '../error.ts';
import { runCommand } from '../host/run.ts';
import { listAsides } from '../zfs/list-asides.ts';
import { asideName, isWithin, poolOf } from '../zfs/names.ts';
import { listOrigins, type Point } from '../zfs/newer.ts';
import type { Exchange } from './exchange-plan.ts';
import { judgeInPlace } from './in-place.ts';
import { incomingSnapshots } from './incoming-snapshots.ts';
import type { OnData } from './request.ts';
import type { Target } from './rollback-target.ts';
import type { Subject } from './subject.ts';

/** How a jail goes back. */
export interface RollbackPlan {
  /** Sets aside what is there now; undefined goes back in place, and that is lost. */
  exchange: Exchange | undefined;
  /** jtx's own snapshots that going back in place destroys first. */
  spent: string[];
  /** What a person should know before, a sentence each. */
  notes: string[];
}

/**
 * Decides how a jail goes back: in place only where that was asked for and would destroy nothing foreign, else by
 * setting aside what is there now. Throws `data-in-both`, `data-without-place`, `snapshot-missing`.
 */
export async function planRollback(
  id: string,
  subject: Subject,
  target: Target,
  points: readonly Point[],
  onData: OnData,
): Promise<RollbackPlan> {
  const { dataset, datasets, volumes } = subject;
  const { from } = target;
  const exchange = exchangeFor(id, subject, target);
  const coming = await comingNames(exchange);
  const notes = [...keptNotes(subject), ...goneNotes(subject, target, coming)];
  if (onData === 'discard' && 'snapshot' in from && from.tree === dataset) {
    const origins = await listOrigins(runCommand, poolOf(dataset));
    const there = new Set([...datasets.map(({ name }) => name), ...volumes]);
    const elsewhere = [...coming].filter((name) => !there.has(name));
    const { obstacles, spent } = judgeInPlace(datasets, from.snapshot, points, origins);
    const why = whyNotInPlace(obstacles, elsewhere, volumes);
    if (why === undefined) {
      const lost = `What ${subject.jail.name} has become since is lost: there is no way back from this.`;
      return { exchange: undefined, spent, notes: [lost, ...notes] };
    }
    notes.unshift(`Set aside all the same, because ${why}.`);
  }
  requirePlaces(subject, coming);
  if ('aside' in from) requireNoneInBoth(subject, from.aside, coming);
  if ('snapshot' in from) notes.push(...leftNotes(subject, coming));
  return { exchange, spent: [], notes };
}

/** Why a tree cannot go back in place, in words; undefined where it can. Pure. */
export function whyNotInPlace(
  obstacles: readonly string[],
  elsewhere: readonly string[],
  volumes: readonly string[],
): string | undefined {
  if (obstacles.length > 0) return `in place it would destroy ${obstacles.slice(0, 4).join(', ')}`;
  if (elsewhere.length > 0) return `${elsewhere.join(', ')} lies in what was set aside before`;
  if (volumes.length > 0) return `${volumes.join(', ')} is a volume, and none goes back in place`;
  return undefined;
}

function exchangeFor(id: string, { dataset, datasets }: Subject, { from }: Target): Exchange {
  const aside = asideName(dataset, id);
  const incoming =
    'aside' in from
      ? { aside: from.aside }
      : { snapshot: from.snapshot, tree: from.tree === dataset ? aside : from.tree };
  return { dataset, aside, incoming, members: datasets };
}

/** What the jail's tree will consist of, but for the children that stay as they are. */
async function comingNames(exchange: Exchange): Promise<Set<string>> {
  const { dataset, incoming } = exchange;
  if ('snapshot' in incoming)
    return new Set([...(await incomingSnapshots(runCommand, exchange)).keys()].map((path) => dataset + path));
  const back = (await listAsides(runCommand)).find(({ name }) => name === incoming.aside);
  return new Set(back?.members.map(({ name }) => dataset + name.slice(incoming.aside.length)));
}

function keptNotes({ datasets }: Subject): string[] {
  return datasets
    .filter(({ reverted }) => !reverted)
    .map(({ name }) => `${name} stays as it is (jtx:rollback=off).`);
}

/** Children of that time of which nothing is left: nobody can bring them back. */
function goneNotes(
  { dataset, datasets }: Subject,
  { transaction }: Target,
  coming: ReadonlySet<string>,
): string[] {
  const there = new Set(datasets.map(({ name }) => name));
  const members = transaction?.dataset === dataset ? transaction.datasets : [];
  return members
    .filter(({ name }) => !there.has(name) && !coming.has(name))
    .map(({ name }) => `${name} was destroyed since, with its snapshots: it does not come back.`);
}

/** A child that does not come in with the rest is left with what is set aside. */
function leftNotes({ datasets, volumes }: Subject, coming: ReadonlySet<string>): string[] {
  const reverted = datasets.filter((member) => member.reverted).map(({ name }) => name);
  return [...reverted, ...volumes]
    .filter((name) => !coming.has(name))
    .map((name) => `${name} has no snapshot from then: it is set aside with the rest.`);
}

/** A child that stays must not meet its own older self. */
function requireNoneInBoth({ dataset, datasets }: Subject, aside: string, coming: ReadonlySet<string>): void {
  const both = datasets.find(({ name, reverted }) => !reverted && coming.has(name));
  if (!both) return;
  const other = aside + both.name.slice(dataset.length);
  throw refused(
    'data-in-both',
    `${both.name} is to stay as it is, and ${other} would take its place`,
    `Give one of the two another name, for example: zfs rename ${other} ${other}-old`,
  );
}

/** Without what it lies in, a child that stays would be set aside with that. */
function requirePlaces(subject: Subject, coming: ReadonlySet<string>): void {
  const found = findPlaceless(subject, coming);
  if (!found) return;
  const { name, missing } = found;
  throw refused(
    'data-without-place',
    `${name} is to stay as it is (jtx:rollback=off), and ${missing}, which it lies in, has nothing from then to come back`,
    `zfs set jtx:rollback=off ${missing}    # it stays too`,
  );
}

/** A child that stays, and what it lies in that neither stays nor comes; undefined where all have their place. Pure. */
export function findPlaceless(
  {
    dataset,
    datasets,
  }: { dataset: string; datasets: readonly Pick<Subject['datasets'][number], 'name' | 'reverted'>[] },
  coming: ReadonlySet<string>,
): { name: string; missing: string } | undefined {
  const missing = datasets.filter(({ name, reverted }) => reverted && name !== dataset && !coming.has(name));
  for (const { name, reverted } of datasets) {
    const above = missing.find((one) => !reverted && isWithin(name, one.name));
    if (above) return { name, missing: above.name };
  }
  return undefined;
}
