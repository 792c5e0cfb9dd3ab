import { refused } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import { runCommand } from '../host/run.ts';
import { version } from '../version.ts';
import { type Aside, listAsides } from '../zfs/list-asides.ts';
import { describeSnapshots, listSnapshots } from '../zfs/snapshot.ts';
import type { Context } from './context.ts';
import { destroyAside } from './destroy-aside.ts';
import type { Ending } from './ending.ts';
import { newTransactionId } from './id.ts';
import { lockDirectory } from './lock-directory.ts';
import { requireRoot } from './preflight.ts';
import { TransactionRecord } from './record.ts';
import { recoverUnsettled } from './recover.ts';

/**
 * Destroys a tree that was set aside, as a transaction of its own. `foreign` names the snapshots in it that jtx did
 * not make as well. Throws `aside-unknown`, `aside-foreign`, `aside-held`, `aside-needed`.
 */
export async function dropAside(context: Context, transaction: string, foreign: boolean): Promise<Ending> {
  requireRoot();
  const aside = await findAside(transaction);
  const row = context.journal.transaction(aside.transaction);
  const root = row?.root ?? aside.dataset;
  const lock = lockRoot(lockDirectory(context.config), root);
  try {
    await recoverUnsettled(context, row?.jail ?? aside.dataset, root);
    await requireDroppable(aside, foreign);
    const id = newTransactionId();
    const record = new TransactionRecord(context.journal, id);
    const jail = row?.jail ?? aside.dataset.slice(aside.dataset.lastIndexOf('/') + 1);
    record.write((journal) =>
      journal.begin({
        id,
        jail,
        root,
        dataset: aside.dataset,
        verb: 'drop',
        arguments: [aside.transaction],
        pid: process.pid,
        started: Date.now(),
        version,
        restart: false,
        datasets: [],
        aside: aside.name,
        ...(aside.origin === undefined ? {} : { source: aside.origin }),
        before: null,
      }),
    );
    await destroyAside(record, context.journal, aside.name, aside.origin);
    record.write((journal) =>
      journal.end(id, 'committed', { code: null, message: null, hint: null }, Date.now()),
    );
    record.write((journal) => journal.settle(id, Date.now()));
    return dropped(id, jail, aside.name);
  } finally {
    lock.release();
  }
}

/** The tree that a transaction, or the unique beginning of its id, set aside. Throws `aside-unknown`. */
export async function findAside(transaction: string): Promise<Aside> {
  const beginning = transaction.toUpperCase();
  const found = (await listAsides(runCommand)).filter((aside) => aside.transaction.startsWith(beginning));
  const [aside] = found;
  if (aside && found.length === 1 && beginning.length >= 4) return aside;
  throw refused('aside-unknown', `nothing is set aside by ${JSON.stringify(transaction)}`, 'jtx aside list');
}

/** Everything in it must be jtx's to destroy. */
async function requireDroppable({ name, transaction }: Aside, foreign: boolean): Promise<void> {
  const snapshots = await listSnapshots(runCommand, name);
  const own = new Set(
    (
      await describeSnapshots(
        runCommand,
        snapshots.filter((snapshot) => /@jtx-/.test(snapshot)),
      )
    )
      .filter((snapshot) => snapshot.own['tx'] !== undefined)
      .map((snapshot) => snapshot.name),
  );
  const others = snapshots.filter((snapshot) => !own.has(snapshot));
  if (others.length === 0 || foreign) return;
  throw refused(
    'aside-foreign',
    `it holds snapshots that jtx did not make: ${others.slice(0, 5).join(', ')}${others.length > 5 ? ', ...' : ''}`,
    `To destroy them too: jtx aside drop ${transaction} --foreign`,
  );
}

function dropped(id: string, jail: string, name: string): Ending {
  return {
    id,
    jail,
    verb: 'drop',
    state: 'committed',
    code: null,
    message: null,
    hint: null,
    signal: null,
    plan: `${name} was destroyed.`,
    changes: [],
    verifications: [],
    snapshot: null,
    aside: null,
    notes: [],
    warnings: [],
  };
}
