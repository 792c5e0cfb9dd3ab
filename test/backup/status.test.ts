import { expect, test } from 'vitest';
import { openForTests } from '../lab/for-tests.ts';
import { type Ended, Lab } from '../lab/open-lab.ts';

const lab = openForTests(new Lab());

const status = (...args: string[]): Promise<Ended> => lab.run(['jtx', 'backup', '--status', ...args]);

function backupsOf(text: string): unknown {
  const read: unknown = JSON.parse(text);
  const found = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null
      ? Object.getOwnPropertyDescriptor(value, key)?.value
      : undefined;
  const listed = found(found(read, 'status'), 'backups');
  return (Array.isArray(listed) ? listed : []).map((one: unknown) => [
    found(one, 'jail'),
    found(one, 'target'),
    found(one, 'state'),
  ]);
}

test('what cannot be looked at is UNKNOWN', async () => {
  const without = await status();
  expect(without).toMatchObject({ status: 3, stderr: '' });
  expect(without.stdout).toMatch(/^JTX UNKNOWN - no place for backups is configured\n/);

  await lab.must(`zfs create "$LAB_POOL/backups"
    cat >> "$LAB/jtx.toml" <<EOF
[[backup.targets]]
name = "disk"
to = "$LAB_POOL/backups"
[[backup.targets]]
name = "files"
to = "$LAB/files"
[backup.jails.web]
before = ["/bin/sleep", "4"]
EOF`);
  const fresh = await status();
  expect(fresh).toMatchObject({ status: 3, stderr: '' });
  expect(fresh.stdout).toMatch(/^JTX UNKNOWN - there is no journal .*\n/);
  expect(await lab.sh('[ -e "$JTX_JOURNAL" ]')).toMatchObject({ status: 1 });
});

test('a jail that was never backed up counts, one target that fails is told', async () => {
  expect((await lab.sh('jtx backup web')).status).toBe(5);
  const json = await status('--json');
  expect(json).toMatchObject({ status: 2, stderr: '' });
  expect(backupsOf(json.stdout)).toEqual([
    ['postgresql', 'disk', 'critical'],
    ['postgresql', 'files', 'critical'],
    ['web', 'disk', 'ok'],
    ['web', 'files', 'critical'],
  ]);
  expect((await status('web', '--target', 'disk')).status).toBe(0);

  await lab.must('mkdir -m 700 "$LAB/files" && jtx backup');
  const well = await status();
  expect(well).toMatchObject({ status: 0, stderr: '' });
  expect(well.stdout).toMatch(/^JTX OK - 2 jails on 2 targets, .*\|postgresql@disk=\d+s;93600;180000;0 /);
  expect(well.stdout).toContain('never restored');

  await lab.must('mv "$LAB/files" "$LAB/away"');
  expect((await lab.sh('jtx backup')).status).toBe(5);
  const failed = await status();
  expect(failed).toMatchObject({ status: 1 });
  expect(failed.stdout).toMatch(/^JTX WARNING - .*: the last backup failed/);
  await lab.must('mv "$LAB/away" "$LAB/files" && jtx backup');
});

test('limits decide', async () => {
  await lab.must('sleep 1.1');
  expect((await status('--critical', '1s')).status).toBe(2);
  expect((await status('--warn', '1s')).status).toBe(1);
  expect((await status('--proved-within', '30d')).status).toBe(1);
  for (const wrong of [
    ['--warn', 'soon'],
    ['--warn', '2d', '--critical', '1d'],
    ['--target', 'no'],
    ['nobody'],
  ])
    expect(await status(...wrong)).toMatchObject({
      status: 3,
      stdout: expect.stringMatching(/^JTX UNKNOWN - /),
    });
  expect((await lab.run(['jtx', 'backup', '--warn', '1d'])).status).toBe(2);
});

test('metrics are printed with status 0 whatever they say', async () => {
  const metrics = await status('--prometheus', '--critical', '1s');
  expect(metrics).toMatchObject({ status: 0, stderr: '' });
  expect(metrics.stdout).toContain('jtx_backup_state{jail="web",target="files"} 2\n');
  expect(await status('--prometheus', '--target', 'no')).toMatchObject({ status: 3, stdout: '' });
});

test('a jail that is left out is not expected', async () => {
  await lab.must('zfs set jtx:backup=off "$LAB_POOL/jails/postgresql"');
  const out = await status('--critical', '1s');
  expect(out.stdout).not.toContain('postgresql on');
  expect(out.stdout).toContain('Left out: postgresql.');
  expect((await status('postgresql')).stdout).toMatch(/^JTX UNKNOWN - .*; left out: postgresql\n/);
  await lab.must('zfs inherit jtx:backup "$LAB_POOL/jails/postgresql"');
});

test('it looks while a backup runs, and takes no lock', async () => {
  await lab.must('service jail onestart web >/dev/null; echo changed > "$LAB_JAILS/web/root/changed"; sync');
  const [backup, looked] = await Promise.all([
    lab.sh('jtx backup; status=$?; date +%s%N; exit $status'),
    lab.sh(`until ps -eo args | grep -q '[/]bin/sleep 4'; do sleep 0.1; done
      jtx backup --status && date +%s%N`),
  ]);
  expect(backup.status).toBe(0);
  expect(looked.status).toBe(0);
  const at = ({ stdout }: Ended): number => Number(stdout.trim().split('\n').at(-1));
  expect(at(looked)).toBeLessThan(at(backup));
  await lab.must('service jail onestop web >/dev/null');
});

test('a jail that a transaction lends and throws away is nobody', async () => {
  const name = 'jtx-01kawb0000000000000000000a';
  await lab.must('jail -c name="$1" path="$LAB_JAILS/web" persist', name);
  expect((await status('--json')).stdout).not.toContain(name);
  await lab.must('jail -R "$1"', name);
});

test('to others than root it is UNKNOWN', async () => {
  await lab.must('chmod 700 "$LAB/journal"');
  const other = await lab.sh('setpriv --reuid 65534 --clear-groups jtx backup --status');
  expect(other).toMatchObject({
    status: 3,
    stdout: expect.stringMatching(/^JTX UNKNOWN - .*cannot be read/),
  });
});

test('jtx status --check tells what needs a person, and nothing else', async () => {
  expect(await lab.sh('jtx status --check')).toEqual({ status: 0, stdout: '', stderr: '' });
  await lab.must('chmod 644 "$JTX_JOURNAL"');
  const exposed = await lab.sh('jtx status --check');
  expect(exposed).toMatchObject({ status: 5, stderr: '' });
  expect(exposed.stdout).toMatch(/^\S+journal\.db can be read by others: chmod go-rwx \S+\n/);
  await lab.must('chmod 600 "$JTX_JOURNAL"*');
});
