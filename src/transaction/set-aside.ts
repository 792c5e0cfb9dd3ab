import { JtxError } from '../error.ts';
import { asideName } from '../zfs/names.ts';
import type { TransactionRecord } from './record.ts';
import { type Reversal, revert } from './revert.ts';

/** Sets aside what a tree is now, which is durable before it begins; gives its name then. Throws as {@link revert}. */
export async function setAside(
  record: TransactionRecord,
  dataset: string,
  reversal: Reversal,
): Promise<string> {
  const aside = asideName(dataset, record.id);
  record.write((journal) => journal.setAside(record.id, aside));
  const { snapshot, members } = reversal;
  await revert(record.run, {
    ...reversal,
    exchange: { dataset, aside, incoming: { snapshot, tree: aside }, members },
  });
  return aside;
}

/**
 * Reverts in place, and where something newer stands against that (a snapshot that somebody took meanwhile) sets aside
 * what is there: nothing foreign is destroyed, and the jail goes back all the same. Gives the name of what was set
 * aside. Throws as {@link revert}.
 */
export async function revertOrSetAside(
  record: TransactionRecord,
  dataset: string,
  reversal: Reversal,
): Promise<string | null> {
  try {
    await revert(record.run, reversal);
    return null;
  } catch (error) {
    if (!(error instanceof JtxError && error.code === 'revert-refused')) throw error;
    return setAside(record, dataset, reversal);
  }
}
