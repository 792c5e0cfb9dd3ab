import type { Stored } from '../zfs/inventory.ts';
import { backupTime } from './names.ts';

/** One stream in a directory, as its manifest tells. */
export interface Link {
  backup: string;
  snapshot: string;
  guid: string;
  /** The snapshot that must be there before it can be received; null for a whole one. */
  base: { backup: string; guid: string } | null;
  /** Of the compressed stream. */
  bytes: number;
  sha256: string;
}

/** Milliseconds after which a whole stream begins a new chain, so that the old one can go at last. */
const longest = 28 * 24 * 3600_000;

/** The streams that make a backup, the whole one first; undefined where one is missing. Pure. */
export function chainOf(links: readonly Link[], backup: string): Link[] | undefined {
  const byBackup = new Map(links.map((link) => [link.backup, link]));
  const chain: Link[] = [];
  for (let link = byBackup.get(backup); link; link = byBackup.get(link.base.backup)) {
    if (chain.includes(link)) return undefined;
    chain.unshift(link);
    if (link.base === null) return chain;
    if (byBackup.get(link.base.backup)?.guid !== link.base.guid) return undefined;
  }
  return undefined;
}

/**
 * The stream that the next can build upon, and the source's name for it, which begins with `@` or `#`; undefined where a
 * whole one is due. Pure.
 */
export function baseFor(
  links: readonly Link[],
  source: Stored,
  snapshot: string,
  now: number,
): { link: Link; name: string } | undefined {
  const wanted = source.points.find((point) => !point.bookmark && point.name === snapshot);
  const newestFirst = [...links].sort((one, other) => (one.backup < other.backup ? 1 : -1));
  for (const link of newestFirst) {
    const same = source.points.filter(
      (point) => point.guid === link.guid && point.txg < (wanted?.txg ?? Number.POSITIVE_INFINITY),
    );
    const point = same.find(({ bookmark }) => !bookmark) ?? same[0];
    if (!point) continue;
    const first = chainOf(links, link.backup)?.[0];
    if (!first || now - backupTime(first.backup) > longest) return undefined;
    return { link, name: `${point.bookmark ? '#' : '@'}${point.name}` };
  }
  return undefined;
}

/** Those of some backups without which no other is lost: what others build upon stays. Pure. */
export function removable(links: readonly Link[], unwanted: readonly string[]): string[] {
  const gone = new Set(unwanted);
  const needed = new Set(
    links
      .filter(({ backup }) => !gone.has(backup))
      .flatMap(({ backup }) => chainOf(links, backup)?.map((link) => link.backup) ?? []),
  );
  return unwanted.filter((backup) => !needed.has(backup));
}
