import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { until } from '../lab/own-repository.ts';

// front depends on postgresql, and that on web: what becomes of them when web is stopped.
const configure = `
mkdir "$LAB/front"
sed -i 's|^postgresql {|&\\n  depend = web;|' "$LAB/jail.conf"
echo "front { path = $LAB/front; depend = postgresql; persist; }" >> "$LAB/jail.conf"
cp "$LAB/jail.conf" "$LAB/jail.conf.base"
`;

describe('jails that depend on the one that is changed', { timeout: deadline(300_000) }, () => {
  const lab = openForTests(new Lab());
  beforeAll(() => lab.must(configure));
  const jail = jailForTests(lab, 'web');
  beforeEach(() =>
    lab.must(
      'cp "$LAB/jail.conf.base" "$LAB/jail.conf"; jls -n name | grep -q name=front || service jail onestart front',
    ),
  );

  const running = async () =>
    (await lab.must('jls -n name'))
      .trim()
      .split('\n')
      .map((line) => line.slice('name='.length))
      .sort();
  const jids = () => lab.must('jls -n jid name | sort');
  const all = ['front', 'postgresql', 'web'];
  const told =
    'With web these go down, as they depend on it, and are started again after it: postgresql, front.';

  it('go down and are started again with one that is stopped for a change, and --plan tells it', async () => {
    const before = await jids();
    const planned = await jail.jtx('install', 'tiny', '--stop', '--plan');
    expect(planned.stdout).toContain(told);
    expect((await jail.jtx('install', 'tiny', '--plan')).stdout).toContain(
      'Where it fails, with web these go down',
    );
    expect(await jids()).toBe(before);
    const done = await jail.jtx('install', 'tiny', '--stop');
    expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
    expect(done.stdout).toContain(told);
    expect(await running()).toEqual(all);
    expect(await jids()).not.toBe(before);
    expect((await lab.run(['jtx', 'show', done.id ?? ''])).stdout).toContain('postgresql, front');
  });

  it('are left alone by a live change that succeeds, and run again after one that fails, or a rollback', async () => {
    const before = await jids();
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    expect(await jids()).toBe(before);
    const failed = await jail.jtx('install', 'postfail');
    expect([failed.status, failed.state], failed.stdout).toEqual([4, 'rolled-back']);
    expect(failed.stdout).toContain(told);
    expect(await running()).toEqual(all);
    const between = await jids();
    expect((await jail.jtx('rollback', '--plan')).stdout).toContain(told);
    expect(await jids()).toBe(between);
    const back = await jail.jtx('rollback');
    expect([back.status, back.state], back.stdout).toEqual([0, 'committed']);
    expect(back.stdout).toContain(told);
    expect(await running()).toEqual(all);
  });

  it('are not taken down while one of them is changed', async () => {
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    const before = await jids();
    await lab.must('(jtx run postgresql -- sleep 621 >/dev/null 2>&1 &) ; true');
    await until(lab, 'pgrep -fx "sleep 621"');
    for (const [verb, ...words] of [['rollback'], ['install', 'libfoo', '--stop']]) {
      const busy = await jail.jtx(verb ?? '', ...words);
      expect([busy.status, busy.code], busy.stdout).toEqual([6, 'jail-busy']);
      expect(busy.stdout).toContain('postgresql depends on web');
    }
    expect(await jids()).toBe(before);
    await lab.must('pkill -fx "sleep 621"; while pgrep -f "[j]tx.js run postgresql"; do sleep 0.1; done');
  });

  it('run again after recovery, where jtx died while all of them were down', async () => {
    await lab.must('(jtx run web --stop -- sleep 622 >/dev/null 2>&1 &) ; true');
    await until(lab, 'pgrep -fx "sleep 622"');
    expect((await running()).filter((name) => !name.startsWith('jtx-'))).toEqual([]);
    // Nobody else changes them, or starts them by it, meanwhile.
    const other = await lab.run(['jtx', 'run', 'postgresql', '--', 'true']);
    expect([other.status, other.stderr]).toEqual([6, expect.stringContaining('another change')]);
    await lab.must(
      'pkill -9 -f "[j]tx.js run web"; pkill -fx "sleep 622"; while pgrep -f "[j]tx.js run web"; do sleep 0.1; done',
    );
    const recovered = await lab.run(['jtx', 'recover']);
    expect(recovered.status, recovered.stdout).toBe(0);
    expect(await running()).toEqual(all);
  });

  it('that do not start again are told, and tried again by recovery', async () => {
    await lab.must(
      `sed -i 's|^front {|& exec.prestart = "test ! -e '"$LAB"'/no";|' "$LAB/jail.conf"; touch "$LAB/no"`,
    );
    const done = await jail.jtx('install', 'tiny', '--stop');
    expect([done.status, done.state], done.stdout).toEqual([5, 'committed']);
    expect(done.stdout).toContain('jail front was not started again');
    expect(await running()).toEqual(['postgresql', 'web']);
    await lab.must('rm "$LAB/no"');
    expect((await lab.run(['jtx', 'recover'])).status).toBe(0);
    expect(await running()).toEqual(all);
    expect(await lab.must('jtx recover')).toBe('Nothing to recover.\n');
  });
});
