import { refused } from '../error.ts';
import { complaint, runCommand } from '../host/run.ts';
import type { Context } from '../transaction/context.ts';
import type { BackupSubject } from './subjects.ts';

/** Runs a jail's own command: only one that runs has something to prepare. Throws `backup-command-failed`. */
export async function runInside(
  context: Context,
  { jail }: BackupSubject,
  when: 'before' | 'after',
): Promise<void> {
  const { jails, deadline } = context.config.backup;
  if (!jail.running) return;
  // A configuration may call it as the kernel does.
  const words = (jails.get(jail.name) ?? jails.get(jail.running.name))?.[when];
  if (words === undefined) return;
  const timeout = AbortSignal.timeout(deadline);
  const finished = await runCommand(['jexec', '-l', jail.running.name, ...words], {
    changes: true,
    silence: deadline,
    // What a jail does after its snapshot puts it back to work.
    abort: when === 'before' ? AbortSignal.any([timeout, context.interrupt]) : timeout,
  });
  if (finished.status === 0) return;
  const late = finished.hung || timeout.aborted;
  const why = late ? `it took longer than ${deadline / 1000} seconds and was ended` : complaint(finished);
  const message = `${when} the snapshot of ${jail.name}, ${words.join(' ')} failed: ${why}`;
  throw refused(
    'backup-command-failed',
    message,
    late ? 'backup.deadline sets how long it may take.' : undefined,
  );
}
