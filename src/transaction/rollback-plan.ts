import { refused } from '../error.ts';
import { runCommand } from '../host/run.ts';
import { asideName } from '../zfs/aside.ts';
import { poolOf } from '../zfs/names.ts';
import { listOrigins, type Point } from '../zfs/newer.ts';
import type { Exchange } from './exchange-plan.ts';
import { judgeInPlace } from './in-place.ts';
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
 * setting aside what is there now. Throws `data-in-both`, `snapshot-missing`.
 */
export async function planRollback(
  id: string,
  subject: Subject,
  target: Target,
  points: readonly Point[],
  onData: OnData,
): Promise<RollbackPlan> {
  const { dataset, datasets } = subject;
  const notes = [...keptNotes(subject), ...goneNotes(subject, target)];
  const { from } = target;
  if (onData === 'discard' && 'snapshot' in from && from.tree === dataset) {
    const origins = await listOrigins(runCommand, poolOf(dataset));
    const { obstacles, spent } = judgeInPlace(datasets, from.snapshot, points, origins);
    if (obstacles.length === 0) {
      const lost = `What ${subject.jail.name} has become since is lost: there is no way back from this.`;
      return { exchange: undefined, spent, notes: [lost, ...notes] };
    }
    notes.unshift(
      `Set aside all the same, because in place it would destroy ${obstacles.slice(0, 4).join(', ')}.`,
    );
  }
  const aside = asideName(dataset, id);
  if ('aside' in from) await requireNoneInBoth(subject, from.aside);
  const incoming =
    'aside' in from
      ? { aside: from.aside }
      : { snapshot: from.snapshot, tree: from.tree === dataset ? aside : from.tree };
  const since = 'snapshot' in from && from.tree === dataset ? sinceNotes(subject, from.snapshot, points) : [];
  return {
    exchange: { dataset, aside, incoming, members: datasets },
    spent: [],
    notes: [...notes, ...since],
  };
}

function keptNotes({ datasets }: Subject): string[] {
  return datasets
    .filter(({ reverted }) => !reverted)
    .map(({ name }) => `${name} stays as it is (jtx:rollback=off).`);
}

/** Children of that time that do not exist any more: nobody can bring them back. */
function goneNotes({ dataset, datasets }: Subject, { transaction }: Target): string[] {
  const there = new Set(datasets.map(({ name }) => name));
  const members = transaction?.dataset === dataset ? transaction.datasets : [];
  return members
    .filter(({ name }) => !there.has(name))
    .map(({ name }) => `${name} was destroyed since, with its snapshots: it does not come back.`);
}

/** Children that did not exist then go aside with the rest. */
function sinceNotes({ datasets }: Subject, snapshot: string, points: readonly Point[]): string[] {
  const had = new Set(points.map(({ name }) => name));
  return datasets
    .filter(({ name, reverted }) => reverted && !had.has(`${name}@${snapshot}`))
    .map(({ name }) => `${name} was made since: it is set aside with the rest.`);
}

/** A child that stays must not meet its own older self. */
async function requireNoneInBoth({ dataset, datasets }: Subject, aside: string): Promise<void> {
  const there = await listOrigins(runCommand, poolOf(dataset));
  const both = datasets.find(
    ({ name, reverted }) => !reverted && there.has(aside + name.slice(dataset.length)),
  );
  if (!both) return;
  const other = aside + both.name.slice(dataset.length);
  throw refused(
    'data-in-both',
    `${both.name} is to stay as it is, and ${other} would take its place`,
    `Give one of the two another name, for example: zfs rename ${other} ${other}-old`,
  );
}
