import { join } from 'node:path';
import { decodeTime, ulid } from 'ulid';
import { expect, test } from 'vitest';
import { Journal } from '../../src/journal/journal.ts';
import { nextTransactionId } from '../../src/transaction/id.ts';
import { committed, temporaryDirectory } from '../journal/sample.ts';

test('the next transaction of a root sorts after all others of it, also where the clock was set back', () => {
  const journal = Journal.open(join(temporaryDirectory(), 'journal.db'));
  const hour = 3_600_000;
  const ahead = ulid(Date.now() + hour);
  committed(journal, { id: ahead });
  const next = nextTransactionId(journal, '/jails/web');
  expect(next > ahead).toBe(true);
  committed(journal, { id: next });
  expect(journal.newestUndoable('/jails/web')?.id).toBe(next);
  // A jail that knows nothing of that time has its own.
  expect(decodeTime(nextTransactionId(journal, '/jails/db'))).toBeLessThan(Date.now() + hour);
  journal.close();
});
