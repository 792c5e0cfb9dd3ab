import { describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { until } from '../lab/own-repository.ts';

/** A command in the jail that waits until it is told to go on, and fails then. */
const waits = [
  'sh',
  '-c',
  'echo changed > /root/changed; touch /root/waits; while ! [ -e /root/go ]; do sleep 0.1; done; exit 1',
];

describe('somebody else at work meanwhile', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  it('a snapshot that is taken during a change stays, and the jail goes back all the same', async () => {
    const before = await jail.manifest();
    const ending = jail.jtx('run', '--', ...waits);
    await until(lab, `test -e "${jail.root}/root/waits"`);
    await lab.must('zfs snapshot "$1@meanwhile"; touch "$2/root/go"', jail.dataset, jail.root);
    const failed = await ending;
    expect([failed.status, failed.state], failed.stdout).toEqual([4, 'rolled-back']);
    expect(await jail.manifest()).toBe(before);
    expect(await lab.must('zfs list -H -o name -t snapshot')).toContain(
      `${jail.dataset}.aside-${failed.id}@meanwhile`,
    );
    expect((await lab.run(['jtx', 'recover'])).stdout).toContain('Nothing to recover');
  });

  it('a kill of jtx then changes nothing about that', async () => {
    const before = await jail.manifest();
    const ending = jail.jtx('run', '--', ...waits);
    await until(lab, `test -e "${jail.root}/root/waits"`);
    await lab.must('zfs snapshot "$1/www@meanwhile"; pkill -KILL -f "jtx.js run web"', jail.dataset);
    await ending;
    const recovered = await lab.run(['jtx', 'recover']);
    expect(recovered.status, recovered.stdout + recovered.stderr).toBe(0);
    expect(await jail.manifest()).toBe(before);
    expect(await lab.must('zfs list -H -o name -t snapshot')).toMatch(/\.aside-\w+\/www@meanwhile/);
  });

  it('--on-data refuse rolls back only where nothing was written', async () => {
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    await lab.must('echo precious > "$1/root/data"', jail.root);
    const before = await jail.manifest();
    const refused = await jail.jtx('rollback', '--on-data', 'refuse');
    expect([refused.status, refused.code], refused.stdout).toEqual([3, 'data-at-risk']);
    expect(await jail.manifest()).toBe(before);
  });
});
