import { decodeTime } from 'ulid';
import type { DurableWrites } from './durable-writes.ts';
import type { Columns, Statements } from './statements.ts';

/** What became of one jail on one target. */
export interface BackupResult {
  jail: string;
  target: string;
  state: 'sent' | 'unchanged' | 'failed';
  /** The backup in which the jail's state is: this one's, or an earlier one's where nothing had changed. */
  point: string | null;
  /** Sent; to three digits for a dataset, exactly what lies in a directory. */
  bytes: number;
  message: string | null;
  at: number;
}

/** A backup that was restored, to see whether it can be. */
export interface BackupCheck {
  jail: string;
  target: string;
  point: string;
  state: 'proved' | 'failed';
  message: string | null;
  at: number;
}

/** When a jail's backup on a target last had its turn to be proved, whatever came of it. */
export interface BackupTurn {
  jail: string;
  target: string;
  at: number;
}

/** What is known of a jail's backups on a target; times are milliseconds since the epoch. */
export interface BackupStanding {
  jail: string;
  target: string;
  last: BackupResult;
  /** What time's state the target has of the jail, as far as is known. */
  good: number | null;
  point: string | null;
  check: BackupCheck | undefined;
}

/** The journal of backups. What it says can be lost: what is on the targets speaks for itself. */
export class BackupJournal {
  private readonly statements: Statements;
  private readonly durable: DurableWrites;

  constructor(statements: Statements, durable: DurableWrites) {
    this.statements = statements;
    this.durable = durable;
  }

  begin(id: string, started: number): void {
    const sql = 'INSERT INTO backups (id, started) VALUES (:id, :started)';
    this.durable.write(() => this.statements.write(sql, { id, started }));
  }

  record(backup: string, { jail, target, state, point, bytes, message, at }: BackupResult): void {
    const sql = `INSERT OR REPLACE INTO backup_results (backup, jail, target, state, point, bytes, message, at)
      VALUES (:backup, :jail, :target, :state, :point, :bytes, :message, :at)`;
    this.durable.write(() =>
      this.statements.write(sql, { backup, jail, target, state, point, bytes, message, at }),
    );
  }

  end(id: string, ended: number): void {
    this.durable.write(() =>
      this.statements.write('UPDATE backups SET ended = :ended WHERE id = :id', { id, ended }),
    );
  }

  recordCheck({ jail, target, point, state, message, at }: BackupCheck): void {
    const sql = `INSERT INTO backup_checks (jail, target, point, state, message, at)
      VALUES (:jail, :target, :point, :state, :message, :at)`;
    this.durable.write(() => this.statements.write(sql, { jail, target, point, state, message, at }));
  }

  recordTurn({ jail, target, at }: BackupTurn): void {
    const sql = 'INSERT OR REPLACE INTO backup_turns (jail, target, at) VALUES (:jail, :target, :at)';
    this.durable.write(() => this.statements.write(sql, { jail, target, at }));
  }

  turns(): BackupTurn[] {
    const rows = this.statements.read('SELECT jail, target, at FROM backup_turns');
    return rows.map((row) => ({
      jail: row.text('jail'),
      target: row.text('target'),
      at: row.number('at'),
    }));
  }

  /** The jails of which a backup was ever tried. */
  jails(): string[] {
    return this.statements
      .read('SELECT DISTINCT jail FROM backup_results ORDER BY jail')
      .map((row) => row.text('jail'));
  }

  /** Where every jail stands on every target that it was ever sent to. */
  standings(): BackupStanding[] {
    const pairs = this.statements.read(
      'SELECT DISTINCT jail, target FROM backup_results ORDER BY jail, target',
    );
    return pairs.flatMap((pair) => {
      const [jail, target] = [pair.text('jail'), pair.text('target')];
      const last = this.statements.read(latest(''), { jail, target })[0];
      if (!last) return [];
      const good = this.statements.read(latest("AND state <> 'failed'"), { jail, target })[0];
      const check = this.statements.read(
        'SELECT * FROM backup_checks WHERE jail = :jail AND target = :target ORDER BY id DESC LIMIT 1',
        { jail, target },
      )[0];
      return {
        jail,
        target,
        last: resultOf(last),
        good: good ? goodOf(resultOf(good)) : null,
        point: good ? good.textOrNull('point') : null,
        check: check && checkOf(check),
      };
    });
  }
}

/**
 * What was written last, not what has the latest time: a clock may have run ahead, and been set back. CROSS JOIN keeps
 * SQLite to this order of tables: it ends at the newest backup, where it would else sort years of results for each pair.
 */
function latest(which: string): string {
  return `SELECT r.* FROM backups CROSS JOIN backup_results AS r ON r.backup = backups.id
    WHERE r.jail = :jail AND r.target = :target ${which} ORDER BY backups.rowid DESC LIMIT 1`;
}

/**
 * A stream brings what the jail was when its backup, or the change before which its snapshot was taken, was begun: its
 * id tells. By a clock that ran ahead that is later than it came.
 */
function goodOf({ state, point, at }: BackupResult): number {
  return state === 'sent' && point !== null ? Math.min(at, decodeTime(point)) : at;
}

function resultOf(row: Columns): BackupResult {
  return {
    jail: row.text('jail'),
    target: row.text('target'),
    state: row.word('state', ['sent', 'unchanged', 'failed']),
    point: row.textOrNull('point'),
    bytes: row.number('bytes'),
    message: row.textOrNull('message'),
    at: row.number('at'),
  };
}

function checkOf(row: Columns): BackupCheck {
  return {
    jail: row.text('jail'),
    target: row.text('target'),
    point: row.text('point'),
    state: row.word('state', ['proved', 'failed']),
    message: row.textOrNull('message'),
    at: row.number('at'),
  };
}
