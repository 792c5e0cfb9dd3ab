import type { Statements } from './statements.ts';

const outputKept = 64 * 1024;

/** A command that changed nothing: it waits in memory for the next durable write. */
export interface RanCommand {
  tx: string;
  command: readonly string[];
  status: number;
  output: string;
  started: number;
  finished: number;
}

/** Records that a command is about to start; gives its row. */
export function insertStarted(
  statements: Statements,
  tx: string,
  command: readonly string[],
  started: number,
): number {
  const sql =
    'INSERT INTO commands (tx, command, changes, started) VALUES (:tx, :command, 1, :started) RETURNING id';
  const [row] = statements.read(sql, { tx, command: JSON.stringify(command), started });
  if (!row) throw new Error('the journal gave no row for a command');
  return row.number('id');
}

/** Records which process a command is. */
export function updatePid(statements: Statements, id: number, pid: number, started: number): void {
  statements.write('UPDATE commands SET pid = :pid, pid_started = :started WHERE id = :id', {
    id,
    pid,
    started,
  });
}

/** Records how a command ended. */
export function updateFinished(
  statements: Statements,
  id: number,
  status: number,
  output: string,
  finished: number,
): void {
  statements.write(
    'UPDATE commands SET status = :status, output = :output, finished = :finished WHERE id = :id',
    { id, status, output: lastOf(output), finished },
  );
}

/** Records a command that has ended already. */
export function insertRan(statements: Statements, ran: RanCommand): void {
  statements.write(
    `INSERT INTO commands (tx, command, changes, started, finished, status, output)
     VALUES (:tx, :command, 0, :started, :finished, :status, :output)`,
    { ...ran, command: JSON.stringify(ran.command), output: lastOf(ran.output) },
  );
}

/** The end of an output, where failures are told: at most 64 KiB, cut between characters. */
export function lastOf(output: string): string {
  const bytes = Buffer.from(output);
  if (bytes.length <= outputKept) return output;
  let start = bytes.length - outputKept;
  // Bytes 10xxxxxx go on with a character that began before.
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start).toString();
}
