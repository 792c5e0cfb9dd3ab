import { describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { until } from '../lab/own-repository.ts';

// Longer than a system call takes a path: only step by step does one come there.
const deeper =
  "for (let i = 0; i < 30; i += 1) { fs.mkdirSync('d'.repeat(200)); process.chdir('d'.repeat(200)); }";

describe('a jail that would keep itself, or others, from being put right', {
  timeout: deadline(240_000),
}, () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  it('has written what lies too deep to be looked at: that is set aside, and it goes back', async () => {
    const before = await jail.manifest();
    await lab.must('(jtx run web -- sleep 616 >/dev/null 2>&1 &) ; true');
    await until(lab, 'pgrep -fx "sleep 616"');
    await lab.must(
      'pkill -9 -f "[j]tx.js run web"; pkill -fx "sleep 616"; while pgrep -f "[j]tx.js run web"; do sleep 0.1; done',
    );
    await lab.must('cd "$1/tmp" && node -e "$2"', jail.root, deeper);
    const recovered = await lab.run(['jtx', 'recover']);
    expect(recovered.status, recovered.stdout + recovered.stderr).toBe(0);
    expect(recovered.stdout).toContain('.aside-');
    expect(await jail.manifest()).toBe(before);
  });

  it('has mounted something on the directory of a change: the change is kept, and what stays is told', async () => {
    await lab.must('service jail onestart web');
    await lab.must('(jtx run web -- sleep 2 > "$LAB/said" 2>&1; echo $? > "$LAB/status") >/dev/null 2>&1 &');
    await until(lab, 'pgrep -fx "sleep 2"');
    await lab.must(
      'for at in "$1"/.jtx-*; do /bin/mount -t tmpfs tmpfs "$at" && echo "$at" > "$LAB/at"; done',
      jail.root,
    );
    await until(lab, '[ -s "$LAB/status" ]');
    await lab.must('umount "$(cat "$LAB/at")"; rm -r "$(cat "$LAB/at")"');
    const said = await lab.must('cat "$LAB/said" "$LAB/status"');
    expect(said).toMatch(/\.jtx-\w+ stays/);
    expect(said).toMatch(/web: committed[^\n]*\n0\n$/);
  });
});
