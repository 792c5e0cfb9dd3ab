import { lockExclusive } from './database-lock.ts';
import { installPackage } from './install-package.ts';
import type { Conflict, Job } from './jobs.ts';
import type { LocalDatabase } from './local-database.ts';
import { loadLuaFor } from './lua-loader.ts';
import { removePackage } from './remove-package.ts';
import { schedule } from './schedule.ts';
import type { Session } from './session.ts';
import { STATUS } from './status.ts';
import { runTriggers } from './triggers.ts';

/** How jobs are to be executed. */
export interface ExecuteFlags {
  scripts: boolean;
  registerOnly: boolean;
  force: boolean;
  /** Everything was asked to go, so pkg passes over itself. */
  everything: boolean;
}

/** Executes jobs one after the other; the first failure ends it, and what was done stays done. */
export async function executeJobs(
  session: Session,
  database: LocalDatabase,
  jobs: readonly Job[],
  conflicts: readonly Conflict[],
  flags: ExecuteFlags,
): Promise<number> {
  const { reporter } = session;
  lockExclusive(database);
  const ordered = schedule(jobs, (old, pkg) =>
    conflicts.some((conflict) => conflict.second.name === old && conflict.first.name === pkg),
  );
  for (const [index, job] of ordered.entries()) {
    reporter.action(index + 1, ordered.length);
    if (job.kind === 'delete') {
      if (!flags.force && job.old.vital) {
        reporter.error(`Cannot delete vital package: ${job.old.name}!`);
        reporter.error(`If you are sure you want to remove ${job.old.name}`);
        reporter.error(`unset the 'vital' flag with: pkg set -v 0 ${job.old.name}`);
        return STATUS.fatal;
      }
      if (!flags.force && job.old.name === 'pkg') {
        if (flags.everything) continue;
        reporter.error('Cannot delete pkg itself without force flag');
        return STATUS.fatal;
      }
      await loadLuaFor(session, job.old);
      const status = removePackage(session, database, job.old, flags.scripts);
      if (status !== STATUS.ok) return status;
      continue;
    }
    const old = job.old === undefined ? undefined : { ...job.old, files: database.files(job.old.id) };
    const { automatic } = job;
    const status = await installPackage(session, database, job.pkg, old, {
      automatic,
      scripts: flags.scripts,
      registerOnly: flags.registerOnly,
    });
    if (status !== STATUS.ok) return status;
  }
  reporter.endActions();
  await runTriggers(session);
  return STATUS.ok;
}
