import { JtxError, messageOf } from '../error.ts';
import { startJail } from '../jail/control.ts';
import type { ManagedJail } from '../jail/manager.ts';
import type { Context } from './context.ts';
import { type Stop, startDependents, stopWithDependents } from './dependents.ts';
import { notStarted } from './ending.ts';
import { isBusy } from './in-use.ts';
import type { TransactionRecord } from './record.ts';

/**
 * Stops a jail to set its tree aside, and what depends on it. Where that turns out to be in use all the same nothing of it
 * was changed, and all are started again as they are: they do not stay down for that. Throws
 * `jail-not-managed`, `jail-not-stopped`, `jail-busy`, and as what is to be done.
 */
export async function stopToSetAside<T>(
  context: Context,
  record: TransactionRecord,
  jail: ManagedJail,
  stop: Stop,
  setAside: () => Promise<T>,
): Promise<T> {
  await stopWithDependents(context, record, jail, stop);
  try {
    return await setAside();
  } catch (error) {
    if (!isBusy(error)) throw error;
    throw await startedAgain(context, record, jail, error);
  }
}

async function startedAgain(
  { config }: Context,
  record: TransactionRecord,
  jail: ManagedJail,
  { code, outcome, message, hint }: JtxError,
): Promise<JtxError> {
  const told = await startJail(record.run, jail, config).then(
    () => `${jail.name} runs again, as it was`,
    (failure: unknown) => `${notStarted}: ${messageOf(failure)}`,
  );
  const others = await startDependents(record, config, jail);
  return new JtxError({
    code,
    outcome,
    message: [message, told, ...others].join('; '),
    hint: [hint ?? [], 'Then: jtx recover'].flat().join('\n'),
  });
}
