import type { TransactionRow } from '../journal/rows.ts';
import { whyItStays } from '../zfs/destroy-snapshots.ts';
import type { Stored, StoredPoint } from '../zfs/inventory.ts';
import { transactionOfSnapshot } from '../zfs/names.ts';
import { isBaseOf } from './base.ts';
import { backupOf, backupTime } from './names.ts';
import { partlyOn } from './part.ts';
import type { Retention } from './retention-grammar.ts';
import { judge, transactionsAfter, type Verdict } from './verdict.ts';

/** What the journal says of a transaction, as far as its snapshot needs it. */
export type KnownTransaction = Pick<
  TransactionRow,
  'root' | 'state' | 'settled' | 'confirmBy' | 'undoneBy' | 'snapshot'
>;

/** A jail on its host, as far as a retention looks at it. */
export interface SourceState {
  root: string;
  /**
   * Whether a root is that of another jail that there is now, as far as that matters: the same jail may have had another
   * before it was renamed.
   */
  isOthers: (root: string) => boolean;
  /** Every dataset of its tree; its own first. */
  tree: readonly Stored[];
  /** The names of those that are no other jail's, which lies within. */
  own: ReadonlySet<string>;
  /** Of each target that could be asked: the guids of what it has last. */
  bases: readonly { target: string; guids: ReadonlySet<string> }[];
  /** The names of all that are configured, whether or not they could be asked. */
  targets: readonly string[];
  known: (transaction: string) => KnownTransaction | undefined;
  /** Committed transactions of the jail, oldest first. */
  committed: readonly string[];
}

/** What becomes of a jail's snapshots on its host. */
export interface SourcePlan {
  transactions: Verdict[];
  backups: Verdict[];
  /** dataset@snapshot: what jtx did not make here. */
  foreign: string[];
}

interface Found {
  dataset: Stored;
  point: StoredPoint;
}

/** Decides about jtx's own snapshots of a jail: those that say so themselves, by a user property. Pure. */
export function planSource(
  state: SourceState,
  retention: { transactions: Retention | undefined; backups: Retention | undefined },
  now: number,
): SourcePlan {
  const all = state.tree.flatMap((dataset) =>
    dataset.points.filter(({ bookmark }) => !bookmark).map((point) => ({ dataset, point })),
  );
  const backups = series(
    all.filter(({ dataset }) => state.own.has(dataset.name)),
    backupMadeHere,
  );
  const transactions = series(all, transactionMadeHere);
  for (const [id, found] of transactions) if (!isOfJail(state, id, found)) transactions.delete(id);
  const after = transactionsAfter([...backups.keys()], state.committed);
  const backupPoints = [...backups].map(([id, found]) => ({
    ...pointOf(id, found, whyNeeded(state, found)),
    transaction: after.get(id),
  }));
  const transactionPoints = [...transactions].map(([id, found]) => ({
    ...pointOf(id, found, whyOpen(state.known(id)) ?? whyNeeded(state, found)),
    transaction: id,
  }));
  return {
    transactions: judge(transactionPoints, retention.transactions, now),
    backups: judge(backupPoints, retention.backups, now),
    foreign: all
      .filter(({ point }) => backupMadeHere(point) === undefined && transactionMadeHere(point) === undefined)
      .map(nameOf),
  };
}

/** Not what a jail that lies within had for itself, nor what this one has together with one in which it lies. */
function isOfJail({ known, root, isOthers, own }: SourceState, id: string, found: readonly Found[]): boolean {
  const its = known(id)?.root;
  if (its === undefined || its === root) return true;
  return !isOthers(its) && found.some(({ dataset }) => own.has(dataset.name));
}

function backupMadeHere({ name, backup }: StoredPoint): string | undefined {
  const id = backupOf(name);
  return name.startsWith('jtx-backup-') && id === backup ? id : undefined;
}

function transactionMadeHere({ name, transaction }: StoredPoint): string | undefined {
  const id = transactionOfSnapshot(`@${name}`);
  return id === transaction ? id : undefined;
}

/** Oldest first; the jail's own dataset before its children. */
function series(
  all: readonly Found[],
  idOf: (point: StoredPoint) => string | undefined,
): Map<string, Found[]> {
  const found = new Map<string, Found[]>();
  for (const one of all) {
    const id = idOf(one.point);
    if (id !== undefined) found.set(id, [...(found.get(id) ?? []), one]);
  }
  return new Map([...found].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function pointOf(id: string, found: readonly Found[], pinned: string | undefined) {
  return { id, time: backupTime(id), pinned, snapshots: found.map(nameOf) };
}

function nameOf({ dataset, point }: Found): string {
  return `${dataset.name}@${point.name}`;
}

/** Why the journal needs a transaction's snapshot. */
function whyOpen(row: KnownTransaction | undefined): string | undefined {
  if (!row) return 'the journal does not know its transaction';
  // One that is stuck and settled was closed by a person: its snapshot is what there is of the time before it.
  const closed = row.state === 'stuck' && row.settled;
  if (row.state !== 'committed' && !closed) return `its transaction is ${row.state}`;
  if (!row.settled) return 'its transaction is not settled';
  if (row.confirmBy !== null && row.undoneBy === null) return 'its transaction is on trial';
  return undefined;
}

/** Why somebody else needs one of some snapshots. */
function whyNeeded({ bases, targets }: SourceState, found: readonly Found[]): string | undefined {
  for (const { dataset, point } of found) {
    const { stays } = whyItStays(point);
    if (stays !== undefined) return stays;
    // A bookmark serves as well, but only the target's own: another's goes with that one's next backup.
    const marks = dataset.points.filter(({ bookmark, guid }) => bookmark && guid === point.guid);
    const isMarked = (target: string): boolean => marks.some(({ name }) => isBaseOf(name, target));
    const base = bases.find(({ target, guids }) => guids.has(point.guid) && !isMarked(target));
    if (base) return `base of target ${base.target}`;
    const partly = partlyOn(dataset, point, targets);
    if (partly !== undefined) return `on its way to target ${partly}`;
  }
  return undefined;
}
