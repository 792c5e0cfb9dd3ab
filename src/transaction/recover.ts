import { JtxError, refused } from '../error.ts';
import { lockRoot } from '../host/lock.ts';
import type { Context } from './context.ts';
import type { Ending } from './ending.ts';
import { lockDirectory } from './lock-directory.ts';
import { recoverOne, stillAtWork } from './recover-one.ts';

/** What became of all that there was to put right. */
export interface Recovered {
  endings: Ending[];
  /** Errors that jtx does not expect: they kept nothing else from being put right, and are to be thrown after it. */
  bugs: unknown[];
}

/**
 * Puts right every transaction that a crash, a power cut or a kill left, of whatever jail. A jail that another
 * jtx is changing at this moment is no leftover and is passed over.
 */
export async function recoverAll(context: Context): Promise<Recovered> {
  const recovered: Recovered = { endings: [], bugs: [] };
  const jails = new Map(context.journal.unsettled().map(({ root, jail }) => [root, jail]));
  for (const [root, jail] of jails) {
    try {
      const lock = lockRoot(lockDirectory(context.config), root, jail);
      try {
        await recoverEach(context, root, recovered);
      } finally {
        lock.release();
      }
    } catch (error) {
      if (!(error instanceof JtxError && error.outcome === 'busy')) throw error;
      context.progress.note(`${error.message}; it is left alone`);
    }
  }
  return recovered;
}

/**
 * Before a jail is changed, what a crash left of it is put right; a plan changes nothing, so there must be nothing. Gives
 * whether there was something. Throws `change-unfinished`, and as {@link recoverUnsettled}.
 */
export async function putRightBefore(
  context: Context,
  { name, root }: { name: string; root: string },
  { planOnly }: { planOnly: boolean },
): Promise<boolean> {
  if (!planOnly) return recoverUnsettled(context, name, root);
  requireFinished(context, name, root);
  return false;
}

/**
 * Puts right what is unfinished of one jail's root before anything else is done to it; its lock is held by the
 * caller. Gives whether there was something: the jail may have been stopped or started for it. Throws `jail-stuck`
 * where a person is needed; not for what is being destroyed, which is no part of the jail any more.
 */
export async function recoverUnsettled(context: Context, jail: string, root: string): Promise<boolean> {
  const { endings, bugs } = await recoverEach(context, root, { endings: [], bugs: [] });
  const stuck = endings.find(
    ({ verb, state, code }) => (state === 'stuck' && verb !== 'drop') || code === stillAtWork,
  );
  if (!stuck) return endings.length > 0;
  const [cause] = bugs;
  throw new JtxError({
    code: 'jail-stuck',
    outcome: 'stuck',
    message: `transaction ${stuck.id} of ${jail} is stuck: ${stuck.message ?? ''}`,
    state: 'Nothing was changed by this run; nothing has been destroyed.',
    hint: stuck.hint ?? `jtx show ${stuck.id}`,
    cause,
  });
}

/** What waits only to be tidied up is finished. Throws `change-unfinished`. */
function requireFinished({ journal }: Context, jail: string, root: string): void {
  const unfinished = journal
    .unsettledOf(root)
    .find(({ verb, state }) => state === 'open' || (state === 'stuck' && verb !== 'drop'));
  if (!unfinished) return;
  throw refused(
    'change-unfinished',
    `transaction ${unfinished.id} (${unfinished.verb} of ${jail}) was not finished`,
    'jtx recover puts the jail right.',
  );
}

async function recoverEach(context: Context, root: string, recovered: Recovered): Promise<Recovered> {
  for (const row of context.journal.unsettledOf(root)) {
    const { ending, bug } = await recoverOne(context, row);
    recovered.endings.push(ending);
    if (bug !== undefined) recovered.bugs.push(bug);
  }
  return recovered;
}
