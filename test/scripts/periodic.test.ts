import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openForTests } from '../lab/for-tests.ts';
import { type Ended, Lab } from '../lab/open-lab.ts';
import { cutOff, giveFreebsdEtc, script, shells, standInJtx } from './freebsd-etc.ts';

const lab = openForTests(new Lab());

beforeAll(async () => {
  await giveFreebsdEtc(lab);
  await lab.must(
    `set -e
    zfs create "$LAB_POOL/backups"
    cp "$LAB/jtx.toml" "$LAB/without.toml"
    cat >> "$LAB/jtx.toml" <<EOF
[[backup.targets]]
name = "disk"
to = "$LAB_POOL/backups"
[[backup.targets]]
name = "files"
to = "$LAB/files"
EOF
    cp "$LAB/jtx.toml" "$LAB/with.toml"
    mkdir "$LAB/files"
    jtx backup`,
  );
});

/** Writes /etc/periodic.conf of the lab. */
function configure(...lines: string[]): Promise<string> {
  return lab.must('printf "%s\\n" "$@" > /etc/periodic.conf', ...lines);
}

test('the stand-in for /etc/defaults/periodic.conf is seen by the lab alone', async () => {
  await lab.must(
    '[ -r /etc/defaults/periodic.conf ] && . /etc/defaults/periodic.conf && source_periodic_confs',
  );
});

