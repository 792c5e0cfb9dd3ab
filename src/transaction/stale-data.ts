import type { Journal } from '../journal/journal.ts';
import type { PackageChange } from '../pkg/change-set.ts';
import { inEffect } from './effective.ts';
import type { Target } from './rollback-target.ts';
import type { Subject } from './subject.ts';

/**
 * Warns of data that stays while the software that wrote it goes back across a major version: an older PostgreSQL
 * cannot read what a newer one has written. A sentence for each package.
 */
export function staleData(journal: Journal, { jail, datasets }: Subject, target: Target): string[] {
  const kept = datasets.filter(({ reverted }) => !reverted).map(({ name }) => name);
  if (kept.length === 0) return [];
  const events = journal.events(jail.root);
  const then = inEffect(events, target.before);
  const changes = [...inEffect(events)].filter((id) => !then.has(id)).flatMap((id) => journal.changes(id));
  return majorChanges(changes).map(
    ({ name, from, to }) =>
      `${name} goes back from ${to} to ${from}, and ${kept.join(', ')} stays: an older major version may not read it.`,
  );
}

/** A package that came in another major version: upgraded, or under a name with another number in it. Pure. */
export function majorChanges(
  changes: readonly PackageChange[],
): { name: string; from: string; to: string }[] {
  const gone = changes.filter(({ to }) => to === null);
  return changes.flatMap(({ name, from, to }) => {
    if (to === null) return [];
    const bare = withoutDigits(name);
    const before = from ?? gone.find((other) => withoutDigits(other.name) === bare)?.from;
    return before && major(before) !== major(to) ? [{ name, from: before, to }] : [];
  });
}

function withoutDigits(name: string): string {
  return name.replace(/\d+/g, '#');
}

function major(version: string): string {
  return /^\d+/.exec(version)?.[0] ?? version;
}
