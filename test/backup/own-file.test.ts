import { beforeAll, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { openForTests } from '../lab/for-tests.ts';
import { BackupLab } from './backup-lab.ts';

describe('a file of its own that is half edited', { timeout: deadline(120_000) }, () => {
  const lab = openForTests(new BackupLab());
  let file: string;
  beforeAll(async () => {
    file = `${lab.directory}/jail.conf.d/bad.conf`;
    await lab.targets({ disk: await lab.place('disk') });
    await lab.must('mkdir "$LAB/jail.conf.d"; echo "bad { path = " > "$1"', file);
  });

  it('keeps that jail alone from being backed up', async () => {
    const { status, results, stdout } = await lab.backup();
    expect(status, stdout).toBe(5);
    expect(results).toEqual(
      expect.arrayContaining([expect.objectContaining({ jail: 'web', state: 'sent' })]),
    );
    expect(results.filter(({ state }) => state === 'failed')).toEqual([
      expect.objectContaining({
        jail: 'bad',
        message: expect.stringMatching(/unexpected EOF\nMend .*bad\.conf/),
      }),
    ]);
    const again = await lab.backup('web');
    expect(again.status, again.stdout).toBe(0);
    const told = await lab.run(['jtx', 'backup', '--status']);
    expect([told.status, told.stdout]).toEqual([2, expect.stringMatching(/^JTX CRITICAL - bad on disk: /)]);
  });

  it('keeps no other jail from being changed, and no other from being pruned', async () => {
    const done = await lab.run(['jtx', 'install', 'web', 'tiny']);
    expect(done.status, done.stdout + done.stderr).toBe(0);
    const pruned = await lab.run(['jtx', 'prune', '--plan', '--json']);
    expect([pruned.status, JSON.parse(pruned.stdout)]).toMatchObject([
      5,
      { prune: { failures: [{ jail: 'bad', error: { code: 'jail-conf-invalid' } }] } },
    ]);
    const refused = await lab.run(['jtx', 'install', 'bad', 'tiny', '--json']);
    expect([refused.status, JSON.parse(refused.stdout)]).toMatchObject([
      3,
      { error: { code: 'jail-conf-invalid' } },
    ]);
  });

  it('is told by jtx doctor, also while the jail runs', async () => {
    const { stdout } = await lab.run(['jtx', 'doctor', '--json']);
    const mend = expect.stringContaining(`Mend ${file}`);
    const findings = (text: string): unknown[] =>
      JSON.parse(text).findings.filter(({ about }: { about: string }) => about !== 'postgresql');
    expect(findings(stdout)).toEqual([
      { about: 'bad', says: expect.stringContaining('unexpected EOF'), mend },
    ]);
    await lab.must(`
      zfs create "$LAB_POOL/jails/bad"; cp -a "$LAB_JAILS/web/." "$LAB_JAILS/bad"
      jail -c name=bad path="$LAB_JAILS/bad" persist`);
    expect(findings((await lab.run(['jtx', 'doctor', '--json'])).stdout)).toEqual([
      { about: 'bad', says: expect.stringContaining('unexpected EOF'), mend },
    ]);
    expect((await lab.backup('bad')).only).toMatchObject({ state: 'sent' });
    const refused = await lab.run(['jtx', 'install', 'bad', 'tiny', '--json']);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'jail-conf-invalid' } });
    await lab.must('jail -R bad');
  });
});
