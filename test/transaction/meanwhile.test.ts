import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { type JailUnderTest, jailUnderTest } from '../lab/jail-under-test.ts';
import { type Lab, openLab } from '../lab/open-lab.ts';

/** What happens to a host and its jails while jtx works, or between two runs of it. */
describe('meanwhile', { timeout: deadline(120_000) }, () => {
  let lab: Lab;
  let jail: JailUnderTest;
  beforeAll(async () => {
    lab = await openLab();
    jail = await jailUnderTest(lab, 'web');
  });
  afterAll(() => lab.close());
  beforeEach(() => jail.reset());

  /** Changes the journal as a crash would have left it. */
  const sqlite = (sql: string): Promise<string> =>
    lab.must(
      'node -e \'const D=require(process.env.LAB_TOP+"/node_modules/better-sqlite3");new D(process.env.LAB+"/journal/journal.db").exec(process.argv[1])\' "$1"',
      sql,
    );

  it('a jail.conf that is broken while recovery settles a commit takes nothing of it back', async () => {
    const done = await jail.jtx('install', 'tiny');
    expect(done.status, done.stdout).toBe(0);
    await sqlite('UPDATE transactions SET settled = 0');
    await lab.must('cp "$LAB/jail.conf" "$LAB/jail.conf.good"; echo "oops {" >> "$LAB/jail.conf"');
    try {
      const broken = await lab.run(['jtx', 'recover', '--json']);
      expect(broken.status, broken.stdout).toBe(5);
      const [told] = JSON.parse(broken.stdout).transactions;
      expect([told.state, told.warnings.length]).toEqual(['committed', 1]);
    } finally {
      await lab.must('mv "$LAB/jail.conf.good" "$LAB/jail.conf"');
    }
    expect((await lab.run(['jtx', 'recover'])).status).toBe(0);
    expect(await jail.packages()).toEqual(['tiny-1.0']);
  });
});
