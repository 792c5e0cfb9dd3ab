import type { Mount } from '../host/mounts.ts';
import { isThrowAway } from '../jail/throw-away.ts';
import type { TransactionRow } from '../journal/rows.ts';
import { keptSnapshot } from '../transaction/kept.ts';
import type { Stored } from '../zfs/inventory.ts';
import { splitAside } from '../zfs/names.ts';
import type { Finding } from './finding.ts';

/** A jail as far as what may be left in it goes. */
export interface Place {
  jail: string;
  root: string;
  /** Its dataset and those below it. */
  dataset: string;
  running: boolean;
  /** What is mounted for it while it runs. */
  bases: readonly string[];
}

/** What is mounted in the roots of jails that do not run: it would be in the way when they start. */
export function leftMounts(places: readonly Place[], mounts: readonly Mount[]): Finding[] {
  return places.flatMap(({ jail, root, running, bases }) => {
    if (running) return [];
    const own = ['dev', ...bases].map((path) => `${root}/${path}`);
    return mounts
      .filter(({ node, fstype }) => own.includes(node) && /^(?:devfs|nullfs)$/.test(fstype))
      .map(({ node, fstype }) => ({
        about: jail,
        says: `${fstype} is mounted at ${node}, and the jail does not run`,
        mend: `umount ${node}`,
      }));
  });
}

/** Throw-away jails: one belongs to a transaction that runs, or was cut off. */
export function leftJails(running: readonly { name: string }[], open: readonly TransactionRow[]): Finding[] {
  const names = new Set(open.map(({ id }) => `jtx-${id.toLowerCase()}`));
  return running
    .filter(({ name }) => isThrowAway(name) && !names.has(name))
    .map(({ name }) => ({
      about: 'host',
      says: `the throw-away jail ${name} belongs to no transaction`,
      mend: `jail -R ${name}`,
    }));
}

/** What of a pool the journal does not know, or what the journal counts on and the pool has no more. */
export function differences(
  stored: ReadonlyMap<string, Stored>,
  rowOf: (id: string) => TransactionRow | undefined,
  places: readonly Place[],
  counted: readonly TransactionRow[],
): Finding[] {
  const findings: Finding[] = [];
  for (const { jail, dataset } of places) {
    for (const { name, points } of [...stored.values()].filter((one) =>
      `${one.name}/`.startsWith(`${dataset}/`),
    )) {
      for (const point of points) {
        if (point.transaction === undefined || point.bookmark || point.backup !== undefined) continue;
        const full = `${name}@${point.name}`;
        const row = rowOf(point.transaction);
        if (!row) findings.push(unknown(jail, full));
        else if (point.holds > 0 && row.settled) findings.push(stale(jail, full, point.holds));
      }
    }
  }
  return [...findings, ...lost(stored, counted), ...leftClones(stored, rowOf)];
}

function unknown(jail: string, snapshot: string): Finding {
  return {
    about: jail,
    says: `${snapshot} is jtx's, and the journal does not know its transaction`,
    mend: 'jtx recover --rebuild',
  };
}

function stale(jail: string, snapshot: string, holds: number): Finding {
  const count = holds === 1 ? 'a hold' : `${holds} holds`;
  return {
    about: jail,
    says: `${snapshot} has ${count}, and its transaction is over`,
    mend: `zfs release jtx ${snapshot}`,
  };
}

/** What others destroyed: jtx itself notes what it lets go. A restore leaves the snapshots in what it sets aside. */
function lost(stored: ReadonlyMap<string, Stored>, counted: readonly TransactionRow[]): Finding[] {
  const there = new Set(
    [...stored.values()].flatMap(({ name, points }) => {
      const { dataset, path } = splitAside(name) ?? { dataset: name, path: '' };
      return points.map((point) => `${dataset}${path}@${point.name}`);
    }),
  );
  return counted.flatMap((row) => {
    const kept = keptSnapshot(row);
    if (kept === null || !stored.has(row.dataset) || there.has(kept)) return [];
    return [
      { about: row.jail, says: `${kept} is gone: nothing can go back to before ${row.id}`, mend: undefined },
    ];
  });
}

/** Clones on which something was rehearsed, of transactions that are over and did not keep them. */
function leftClones(
  stored: ReadonlyMap<string, Stored>,
  rowOf: (id: string) => TransactionRow | undefined,
): Finding[] {
  return [...stored.keys()].flatMap((name) => {
    const split = /\.rehearsal-[^/]+$/.test(name) ? splitAside(name) : undefined;
    const row = split && rowOf(split.transaction);
    if (!split || (row !== undefined && (row.aside === name || !row.settled))) return [];
    return [
      {
        about: row?.jail ?? 'host',
        says: `${name}, the clone of a rehearsal that is over, is still there`,
        mend: `zfs destroy -r ${name}`,
      },
    ];
  });
}
