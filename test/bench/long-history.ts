import Database from 'better-sqlite3';
import { Journal } from '../../src/journal/journal.ts';

/** Makes a journal with many committed transactions: one through the journal itself, the rest as copies of it. */
export function writeLongHistory(file: string, count: number): void {
  const journal = Journal.open(file);
  const id = (number: number): string => `01${String(number).padStart(24, '0')}`;
  journal.begin({
    id: id(0),
    jail: 'web',
    root: '/jails/web',
    dataset: 'zroot/jails/web',
    verb: 'install',
    arguments: ['tiny'],
    pid: 1,
    started: Date.now(),
    version: '0',
    restart: false,
    snapshot: `jtx-${id(0)}`,
    datasets: [],
    before: null,
  });
  journal.end(id(0), 'committed', { code: null, message: null, hint: null }, Date.now());
  journal.settle(id(0), Date.now());
  journal.close();
  const database = new Database(file);
  const names = database.pragma('table_info(transactions)');
  const columns = Array.isArray(names) ? names.map((column: { name: string }) => column.name) : [];
  const copied = columns.map((name) => (name === 'id' ? '?' : `"${name}"`)).join(', ');
  const insert = database.prepare(`INSERT INTO transactions SELECT ${copied} FROM transactions WHERE id = ?`);
  database.transaction(() => {
    for (let number = 1; number < count; number += 1) insert.run(id(number), id(0));
  })();
  database.close();
}
