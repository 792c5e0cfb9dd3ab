import { JtxError, messageOf } from '../error.ts';
import type { Run } from '../host/run.ts';
import { type Control, startJail, stopJail } from '../jail/control.ts';
import type { ManagedJail } from '../jail/manager.ts';
import { notStarted } from './ending.ts';
import { isBusy } from './in-use.ts';

/**
 * Stops a jail to set its tree aside. Where that turns out to be in use all the same nothing of it was changed, and the
 * jail is started again as it is: it does not stay down for that. Throws `jail-not-managed`, `jail-not-stopped`, and as
 * what is to be done.
 */
export async function stopToSetAside<T>(
  run: Run,
  jail: ManagedJail,
  config: Control,
  setAside: () => Promise<T>,
): Promise<T> {
  await stopJail(run, jail, config);
  try {
    return await setAside();
  } catch (error) {
    if (!isBusy(error)) throw error;
    throw await startedAgain(run, jail, config, error);
  }
}

async function startedAgain(
  run: Run,
  jail: ManagedJail,
  config: Control,
  { code, outcome, message, hint }: JtxError,
): Promise<JtxError> {
  const told = await startJail(run, jail, config).then(
    () => `${jail.name} runs again, as it was`,
    (failure: unknown) => `${notStarted}: ${messageOf(failure)}`,
  );
  return new JtxError({
    code,
    outcome,
    message: `${message}; ${told}`,
    hint: [hint ?? [], 'Then: jtx recover'].flat().join('\n'),
  });
}
