import { decodeTime } from 'ulid';
import { refused } from '../error.ts';
import { runCommand } from '../host/run.ts';
import type { TransactionRow } from '../journal/rows.ts';
import { absoluteTime } from '../report/time.ts';
import { type Aside, listAsides } from '../zfs/list-asides.ts';
import { snapshotName } from '../zfs/names.ts';
import { listPoints, type Point } from '../zfs/newer.ts';
import type { Context } from './context.ts';
import { boundaryOf, earliest } from './effective.ts';
import { parseMoment } from './moment.ts';

/** What a person asks to go back to. */
export interface Wanted {
  jail: string;
  root: string;
  dataset: string;
  /** A transaction, a snapshot or a time; the newest transaction where it is left out. */
  to: string | undefined;
}

/** A state that a jail can go back to, and where it lies. */
export interface Target {
  /** In a person's words, after "goes back". */
  words: string;
  /** The transaction or boundary just before which the jail was in this state. */
  before: string;
  /** The change or rollback that is undone; undefined for a snapshot or a time. */
  transaction: TransactionRow | undefined;
  /** A snapshot of the jail's tree, or of a tree that was set aside; else that tree itself. */
  from: { snapshot: string; tree: string } | { aside: string };
  /** What the history says of it, where that is not the transaction or the snapshot. */
  told?: readonly string[];
}

/**
 * Finds what to go back to. Throws `nothing-to-undo`, `transaction-unknown`, `snapshot-missing`,
 * `snapshot-unknown`, `time-too-early`.
 */
export async function chooseTarget(
  context: Context,
  wanted: Wanted,
  points: readonly Point[],
): Promise<Target> {
  const { to, root, jail } = wanted;
  if (to === undefined) {
    const newest = context.journal.newestUndoable(root);
    if (newest) return beforeChange(newest, wanted, points);
    throw refused(
      'nothing-to-undo',
      `${jail} has no committed transaction that can be undone`,
      `jtx history ${jail}`,
    );
  }
  if (to.includes('@')) return atSnapshot(to, wanted, points);
  const named = context.journal.transaction(to);
  if (named) return ofTransaction(named, wanted, points);
  const moment = parseMoment(to, Date.now());
  if (moment !== undefined) return atMoment(moment, wanted, points);
  throw refused(
    'transaction-unknown',
    `${JSON.stringify(to)} is no transaction, snapshot or time of ${jail}`,
    `jtx history ${jail}; a snapshot is written @NAME, a time "2 days ago" or "2026-05-01 18:00"`,
  );
}

async function ofTransaction(row: TransactionRow, wanted: Wanted, points: readonly Point[]): Promise<Target> {
  if (row.root !== wanted.root)
    throw refused(
      'transaction-unknown',
      `${row.id} is a transaction of ${row.jail}`,
      `jtx history ${wanted.jail}`,
    );
  if (row.state === 'committed' && row.verb !== 'rollback' && row.verb !== 'drop' && row.snapshot !== null)
    return beforeChange(row, wanted, points);
  const aside = (await listAsides(runCommand)).find(({ transaction }) => transaction === row.id);
  if (aside) {
    const deed = [row.verb, ...row.arguments].join(' ');
    const state = row.verb === 'rollback' ? 'before' : 'after the failed';
    return {
      words: `to what it was ${state} ${deed} (${row.id})`,
      before: row.id,
      transaction: row,
      from: { aside: aside.name },
    };
  }
  throw refused(
    'nothing-to-undo',
    `${row.id} (${row.verb}, ${row.state}) left nothing to go back to`,
    `jtx history ${wanted.jail}; jtx aside list`,
  );
}

async function beforeChange(row: TransactionRow, wanted: Wanted, points: readonly Point[]): Promise<Target> {
  const snapshot = row.snapshot ?? snapshotName(row.id);
  const tree = await treeWith(snapshot, wanted, points);
  if (tree === undefined)
    throw refused(
      'snapshot-missing',
      `${wanted.dataset} has no snapshot of ${row.id}`,
      'It was destroyed since.',
    );
  return {
    words: `to what it was before ${row.verb} ${row.arguments.join(' ')} (${row.id})`,
    before: row.id,
    transaction: row,
    from: { snapshot, tree },
  };
}

