import { JtxError } from '../error.ts';
import { endStates, type Member, type TransactionRow, verbs } from './rows.ts';
import type { Bound, Columns, Statements } from './statements.ts';

/** Which transactions a history shows, newest first. */
export interface HistoryQuery {
  jail?: string;
  limit: number;
}

// INDEXED BY: SQLite would go through the whole history of a root instead. It refuses what the index does not cover.

/** What is open or stuck is not settled: only a person can close what is stuck. */
const unsettled = 'transactions INDEXED BY transactions_unsettled WHERE settled = 0';
const onTrial = `transactions INDEXED BY transactions_on_trial
  WHERE confirm_by IS NOT NULL AND state = 'committed' AND undone_by IS NULL`;
// One whose snapshot is gone too: to undo an older one in its stead would undo more than was asked for.
const undoable = "state = 'committed' AND verb <> 'rollback' AND undone_by IS NULL AND snapshot IS NOT NULL";

/** The transaction of this id, or of this beginning of one. Throws `transaction-ambiguous`. */
export function findTransaction(statements: Statements, id: string): TransactionRow | undefined {
  const exact = one(statements, 'SELECT * FROM transactions WHERE id = :id', { id });
  if (exact || id.length < 4) return exact;
  const first = id.toUpperCase();
  const sql = 'SELECT * FROM transactions WHERE id >= :first AND id < :last ORDER BY id LIMIT 2';
  const rows = many(statements, sql, { first, last: `${first}~` });
  if (rows.length < 2) return rows[0];
  throw new JtxError({
    code: 'transaction-ambiguous',
    outcome: 'usage',
    message: `more than one transaction begins with ${id}`,
    state: 'Nothing was changed.',
    hint: 'Give more of its id: jtx history',
  });
}

/** The newest transactions, in the order of their ids. */
export function findHistory(statements: Statements, query: HistoryQuery): TransactionRow[] {
  const { jail, limit } = query;
  const order = 'ORDER BY id DESC LIMIT :limit';
  if (jail === undefined) return many(statements, `SELECT * FROM transactions ${order}`, { limit });
  return many(statements, `SELECT * FROM transactions WHERE jail = :jail ${order}`, { limit, jail });
}

/** What is not finished, of every root or of one, oldest first. */
export function findUnsettled(statements: Statements, root?: string): TransactionRow[] {
  const sql = `SELECT * FROM ${unsettled}`;
  if (root === undefined) return many(statements, `${sql} ORDER BY id`, {});
  return many(statements, `${sql} AND root = :root ORDER BY id`, { root });
}

/** Committed on trial and neither confirmed nor undone, of every root or of one, oldest first. */
export function findTrials(statements: Statements, root?: string): TransactionRow[] {
  const sql = `SELECT * FROM ${onTrial}`;
  if (root === undefined) return many(statements, `${sql} ORDER BY id`, {});
  return many(statements, `${sql} AND root = :root ORDER BY id`, { root });
}

/** The ids of the transactions that changed a jail, oldest first. */
export function findCommitted(statements: Statements, jail: string): string[] {
  const sql = `SELECT id FROM transactions
    WHERE jail = :jail AND state = 'committed' AND verb <> 'drop' ORDER BY id`;
  return statements.read(sql, { jail }).map((row) => row.text('id'));
}

/** What of a transaction says which changes are in effect. */
export type HistoryEvent = Pick<TransactionRow, 'id' | 'verb' | 'state' | 'target' | 'undoneBy'>;

/** The whole history of a root, oldest first: few columns of many rows. */
export function findEvents(statements: Statements, root: string): HistoryEvent[] {
  const sql = 'SELECT id, verb, state, target, undone_by FROM transactions WHERE root = :root ORDER BY id';
  return statements.read(sql, { root }).map((row) => ({
    id: row.text('id'),
    verb: row.word('verb', verbs),
    state: row.word('state', ['open', ...endStates]),
    target: row.textOrNull('target'),
    undoneBy: row.textOrNull('undone_by'),
  }));
}

/** The id of the newest transaction of a root. */
export function findNewest(statements: Statements, root: string): string | undefined {
  const sql = 'SELECT id FROM transactions WHERE root = :root ORDER BY id DESC LIMIT 1';
  return statements.read(sql, { root })[0]?.text('id');
}

/** The newest transaction of each jail; one index look-up a jail, however long their histories are. */
export function findLatest(statements: Statements): TransactionRow[] {
  return many(
    statements,
    `WITH RECURSIVE jails (jail) AS (
       SELECT min(jail) FROM transactions
       UNION ALL
       SELECT (SELECT min(jail) FROM transactions WHERE jail > jails.jail) FROM jails WHERE jail IS NOT NULL
     )
     SELECT transactions.* FROM jails JOIN transactions
       ON transactions.id = (SELECT max(id) FROM transactions WHERE jail = jails.jail)
     ORDER BY transactions.jail`,
    {},
  );
}

/** The newest transaction that can be undone, of a root (a path) or of a jail (a name). */
export function findUndoable(statements: Statements, subject: string): TransactionRow | undefined {
  const column = subject.startsWith('/') ? 'root' : 'jail';
  const sql = `SELECT * FROM transactions INDEXED BY transactions_undoable_${column}
    WHERE ${column} = :subject AND ${undoable} ORDER BY id DESC LIMIT 1`;
  return one(statements, sql, { subject });
}

function one(statements: Statements, sql: string, bound: Bound): TransactionRow | undefined {
  return many(statements, sql, bound)[0];
}

function many(statements: Statements, sql: string, bound: Bound): TransactionRow[] {
  return statements.read(sql, bound).map(transactionRow);
}

function transactionRow(row: Columns): TransactionRow {
  return {
    id: row.text('id'),
    jail: row.text('jail'),
    root: row.text('root'),
    dataset: row.text('dataset'),
    verb: row.word('verb', verbs),
    arguments: row.list('arguments').map(String),
    pid: row.number('pid'),
    version: row.text('version'),
    state: row.word('state', ['open', ...endStates]),
    started: row.number('started'),
    ended: row.numberOrNull('ended'),
    settled: row.flag('settled'),
    settledAt: row.numberOrNull('settled_at'),
    restart: row.flag('restart'),
    dependents: row.list('dependents').map(String),
    target: row.textOrNull('target'),
    snapshot: row.textOrNull('snapshot'),
    datasets: row.list('datasets').map(member),
    before: row.textOrNull('before'),
    plan: row.textOrNull('plan'),
    code: row.textOrNull('code'),
    message: row.textOrNull('message'),
    hint: row.textOrNull('hint'),
    undoneBy: row.textOrNull('undone_by'),
    ran: row.flag('ran'),
    aside: row.textOrNull('aside'),
    source: row.textOrNull('source'),
    confirmBy: row.numberOrNull('confirm_by'),
    snapshotGone: row.numberOrNull('snapshot_gone'),
    asideGone: row.numberOrNull('aside_gone'),
  };
}

function member(value: unknown): Member {
  const fields = new Map<string, unknown>(Object.entries(value ?? {}));
  const name = fields.get('name');
  const mountpoint = fields.get('mountpoint');
  if (typeof name !== 'string' || typeof mountpoint !== 'string')
    throw new TypeError("the journal's datasets have a member without a name");
  return {
    name,
    mountpoint,
    mounted: fields.get('mounted') === true,
    reverted: fields.get('reverted') === true,
  };
}
