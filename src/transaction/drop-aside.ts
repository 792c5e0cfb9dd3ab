import { JtxError, refused } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import { listMounts } from '../host/mounts.ts';
import { usersOf } from '../host/processes.ts';
import { runCommand } from '../host/run.ts';
import { version } from '../version.ts';
import type { Aside } from '../zfs/list-asides.ts';
import { poolOf } from '../zfs/names.ts';
import { listOrigins, listPoints, type Point } from '../zfs/newer.ts';
import type { Context } from './context.ts';
import { destroyAside, requireKept } from './destroy-aside.ts';
import { type Ending, plainEnding } from './ending.ts';
import { nextTransactionId } from './id.ts';
import { findAside } from './jail-asides.ts';
import { lockDirectory } from './lock-directory.ts';
import { requireRoot } from './preflight.ts';
import { TransactionRecord } from './record.ts';
import { recoverUnsettled } from './recover.ts';
import { mountsOf } from './unmount-order.ts';

/**
 * Destroys a tree that was set aside, as a transaction of its own. `foreign` names the snapshots in it that jtx did
 * not make as well. Throws `aside-unknown`, `aside-foreign`, `aside-held`, `aside-cloned`,
 * `aside-in-use`, `aside-dropping`.
 */
export async function dropAside(context: Context, transaction: string, foreign: boolean): Promise<Ending> {
  requireRoot();
  const aside = await findAside(runCommand, context.journal, transaction);
  const { jail, root } = aside;
  const lock = lockRoot(lockDirectory(context.config), root, jail);
  try {
    await recoverUnsettled(context, jail, root);
    requireKept(context.journal, root, aside.name);
    await requireDroppable(aside, foreign);
    const id = nextTransactionId(context.journal, root);
    const record = new TransactionRecord(context.journal, id);
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
    try {
      await destroyAside(record, context.journal, aside.name, aside.origin);
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      // A part of it may be gone: there is no way back.
      const reason = { code: error.code, message: error.message, hint: 'jtx recover goes on with it' };
      record.forgive();
      record.write((journal) => journal.end(id, 'stuck', reason, Date.now()));
      return { ...dropped(id, jail, aside.name), ...reason, state: 'stuck', plan: null };
    }
    record.write((journal) =>
      journal.end(id, 'committed', { code: null, message: null, hint: null }, Date.now()),
    );
    record.write((journal) => journal.settle(id, Date.now()));
    return dropped(id, jail, aside.name);
  } finally {
    lock.release();
  }
}

/**
 * Everything in it must be jtx's to destroy. Backups are: nothing is sent from what was set aside, and what they brought to
 * a target stays there. What is held is not, whoever made it: somebody needs it, perhaps a target as its base.
 */
async function requireDroppable({ name, transaction, members }: Aside, foreign: boolean): Promise<void> {
  const points = await listPoints(runCommand, name);
  const held = points.filter(({ holds }) => holds > 0);
  if (held.length > 0)
    throw refused('aside-held', `${someOf(held)} is held`, `zfs holds ${held[0]?.name} says by whom.`);
  const origins = await listOrigins(runCommand, poolOf(name));
  const clone = [...origins].find(([one, origin]) => isOf(origin, name) && !isOf(one, name));
  if (clone)
    throw refused('aside-cloned', `${clone[0]} is a clone of ${clone[1]}`, `zfs promote ${clone[0]}`);
  const mounted = mountsOf(new Set(members.map((member) => member.name)), await listMounts(runCommand));
  const nodes = mounted.map(({ node }) => node);
  const users = (await usersOf(runCommand, nodes)).map(({ pid }) => pid);
  if (users.length > 0)
    throw refused(
      'aside-in-use',
      `processes ${users.join(', ')} use it`,
      `ps -o pid,args -p ${users.join(',')}`,
    );
  const others = points.filter(({ own, ofBackup }) => !own && !ofBackup);
  if (others.length === 0 || foreign) return;
  throw refused(
    'aside-foreign',
    `it holds snapshots or bookmarks that jtx did not make: ${someOf(others)}`,
    `To destroy them too: jtx aside drop ${transaction} --foreign`,
  );
}

/** Whether a dataset or a snapshot is of a tree. */
function isOf(name: string, tree: string): boolean {
  return name.startsWith(tree) && /^([/@]|$)/.test(name.slice(tree.length));
}

function someOf(points: readonly Point[]): string {
  const names = points.slice(0, 5).map(({ name }) => name);
  return names.join(', ') + (points.length > 5 ? ', ...' : '');
}

function dropped(id: string, jail: string, name: string): Ending {
  return plainEnding({ id, jail, verb: 'drop', state: 'committed', plan: `${name} was destroyed.` });
}