/** The jail's own tree, or the one set aside that has the snapshot. */
async function treeWith(
  snapshot: string,
  { dataset }: Wanted,
  points: readonly Point[],
): Promise<string | undefined> {
  if (points.some(({ name }) => name === `${dataset}@${snapshot}`)) return dataset;
  const asides = (await listAsides(runCommand)).filter((aside) => aside.dataset === dataset);
  for (const { name } of asides) if (await hasSnapshot(name, snapshot)) return name;
  return undefined;
}

async function hasSnapshot(dataset: string, snapshot: string): Promise<boolean> {
  const listed = await runCommand(['zfs', 'list', '-H', '-o', 'name', `${dataset}@${snapshot}`]);
  return listed.status === 0;
}

async function atSnapshot(to: string, wanted: Wanted, points: readonly Point[]): Promise<Target> {
  const at = to.indexOf('@');
  const [tree, snapshot] = [to.slice(0, at) || wanted.dataset, to.slice(at + 1)];
  const aside = tree === wanted.dataset ? undefined : await asideOf(tree, wanted);
  const theirs = aside ? await listPoints(runCommand, tree) : [];
  const found = (aside ? theirs : points).find(({ name }) => name === `${tree}@${snapshot}`);
  if (!found || (!aside && tree !== wanted.dataset))
    throw refused(
      'snapshot-unknown',
      `${wanted.jail} has no snapshot ${to}`,
      `zfs list -t snapshot -r ${wanted.dataset}`,
    );
  const boundary = boundaryOf(found, [...points, ...theirs]);
  return {
    words: `to ${tree}@${snapshot}`,
    // What was made of it after it was set aside is still what the jail was until then.
    before: aside ? earliest(boundary, aside.transaction) : boundary,
    transaction: undefined,
    from: { snapshot, tree },
  };
}

async function asideOf(tree: string, { dataset }: Wanted): Promise<Aside | undefined> {
  return (await listAsides(runCommand)).find((aside) => aside.name === tree && aside.dataset === dataset);
}

/** The newest snapshot of the jail, whoever made it and wherever it lies now, that is not younger than a moment. */
async function atMoment(moment: number, wanted: Wanted, points: readonly Point[]): Promise<Target> {
  const { dataset, jail } = wanted;
  const candidates = points.filter((point) => point.dataset === dataset);
  const all = [...points];
  for (const aside of (await listAsides(runCommand)).filter((other) => other.dataset === dataset)) {
    // What was made of it after it was set aside is no state of the jail.
    const until = decodeTime(aside.transaction);
    const theirs = (await listPoints(runCommand, aside.name)).filter(
      ({ creation }) => creation * 1000 <= until,
    );
    all.push(...theirs);
    candidates.push(...theirs.filter((point) => point.dataset === aside.name));
  }
  const found = newestAt(candidates, moment);
  if (!found) {
    const when = absoluteTime(moment);
    throw refused('time-too-early', `${jail} has no snapshot from ${when} or before`, `jtx history ${jail}`);
  }
  const snapshot = found.name.slice(found.name.indexOf('@') + 1);
  return {
    words: `to what it was at ${absoluteTime(found.creation * 1000)} (${found.name})`,
    before: boundaryOf(found, all),
    transaction: undefined,
    from: { snapshot, tree: found.dataset },
  };
}

/**
 * The newest snapshot that is not younger than a moment. Of several trees: one that was received from a backup has the
 * time of the state, but the transaction group of the restore. Pure.
 */
export function newestAt(points: readonly Point[], moment: number): Point | undefined {
  return points
    .filter(({ bookmark, creation }) => !bookmark && creation * 1000 <= moment)
    .sort((one, other) => one.creation - other.creation || one.txg - other.txg)
    .at(-1);
}
