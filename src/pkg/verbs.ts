/** A change that pkg can make. */
export type Verb = 'install' | 'upgrade' | 'remove' | 'autoremove';

const named = (names: readonly string[]): string[] => (names.length === 0 ? [] : ['--', ...names]);

/**
 * Arguments that only download, where there is something to download. With `fetched` both the catalogue and the
 * packages are there already: then pkg only looks that they are, and makes the databases that a plan needs.
 */
export function fetchArguments(verb: Verb, names: readonly string[], fetched = false): string[] | undefined {
  if (verb !== 'install' && verb !== 'upgrade') return undefined;
  return [verb, fetched ? '-FyU' : '-Fy', ...named(names)];
}

/** Arguments that show the true plan: without a new catalogue, after the download (docs/pkg-facts.md, 4). */
export function planArguments(verb: Verb, names: readonly string[]): string[] {
  switch (verb) {
    case 'install':
    case 'upgrade':
      return [verb, '-nUy', ...named(names)];
    case 'remove':
      return ['delete', '-n', ...named(names)];
    case 'autoremove':
      return ['autoremove', '-n'];
  }
}

/** Statuses with which a plan is printed: autoremove gives 1 where there is work. */
export function planStatuses(verb: Verb): readonly number[] {
  return verb === 'autoremove' ? [0, 1] : [0];
}

/** Arguments that carry it out. */
export function applyArguments(verb: Verb, names: readonly string[]): string[] {
  switch (verb) {
    case 'install':
    case 'upgrade':
      return [verb, '-yU', ...named(names)];
    case 'remove':
      return ['delete', '-y', ...named(names)];
    case 'autoremove':
      return ['autoremove', '-y'];
  }
}
