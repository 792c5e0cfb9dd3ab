/** One line of fstab(5). */
export interface FstabEntry {
  special: string;
  node: string;
  type: string;
}

/** Reads fstab(5), in which a space of a path is written as \040. */
export function parseFstab(text: string): FstabEntry[] {
  return text.split('\n').flatMap((line) => {
    const [special, node, type] = line.replace(/#.*$/, '').trim().split(/\s+/);
    return special && node && type ? [{ special: unescaped(special), node: unescaped(node), type }] : [];
  });
}

function unescaped(word: string): string {
  return word.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** A directory of the host that a thin jail has in its root while it runs. */
export interface Base {
  special: string;
  /** Where in the root, without a leading slash. */
  path: string;
}

/** What of an fstab(5) is a base of a jail: directories of the host below its root, by nullfs(5). */
export function basesOf(entries: readonly FstabEntry[], root: string): Base[] {
  const bases = entries.flatMap(({ special, node, type }) =>
    type === 'nullfs' && special.startsWith('/') && node.startsWith(`${root}/`)
      ? [{ special, path: node.slice(root.length + 1).replace(/\/+$/, '') }]
      : [],
  );
  return bases.filter(({ path }) => !writtenByPkg.test(path));
}

// A base is mounted read-only, and into these pkg writes: the jail's own directory serves.
const writtenByPkg = /^var\/(?:cache|db)\/pkg(?:\/|$)/;
