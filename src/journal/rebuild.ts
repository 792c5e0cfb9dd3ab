import { decodeTime } from 'ulid';
import { datasetOfSnapshot, isId, splitSnapshot } from '../zfs/names.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import {
  type EndState,
  endStates,
  type Member,
  type NewTransaction,
  type SnapshotRow,
  verbs,
} from './rows.ts';

/** A transaction as its snapshots remember it. */
export interface RestoredTransaction extends NewTransaction {
  snapshot: string;
  state: 'open' | EndState;
  settled: boolean;
  snapshots: SnapshotRow[];
}

/**
 * The transactions that snapshots remember, oldest first, pure. `live` says what is known now of their datasets;
 * the root of a tree that is not among them is unknown and left empty, and a child that is not is never reverted.
 */
export function rowsFromSnapshots(
  snapshots: readonly Snapshot[],
  live: readonly Member[] = [],
): RestoredTransaction[] {
  const groups = new Map<string, Snapshot[]>();
  for (const snapshot of snapshots) {
    const tx = snapshot.own['tx'];
    if (tx === undefined || !isId(tx)) continue;
    groups.set(tx, [...(groups.get(tx) ?? []), snapshot]);
  }
  const members = new Map(live.map((member) => [member.name, member]));
  return [...groups]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([tx, group]) => rowOf(tx, group, members) ?? []);
}

function rowOf(
  tx: string,
  group: readonly Snapshot[],
  live: ReadonlyMap<string, Member>,
): RestoredTransaction | undefined {
  const [top, ...below] = [...group].sort((one, other) => one.name.length - other.name.length);
  if (!top) return undefined;
  const { dataset, snapshot } = splitSnapshot(top.name);
  const verb = verbs.find((candidate) => candidate === top.own['verb']);
  // A name without its properties, or another tree's: not a transaction that could be put right.
  if (verb === undefined || !below.every(({ name }) => name.startsWith(`${dataset}/`))) return undefined;
  const started = Date.parse(top.own['started'] ?? '');
  const packages = top.own['packages'] ?? '-';
  const names = [top, ...below].map(({ name }) => datasetOfSnapshot(name));
  const state = stateOf(top.own['state']);
  // What is under way is held by jtx. The snapshot of a child does not tell how it ended, and can be there without its top's.
  if (state === 'open' && !group.some(({ held }) => held)) return undefined;
  return {
    id: tx,
    jail: top.own['jail'] ?? dataset.slice(dataset.lastIndexOf('/') + 1),
    root: live.get(dataset)?.mountpoint ?? '',
    dataset,
    verb,
    arguments: packages === '-' ? [] : packages.split(' '),
    pid: 0,
    started: Number.isNaN(started) ? decodeTime(tx) : started,
    version: 'restored',
    restart: false,
    // Nobody knows: as one that ran, a jail that has to go back keeps what it wrote since.
    ran: state === 'open' || state === 'stuck',
    snapshot,
    datasets: names.map((name) => memberOf(name, name === dataset, live)),
    before: null,
    state,
    settled: state !== 'open' && (state !== 'stuck' || top.own['state'] === left),
    snapshots: [top, ...below].map(({ name, guid }) => ({
      dataset: datasetOfSnapshot(name),
      name,
      guid,
    })),
  };
}

function memberOf(name: string, top: boolean, live: ReadonlyMap<string, Member>): Member {
  const { mountpoint, mounted, reverted } = live.get(name) ?? {
    mountpoint: '',
    mounted: true,
    reverted: top,
  };
  return { name, mountpoint, mounted, reverted };
}

/** `jtx:state` of what was stuck, and a person has closed. */
export const left = 'left';

/** What neither has ended nor is under way needs a person's eye. */
function stateOf(recorded: string | undefined): 'open' | EndState {
  return recorded === 'open' ? 'open' : (endStates.find((state) => state === recorded) ?? 'stuck');
}
