import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';

const budget = 7;
const past = 100_000;

/** zfs and zpool that write down each of their runs. */
const counters = `
mkdir -p "$LAB/counting"
for program in zfs zpool; do
  printf '#!/bin/sh\\necho "%s $*" >> "%s/counted"\\nexec %s "$@"\\n' $program "$LAB" "$(command -v $program)" > "$LAB/counting/$program"
  chmod 755 "$LAB/counting/$program"
done
`;

describe('the budget of zfs and zpool processes', { timeout: deadline(240_000) }, () => {
  const lab = openForTests(new Lab());
  beforeAll(() => lab.must(counters));

  /** Runs jtx, and gives its runs of zfs and zpool. */
  async function counted(...words: string[]): Promise<string[]> {
    await lab.must('rm -f "$LAB/counted"');
    const environment = { PATH: `${lab.directory}/counting:${lab.environment['PATH']}` };
    const ended = await lab.run(['jtx', ...words], { environment });
    expect(ended.status, ended.stdout + ended.stderr).toBe(0);
    return (await lab.must('cat "$LAB/counted"')).trim().split('\n');
  }

  async function expectWithinBudget(name: string): Promise<void> {
    const runs = await counted('install', 'web', name);
    expect(runs.length, runs.join('\n')).toBeLessThanOrEqual(budget);
  }

  it('an install of a jail with one child dataset', () => expectWithinBudget('tiny'));

  it('with 20 child datasets', async () => {
    await lab.must('for i in $(seq 2 20); do zfs create "$LAB_POOL/jails/web/child$i"; done');
    await expectWithinBudget('libfoo');
  });

  it('with 2,000 snapshots besides', async () => {
    await lab.must('for i in $(seq 96); do zfs snapshot -r "$LAB_POOL/jails/web@other$i"; done');
    const there = await lab.must('zfs list -H -t snapshot -o name | wc -l');
    expect(Number(there)).toBeGreaterThan(2000);
    await expectWithinBudget('vital');
  });

  it('with 100,000 transactions in the journal', async () => {
    multiply(join(lab.directory, 'journal/journal.db'));
    await expectWithinBudget('hello');
  });
});

/** Fills a journal with old copies of its first transaction. */
function multiply(file: string): void {
  const database = new Database(file);
  const columns = database.prepare("SELECT name FROM pragma_table_info('transactions')").pluck().all();
  const others = columns.map(String).filter((name) => name !== 'id');
  database.exec(`
    CREATE TEMP TABLE copy AS SELECT * FROM transactions LIMIT 1;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${past})
    INSERT INTO transactions (id, ${others.join(', ')})
      SELECT '01ARZ3NDEKTSV4RRFFQ6' || printf('%06d', i), ${others.join(', ')} FROM n, copy;
  `);
  database.close();
}
