import type { LocalDatabase } from './local-database.ts';
import { all } from './local-read.ts';
import type { Session } from './session.ts';
import { sleepSync } from './sleep.ts';
import { Exit } from './status.ts';
import { errorCode } from './write.ts';

/** pkg's lock rows: they outlive a pkg that dies, and a living pid is all that guards them. */
export function lockAdvisory(session: Session, database: LocalDatabase): void {
  const retries = session.config.number('LOCK_RETRIES');
  for (let attempt = 0; ; attempt += 1) {
    if (changed(database, 'UPDATE pkg_lock SET advisory=1 WHERE exclusive=0 AND advisory=0')) {
      if (changed(database, `INSERT OR IGNORE INTO pkg_lock_pid VALUES (${process.pid})`)) return;
    } else if (ownersAreDead(database)) {
      changed(database, 'DELETE FROM pkg_lock_pid');
      if (changed(database, 'UPDATE pkg_lock SET exclusive=0, advisory=0, read=0')) continue;
    }
    if (attempt >= retries) break;
    sleepSync(session.config.number('LOCK_WAIT') * 1000);
  }
  session.reporter.warn('Cannot get an advisory lock on a database, it is locked by another process');
  throw new Exit(1);
}

/** The step from deciding to changing. */
export function lockExclusive(database: LocalDatabase): void {
  changed(
    database,
    'UPDATE pkg_lock SET exclusive=1, advisory=1 WHERE exclusive=0 AND advisory=1 AND read=0',
  );
}

/** Gives the lock back; on a full disk that fails too, and the rows stay. */
export function unlock(session: Session, database: LocalDatabase): void {
  for (const sql of [
    'UPDATE pkg_lock SET exclusive=0, advisory=0',
    `DELETE FROM pkg_lock_pid WHERE pid=${process.pid}`,
  ]) {
    try {
      database.sqlite.prepare(sql).run();
    } catch (error) {
      const reason = error instanceof Error ? error.message : '';
      session.reporter.error(`sqlite error while executing ${sql} in file pkgdb.c: ${reason}`);
    }
  }
}

function changed(database: LocalDatabase, sql: string): boolean {
  try {
    return database.sqlite.prepare(sql).run().changes > 0;
  } catch {
    return false;
  }
}

function ownersAreDead(database: LocalDatabase): boolean {
  return all(database.sqlite, 'SELECT pid FROM pkg_lock_pid').every((row) => {
    try {
      process.kill(Number(row['pid']), 0);
      return false;
    } catch (error) {
      return errorCode(error) === 'ESRCH';
    }
  });
}
