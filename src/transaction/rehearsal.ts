import { requirePlace } from '../host/inside-root.ts';
import { listMounts, unmount, unmountUnlessBusy } from '../host/mounts.ts';
import { carriedProperties, markProperty, newMark, sealProperties } from '../zfs/aside.ts';
import { cloneSnapshot, destroyTree } from '../zfs/clone.ts';
import { type Dataset, inCloneOrder, inMountOrder, listAll, mountDataset } from '../zfs/dataset.ts';
import { isWithin, rehearsalName } from '../zfs/names.ts';
import { ownProperties } from '../zfs/own-properties.ts';
import { setProperties } from '../zfs/properties.ts';
import { destroySnapshots, takeSnapshot } from '../zfs/snapshot.ts';
import { endRooted } from './processes.ts';
import type { TransactionRecord } from './record.ts';
import type { Subject } from './subject.ts';
import { mountsOf } from './unmount-order.ts';

/** The snapshots that it is made from, after the `@`. */
export function rehearsalSnapshot(transaction: string): string {
  return `jtx-${transaction}-rehearsal`;
}

/** A clone of a jail, mounted beside it. */
export interface Rehearsal {
  subject: Subject;
  /** Takes the clone away, or keeps it as something that was set aside; gives its name then. */
  end(keep: boolean): Promise<string | null>;
}

/** Clones a jail, running or not: the jail itself is not touched. Throws `root-unsafe`, `command-failed`. */
export async function openRehearsal(record: TransactionRecord, subject: Subject): Promise<Rehearsal> {
  const clone = await cloneWhole(record, subject);
  return {
    subject: clone,
    async end(keep) {
      await unmountAll(record, clone.datasets);
      if (!keep) {
        await remove(record, subject.dataset);
        return null;
      }
      record.write((journal) => journal.setAside(record.id, clone.dataset));
      await keepClone(record, subject, clone);
      return clone.dataset;
    },
  };
}

/** Takes away what is left of a rehearsal that a crash cut off: nothing of it has been promised to anybody. */
export async function removeRehearsal(
  record: TransactionRecord,
  { dataset, aside }: { dataset: string; aside: string | null },
): Promise<void> {
  if (aside === rehearsalName(dataset, record.id))
    record.write((journal) => journal.setAside(record.id, null));
  const top = rehearsalName(dataset, record.id);
  const left = (await listAll(record.run)).filter(({ name }) => isWithin(name, top));
  if (left.length > 0) await unmountAll(record, left);
  await remove(record, dataset);
}

async function cloneWhole(record: TransactionRecord, subject: Subject): Promise<Subject> {
  try {
    return await cloneJail(record, subject);
  } catch (error) {
    await removeRehearsal(record, { dataset: subject.dataset, aside: null });
    throw error;
  }
}

async function cloneJail(record: TransactionRecord, subject: Subject): Promise<Subject> {
  const { jail, dataset } = subject;
  const snapshot = rehearsalSnapshot(record.id);
  await takeSnapshot(record.run, dataset, snapshot, { tx: record.id });
  const top = rehearsalName(dataset, record.id);
  const suffix = top.slice(dataset.length);
  const members: Dataset[] = [];
  for (const member of inCloneOrder(datasetsToClone(subject))) {
    const name = top + member.name.slice(dataset.length);
    const mountpoint = member.mounted
      ? jail.root + suffix + member.mountpoint.slice(jail.root.length)
      : 'none';
    members.push({ ...member, name, mountpoint });
    // The jail can have put a link there since it was looked at, and not every zfs(8) leaves a clone unmounted.
    requirePlace(jail.root + suffix, mountpoint);
    await cloneSnapshot(record.run, `${member.name}@${snapshot}`, name, [
      // Neither a reboot nor a careless mount -a may bring it up.
      ['canmount', 'noauto'],
      ['mountpoint', mountpoint],
    ]);
  }
  for (const { name, mountpoint } of inMountOrder(members.filter(({ mounted }) => mounted))) {
    requirePlace(jail.root + suffix, mountpoint);
    await mountDataset(record.run, name);
  }
  return {
    jail: { ...jail, root: jail.root + suffix, running: undefined, others: [] },
    dataset: top,
    datasets: members,
    volumes: [],
    mounts: [],
  };
}

/**
 * What is mounted in the root, with the directory at which it really is, and what only holds such datasets together: without
 * its parent none can be cloned.
 */
function datasetsToClone({ jail: { root }, datasets, mounts }: Subject): Dataset[] {
  const nodes = new Map(
    mounts.filter(({ node }) => isWithin(node, root)).map(({ special, node }) => [special, node]),
  );
  return datasets.flatMap((dataset): Dataset[] => {
    const mountpoint = nodes.get(dataset.name);
    if (mountpoint !== undefined) return [{ ...dataset, mounted: true, mountpoint }];
    const holds = datasets.some(({ name }) => nodes.has(name) && isWithin(name, dataset.name));
    return holds ? [{ ...dataset, mounted: false }] : [];
  });
}

/** Ends the processes of a clone and unmounts what lies in it, and then itself. */
async function unmountAll(record: TransactionRecord, members: readonly Dataset[]): Promise<void> {
  const mounts = await listMounts(record.run);
  const names = new Set(members.map(({ name }) => name));
  const own = mountsOf(names, mounts);
  await endRooted(
    record.run,
    own.map(({ node }) => node),
  );
  const inside = mounts.filter(
    ({ node, special }) => !names.has(special) && own.some((mount) => isWithin(node, mount.node)),
  );
  for (const { node } of inside.reverse()) await unmount(record.run, node);
  for (const { node } of own) await unmountUnlessBusy(record.run, node);
}

async function remove(record: TransactionRecord, dataset: string): Promise<void> {
  await destroyTree(record.run, rehearsalName(dataset, record.id));
  await destroySnapshots(record.run, dataset, rehearsalSnapshot(record.id));
}

/** Gives the clone of a failed rehearsal the mark, and the properties, of what is set aside. */
async function keepClone(
  record: TransactionRecord,
  { dataset, datasets }: Subject,
  clone: Subject,
): Promise<void> {
  const own = await ownProperties(
    record.run,
    datasets.map(({ name }) => name),
  );
  for (const { name, mountpoint, mounted } of clone.datasets) {
    const was = dataset + name.slice(clone.dataset.length);
    const properties = own.get(was) ?? [];
    const mark = newMark(was, mounted, properties);
    await setProperties(record.run, name, [
      ...carriedProperties(properties, { ...mark, own: {} }),
      ...sealProperties(mark, true, () => mountpoint),
    ]);
    await setProperties(record.run, name, [markProperty({ ...mark, sealed: true })]);
  }
}
