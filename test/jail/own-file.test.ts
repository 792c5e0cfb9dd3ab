import { afterAll, beforeAll, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';

const lab = openForTests(new Lab());
const jail = jailForTests(lab, 'web');

beforeAll(() =>
  lab.must(
    `mkdir "$LAB/jail.conf.d"; cp "$LAB/jail.conf" "$LAB/whole"
     jail -f "$LAB/whole" -e '|' | grep -q '^name=web|'
     sed -n '/^web *{/,/^}/p' "$LAB/whole" > "$LAB/jail.conf.d/web.conf"
     sed '/^web *{/,/^}/d' "$LAB/whole" > "$LAB/jail.conf"
     ! jail -f "$LAB/jail.conf" -e '|' | grep -q '^name=web|'`,
  ),
);
afterAll(() => lab.sh('mv "$LAB/whole" "$LAB/jail.conf"; rm -r "$LAB/jail.conf.d"'));

it('a jail that only a file of its own configures is stopped for a change and runs again', async () => {
  await lab.must('service jail onestart web');
  const done = await jail.jtx('install', 'tiny', '--stop');
  expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
  expect(await lab.must('jls -n name')).toContain('name=web');
  await lab.must('service jail onestop web');
  expect((await jail.jtx('rollback')).state).toBe('committed');
});
