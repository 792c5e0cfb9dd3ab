/** Where FreeBSD's dynamic linker is told which libraries take the place of others. */
export const mapFile = { wide: '/etc/libmap.conf', narrow: '/etc/libmap32.conf' } as const;

/** The name, or the path, of what takes the place of a library for the file at a path; undefined where nothing does. */
export type LibraryMap = (needer: string, library: string) => string | undefined;

/** What of a jail's files its map is read from. */
export interface MapSource {
  whole(path: string, most: number): Buffer | undefined;
  list(path: string): string[];
}

// The base comes with one of a few lines, and the ports that have one with a few dozen.
const mostFiles = 100;
const longestFile = 64 * 1024;
const mostMappings = 2000;

/** Reads a libmap.conf(5) with all that it includes, as rtld(1) does: each file once, what comes later first. */
export function readLibraryMap(file: string, source: MapSource): LibraryMap {
  const mappings = new Mappings();
  const read = new Set<string>();
  const readFile = (path: string): void => {
    if (read.has(path) || read.size >= mostFiles) return;
    read.add(path);
    let constraint = everywhere;
    for (const line of source.whole(path, longestFile)?.toString('utf8').split(/\r?\n/) ?? []) {
      constraint = section.exec(line)?.[1] ?? constraint;
      const [, from, to] = mapping.exec(line) ?? [];
      if (from === undefined || to === undefined) continue;
      if (from === 'include') readFile(to);
      else if (from === 'includedir')
        for (const name of configurations(source, to)) readFile(`${to}/${name}`);
      else mappings.add(constraint, from, to);
    }
  };
  readFile(file);
  return (needer, library) => mappings.find(needer, library);
}

const everywhere = '$DEFAULT$';
const section = /^[ \t]*\[[ \t]*([^\s#\]]+)[ \t]*\][ \t]*(?:#.*)?$/;
const mapping = /^[ \t]*([^\s#[][^\s#]*)[ \t]+([^\s#]+)[ \t]*(?:#.*)?$/;

function configurations(source: MapSource, directory: string): string[] {
  return source
    .list(directory)
    .filter((name) => name.endsWith('.conf'))
    .sort()
    .slice(0, mostFiles);
}

/** The mappings of each constraint, the one that came last first. */
class Mappings {
  private added = 0;
  private readonly lists: { constraint: string; entries: Map<string, string> }[] = [];

  add(constraint: string, from: string, to: string): void {
    this.added += 1;
    if (this.added > mostMappings) return;
    const known = this.entriesFor(constraint);
    if (known) known.set(from, to);
    else this.lists.unshift({ constraint, entries: new Map([[from, to]]) });
  }

  find(needer: string, library: string): string | undefined {
    return this.entriesFor(needer)?.get(library) ?? this.entriesFor(everywhere)?.get(library);
  }

  private entriesFor(path: string): Map<string, string> | undefined {
    return this.lists.find(({ constraint }) => concerns(constraint, path))?.entries;
  }
}

/** A directory ends with a slash; what has none is the last part of a path. */
function concerns(constraint: string, path: string): boolean {
  if (constraint.endsWith('/')) return path.startsWith(constraint);
  if (constraint.includes('/')) return path === constraint;
  return path.slice(path.lastIndexOf('/') + 1) === constraint;
}