describe.each(shells)('daily, under $name', ({ words }) => {
  const daily = (): Promise<Ended> => lab.run([...words, script('periodic/daily/410.jtx-backup')]);
  const enabled = ['daily_jtx_backup_enable="YES"', `daily_jtx_backup_program="${script('nightly-backup')}"`];

  beforeEach(() =>
    lab.must('cp "$LAB/with.toml" "$LAB/jtx.toml"; rm -rf "$LAB/away"; mkdir -p "$LAB/files"'),
  );

  test('what is not enabled does nothing', async () => {
    await lab.must('rm -f /etc/periodic.conf');
    expect(await daily()).toEqual({ status: 0, stdout: '', stderr: '' });
    await configure('daily_jtx_backup_enable="NO"');
    expect(await daily()).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('all is well: 0, and a line', async () => {
    await configure(...enabled, `daily_jtx_backup_flags="-p ${lab.directory}/jtx.prom"`);
    const ended = await daily();
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(ended.stdout).toMatch(/^\nBacking jails up:\nBackup \w{26}: /);
    expect(await lab.must('cat "$LAB/jtx.prom"')).toContain('jtx_backup_state');
  });

  test('a target that fails: 3, which periodic(8) never hides', async () => {
    await configure(...enabled);
    await lab.must('mv "$LAB/files" "$LAB/away"');
    const ended = await daily();
    expect(ended.status).toBe(3);
    expect(ended.stdout).toContain('web to files FAILED: there is no directory');
    await lab.must('mv "$LAB/away" "$LAB/files"');
  });

  test('no target and no program are bad configuration: 2', async () => {
    await lab.must('cp "$LAB/without.toml" "$LAB/jtx.toml"');
    await configure(...enabled);
    const without = await daily();
    expect(without.status).toBe(2);
    expect(without.stdout).toContain('no place for backups is configured');
    await configure('daily_jtx_backup_enable="yes"', 'daily_jtx_backup_program="/nowhere/nightly"');
    const missing = await daily();
    expect(missing.status).toBe(2);
    expect(missing.stdout).toContain('/nowhere/nightly cannot be run');
  });

  test('what is worse than no target is no matter that may be hidden', async () => {
    await lab.must(`cp "$LAB/without.toml" "$LAB/jtx.toml"
      printf '#!/bin/sh\\necho stuck\\nexit 5\\n' > "$LAB/worse"; chmod 755 "$LAB/worse"`);
    await configure('daily_jtx_backup_enable="YES"', `daily_jtx_backup_program="${lab.directory}/worse"`);
    expect(await daily()).toMatchObject({ status: 3, stdout: expect.stringContaining('stuck') });
  });

  test('a configuration that jtx refuses is no matter that may be hidden', async () => {
    await lab.must('echo "nonsense = 1" >> "$LAB/jtx.toml"');
    await configure(...enabled);
    expect((await daily()).status).toBe(3);
  });
});

describe.each(shells)('security, under $name', ({ words }) => {
  const security = (PERIODIC = ''): Promise<Ended> =>
    lab.run([...words, script('periodic/security/410.jtx-status')], { environment: { PERIODIC } });
  const enabled = (): string[] => [
    'security_status_jtx_enable="YES"',
    `security_status_jtx_program="${lab.directory}/bin/jtx"`,
    'security_status_jtx_proved_within="NO"',
  ];

  beforeEach(() =>
    lab.must(
      'cp "$LAB/with.toml" "$LAB/jtx.toml"; mkdir -p "$LAB/files"; jtx backup; chmod 600 "$JTX_JOURNAL"*',
    ),
  );

  test('what is not enabled, or is for another period, does nothing', async () => {
    await lab.must('rm -f /etc/periodic.conf');
    expect(await security()).toEqual({ status: 0, stdout: '', stderr: '' });
    await configure(...enabled());
    expect(await security('security weekly')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect((await security('security daily')).stdout).not.toBe('');
    await configure(...enabled(), 'security_status_jtx_period="weekly"');
    expect((await security('security weekly')).stdout).not.toBe('');
  });

  test('all is well: 0, and nothing but what was looked at', async () => {
    await configure(...enabled());
    expect(await security()).toEqual({
      status: 0,
      stdout: '\nChecking the transactions and backups of jails:\n',
      stderr: '',
    });
  });

  test('a backup that was never proved is told, unless nobody wants to know', async () => {
    await configure(...enabled(), 'security_status_jtx_proved_within=""');
    const ended = await security();
    expect(ended.status).toBe(1);
    expect(ended.stdout).toContain('web on disk: never restored');
  });

  test('a jail without a current backup is told', async () => {
    await configure(...enabled(), 'security_status_jtx_warn="1s"');
    await lab.must('sleep 1.1');
    const ended = await security();
    expect(ended.status).toBe(1);
    expect(ended.stdout).toMatch(/web on disk: the last good backup is from /);
  });

  test('a transaction that was cut off is told', async () => {
    await lab.must(cutOff);
    await configure(...enabled());
    const ended = await security();
    expect(ended.status).toBe(1);
    expect(ended.stdout).toMatch(/^web: \w{26} is under way, or was cut off: then jtx recover$/m);
    await lab.must('jtx recover');
    expect((await security()).status).toBe(0);
  });

  test('a journal that others can read is told', async () => {
    await configure(...enabled());
    await lab.must('chmod 644 "$JTX_JOURNAL"');
    const ended = await security();
    expect(ended.status).toBe(1);
    expect(ended.stdout).toContain('journal.db can be read by others');
  });

  test('a configuration that others can write is told: 3', async () => {
    await configure(...enabled());
    await lab.must('chmod 666 "$LAB/jtx.toml"');
    const ended = await security();
    expect(ended.status).toBe(3);
    expect(ended.stdout).toContain('can be changed by others');
    await lab.must('chmod 644 "$LAB/jtx.toml"');
  });

  test('a host without targets uses jtx for transactions alone', async () => {
    await lab.must('cp "$LAB/without.toml" "$LAB/jtx.toml"');
    await configure(...enabled());
    expect((await security()).status).toBe(0);
  });

  test('no program is bad configuration: 2', async () => {
    await configure('security_status_jtx_enable="YES"', 'security_status_jtx_program="/nowhere/jtx"');
    expect((await security()).status).toBe(2);
  });

  test('an unexpected end of jtx is never taken for all being well', async () => {
    await lab.must(`${standInJtx} echo 1 > "$LAB/stand-in/status"; echo 127 > "$LAB/stand-in/backup"`);
    await configure(...enabled(), `security_status_jtx_program="${lab.directory}/stand-in/jtx"`);
    const ended = await security();
    expect(ended.status).toBe(3);
    expect(ended.stdout).toContain('jtx status says this');
    expect(ended.stdout).toContain('jtx backup says this');
  });
});
