import { isWithin, splitSnapshot } from '../zfs/names.ts';
import type { ExchangeStep, Existing } from './exchange-plan.ts';

/** What exists of the trees of an exchange, as it will be after the steps so far. Pure. */
export class ExchangeWorld {
  readonly steps: ExchangeStep[] = [];
  private datasets: Map<string, Existing>;

  constructor(existing: readonly Existing[]) {
    this.datasets = new Map(existing.map((entry) => [entry.name, entry]));
  }

  has(name: string): boolean {
    return this.datasets.has(name);
  }

  isMarked(name: string): boolean {
    return this.datasets.get(name)?.marked === true;
  }

  isRestored(name: string): boolean {
    return this.datasets.get(name)?.restored === true;
  }

  /** A dataset and all below it, parents first. */
  tree(top: string): string[] {
    return [...this.datasets.keys()].filter((name) => isWithin(name, top)).sort();
  }

  rename(from: string, to: string): void {
    this.steps.push({ do: 'rename', from, to });
    const renamed = (name: string): string => (isWithin(name, from) ? to + name.slice(from.length) : name);
    this.datasets = new Map(
      [...this.datasets.values()].map((entry) => [
        renamed(entry.name),
        { ...entry, name: renamed(entry.name), origin: entry.origin && onDataset(entry.origin, renamed) },
      ]),
    );
  }

  /** Takes back what of a tree is the jail's, from below: what is above says of the rest that it is. */
  take(top: string): void {
    for (const name of this.tree(top).reverse()) {
      const entry = this.datasets.get(name);
      if (!entry?.delegation || entry.taken) continue;
      this.steps.push({ do: 'take', dataset: name, delegation: entry.delegation });
      this.datasets.set(name, { ...entry, taken: true, untouched: false });
    }
  }

  /** Gives the jail again what of a tree was its own. */
  give(top: string): void {
    for (const name of this.tree(top)) {
      const { delegation, untouched } = this.datasets.get(name) ?? {};
      if (delegation && !untouched) this.steps.push({ do: 'give', dataset: name, delegation });
    }
  }

  clone(snapshot: string, dataset: string, like: string): void {
    const delegation = this.datasets.get(like)?.delegation;
    this.steps.push({ do: 'clone', snapshot, dataset, like, ...(delegation ? { delegation } : {}) });
    this.datasets.set(dataset, { name: dataset, origin: snapshot, marked: false, delegation, taken: true });
  }

  permit(dataset: string, like: string): void {
    if (this.has(dataset) && this.has(like)) this.steps.push({ do: 'permit', dataset, like });
  }

  /** Promotes until its origin lies in no tree that was set aside: what it came from before is its own affair. */
  promoteFrom(name: string, asides: string): void {
    for (
      let at = this.datasets.get(name);
      at?.origin?.startsWith(asides) === true;
      at = this.datasets.get(name)
    ) {
      this.steps.push({ do: 'promote', dataset: name });
      const { dataset: owner, snapshot } = splitSnapshot(at.origin);
      const before = this.datasets.get(owner);
      this.datasets.set(name, { ...at, origin: before?.origin });
      if (before) this.datasets.set(owner, { ...before, origin: `${name}@${snapshot}` });
    }
  }

  mark(dataset: string, name: string, mounted: boolean): void {
    this.steps.push({ do: 'mark', dataset, name, mounted });
  }

  unmark(dataset: string): void {
    this.steps.push({ do: 'unmark', dataset });
  }

  limit(dataset: string, like: string): void {
    if (this.has(dataset) && this.datasets.get(like)?.limited === true)
      this.steps.push({ do: 'limit', dataset, like });
  }
}

function onDataset(snapshot: string, rename: (dataset: string) => string): string {
  const at = snapshot.indexOf('@');
  return rename(snapshot.slice(0, at)) + snapshot.slice(at);
}
