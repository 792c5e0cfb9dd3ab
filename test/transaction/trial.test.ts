import { describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { until } from '../lab/own-repository.ts';

const short = `${Math.ceil(deadline(2000) / 1000)}s`;

describe('a commit on trial', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  const undone = 'jtx history --json | grep -q \'"undoneBy":"\'';

  it('is rolled back where nobody confirms it, without anybody doing anything', async () => {
    const before = await jail.manifest();
    const done = await jail.jtx('install', 'tiny', '--confirm-within', short);
    expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
    expect(done.stdout).toContain('jtx confirm web');
    await until(lab, undone);
    await until(lab, 'jtx recover | grep -q "Nothing to recover"');
    expect(await jail.manifest()).toBe(before);
  });

  it('stays where it is confirmed, and another change waits until then', async () => {
    const done = await jail.jtx('install', 'tiny', '--confirm-within', '1h');
    expect(done.status, done.stdout).toBe(0);
    expect((await jail.jtx('install', 'libfoo')).code).toBe('on-trial');
    expect((await jail.jtx('confirm')).status).toBe(0);
    expect((await jail.jtx('confirm')).code).toBe('nothing-on-trial');
    expect((await jail.jtx('install', 'libfoo')).status).toBe(0);
    expect(await jail.packages()).toEqual(['libfoo-1.0', 'tiny-1.0']);
    await lab.sh('pkill -f "jtx.js trial"');
  });

  it('that ran out while the machine was down is rolled back by recovery, as a jtx that waited was killed', async () => {
    const before = await jail.manifest();
    const done = await jail.jtx('install', 'tiny', '--confirm-within', short);
    expect(done.status, done.stdout).toBe(0);
    await lab.must('pkill -KILL -f "jtx.js trial"');
    await lab.must(`sleep ${short}; sleep 1`);
    expect((await jail.jtx('install', 'libfoo')).code).toBe('on-trial');
    const recovered = await lab.run(['jtx', 'recover']);
    expect(recovered.status, recovered.stdout + recovered.stderr).toBe(0);
    expect(await jail.manifest()).toBe(before);
  });

  it('that has not run out goes on after recovery', async () => {
    expect((await jail.jtx('install', 'tiny', '--confirm-within', '1h')).status).toBe(0);
    await lab.must('pkill -KILL -f "jtx.js trial"');
    expect((await lab.run(['jtx', 'recover'])).status).toBe(0);
    expect((await lab.sh('pgrep -f "jtx.js trial"')).status).toBe(0);
    expect(await jail.packages()).toEqual(['tiny-1.0']);
    await lab.sh('pkill -f "jtx.js trial"');
  });

  it('that was brought back after it was over stays: who does that has decided', async () => {
    const done = await jail.jtx('install', 'tiny', '--confirm-within', '1h');
    expect(done.status, done.stdout).toBe(0);
    expect((await jail.jtx('verify')).status).toBe(0);
    expect((await jail.jtx('install', 'libfoo', '--plan')).state).toBe('unchanged');
    const back = await jail.jtx('rollback');
    expect(back.status, back.stdout).toBe(0);
    const again = await jail.jtx('rollback', back.id ?? '');
    expect([again.status, await jail.packages()], again.stdout).toEqual([0, ['tiny-1.0']]);
    expect((await lab.run(['jtx', 'recover'])).stdout).toContain('Nothing to recover.');
    expect((await jail.jtx('install', 'libfoo')).status).toBe(0);
    expect(await jail.packages()).toEqual(['libfoo-1.0', 'tiny-1.0']);
    await lab.sh('pkill -f "jtx.js trial"');
  });

  it.each(['0m', '10', '1w', '-5m', '5 m'])('%j is no length of time', async (time) => {
    expect((await jail.jtx('install', 'tiny', `--confirm-within=${time}`)).status).toBe(2);
  });
});
