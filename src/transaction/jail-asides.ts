import { refused } from '../error.ts';
import { listMounts } from '../host/mounts.ts';
import type { Run } from '../host/run.ts';
import { managedName, nameByRoot } from '../jail/manager.ts';
import { isJailName } from '../jail/name.ts';
import type { JournalReader } from '../journal/reader.ts';
import { type Aside, listAsides } from '../zfs/list-asides.ts';
import { describeSnapshots } from '../zfs/snapshot.ts';

/** A tree that was set aside, and the jail that it was of. */
export interface JailAside extends Aside {
  jail: string;
  /** Where the jail lies; the name of its dataset where nothing tells. */
  root: string;
}

/** What is asked of a journal; undefined is none, or one that cannot be read. */
export type KnownTransactions = Pick<JournalReader, 'transaction'> | undefined;

/**
 * Every tree that was set aside on this host, oldest first, with its jail: as the journal says, else the snapshot that the
 * jail went back to, else the place of its root. Two processes for what the journal knows, whatever its number.
 */
export async function listJailAsides(run: Run, journal: KnownTransactions): Promise<JailAside[]> {
  const known = (await listAsides(run)).map((aside) => {
    const row = journal?.transaction(aside.transaction);
    return { aside, name: row?.jail, root: row?.root || undefined };
  });
  const nameless = known.filter(({ name }) => name === undefined).map(({ aside }) => aside);
  const names = await namesBySnapshot(run, nameless);
  const mounts = known.some(({ root }) => root === undefined) ? await listMounts(run) : [];
  return known.map(({ aside, name, root }) => {
    const { dataset, origin = '' } = aside;
    const place = root ?? mounts.find(({ special }) => special === dataset)?.node ?? dataset;
    const told = name ?? names.get(origin);
    return { ...aside, jail: told === undefined ? nameByRoot(place) : managedName(place, told), root: place };
  });
}

/** The jails of which jtx took the snapshots that are the origins of these. */
async function namesBySnapshot(run: Run, asides: readonly Aside[]): Promise<Map<string, string>> {
  const origins = asides.flatMap(({ origin }) => origin ?? []);
  const snapshots = await describeSnapshots(run, [...new Set(origins)]);
  return new Map(
    snapshots.flatMap(({ name, own: { jail } }) =>
      jail !== undefined && isJailName(jail) ? [[name, jail] as const] : [],
    ),
  );
}

/** The tree that a transaction, or the unique beginning of its id, set aside. Throws `aside-unknown`. */
export async function findAside(
  run: Run,
  journal: KnownTransactions,
  transaction: string,
): Promise<JailAside> {
  const beginning = transaction.toUpperCase();
  const found = (await listJailAsides(run, journal)).filter((aside) =>
    aside.transaction.startsWith(beginning),
  );
  const [aside] = found;
  if (aside && found.length === 1 && beginning.length >= 4) return aside;
  throw refused('aside-unknown', `nothing is set aside by ${JSON.stringify(transaction)}`, 'jtx aside list');
}
