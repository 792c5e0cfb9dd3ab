import { isMarkOf } from './base.ts';
import { baseMark } from './names.ts';
import type { PrunedJail } from './prune-here.ts';

/** What is left of targets that are configured no more: their bookmarks stay, they take next to no room. Pure. */
export function strayBases(jails: readonly PrunedJail[], targets: readonly string[]): string[] {
  const strays = jails.flatMap(({ state }) =>
    state.tree.flatMap(({ name, points }) =>
      points
        .filter((point) => point.bookmark && point.name.startsWith(baseMark('')))
        .filter((point) => !targets.some((target) => isMarkOf(point.name, target)))
        .map((point) => `${name}#${point.name}`),
    ),
  );
  return strays.map((name) => `${name} is of a target that is configured no more, and stays`);
}
