import { Journal } from '../../src/journal/journal.ts';
import { newTransaction } from './transaction.ts';

// Writes transactions until it is killed, and says each write after it has returned.
const journal = Journal.open(process.argv[2] ?? '');

function say(word: string): void {
  process.stdout.write(`${word}\n`);
}

for (let count = 0; ; count += 1) {
  const row = newTransaction();
  journal.begin(row);
  say(`begin ${row.id}`);
  journal.enter(row.id, 'apply');
  say(`enter ${row.id}`);
  const command = journal.commandStarted(row.id, ['pkg', 'install'], Date.now());
  say(`started ${row.id}`);
  journal.commandFinished(command, 0, 'x'.repeat(count % 5000), Date.now());
  say(`finished ${row.id}`);
  journal.end(row.id, 'committed', { code: null, message: null, hint: null }, Date.now());
  say(`end ${row.id}`);
  journal.settle(row.id, Date.now());
  say(`settle ${row.id}`);
}
