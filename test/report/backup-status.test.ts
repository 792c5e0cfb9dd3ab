import { expect, test } from 'vitest';
import { judgeBackups, type Limits, worstOf } from '../../src/backup/judge.ts';
import { backupMetrics } from '../../src/report/backup-metrics.ts';
import { type BackupStatus, backupStatusJson } from '../../src/report/backup-status.ts';
import { backupStatusText, unknownLine } from '../../src/report/backup-status-text.ts';
import { colours } from '../../src/report/colour.ts';
import { hour, now, type Standing, standing } from '../backup/standing.ts';

const plain = { tty: false, colour: colours(false) };
const limits: Limits = { warn: 26 * hour, critical: 50 * hour, proved: undefined };
const point = '01KAWB0000000000000000000A';

function statusOf(jails: string[], targets: string[], standings: Standing[]): BackupStatus {
  const findings = judgeBackups(standings.map(standing), jails, targets, limits, now);
  return { findings, limits, level: worstOf(findings), leftOut: [], at: now };
}

async function linesOf(status: BackupStatus): Promise<string[]> {
  return (await backupStatusText(status, plain)).split('\n');
}

test('all is well: a line for Nagios, a table for people', async () => {
  const status = statusOf(
    ['db', 'web'],
    ['nas'],
    [
      { jail: 'db', good: 3, check: { state: 'proved', age: 48 } },
      { jail: 'web', good: 5 },
    ],
  );
  expect(await linesOf(status)).toEqual([
    'JTX OK - 2 jails on 1 target, the oldest backup from about 5 hours ago|db@nas=10800s;93600;180000;0 web@nas=18000s;93600;180000;0',
    'JAIL  TARGET  STATE  LAST GOOD          BACKUP                      LAST RESULT             RESTORED',
    `db    nas     OK     about 3 hours ago  ${point}  sent about 3 hours ago  proved 2 days ago`,
    `web   nas     OK     about 5 hours ago  ${point}  sent about 5 hours ago  never restored`,
  ]);
});

test('the first line names the worst first, and counts the rest', async () => {
  const [first, ...rest] = await linesOf(
    statusOf(
      ['a', 'b', 'c', 'd', 'e'],
      ['nas'],
      [
        { jail: 'a', good: 30 },
        { jail: 'b', good: 3, failed: 1, message: 'no room | really\nzfs list' },
        { jail: 'c', good: 80 },
        { jail: 'd', good: 1 },
      ],
    ),
  );
  expect(first?.split('|')[0]).toBe(
    'JTX CRITICAL - c on nas: the last good backup is from 3 days ago; e on nas: never backed up; ' +
      'a on nas: the last good backup is from 1 day ago; and 1 more',
  );
  expect(first?.split('|')[1]).toContain('e@nas=U');
  expect(rest.slice(-5)).toEqual([
    'a on nas: the last good backup is from 1 day ago',
    'b on nas: the last backup failed: no room / really',
    '  zfs list',
    'c on nas: the last good backup is from 3 days ago',
    'e on nas: never backed up',
  ]);
  expect(rest.join('\n')).not.toContain('|');
});

test('nothing that a jail is called can end the line, begin performance data or steer a terminal', async () => {
  const status = statusOf(["x\n'=|\x1b[2J"], ['nas'], []);
  const lines = await linesOf({ ...status, leftOut: ['y\nz|'] });
  expect(lines[0]).toBe("JTX CRITICAL - x\\n'=/\\x1b[2J on nas: never backed up|x______2J@nas=U");
  expect(lines.slice(1).join('\n')).not.toMatch(/[|\x1b]/);
  expect(unknownLine('a|b\nc')).toBe('JTX UNKNOWN - a/b\\nc');
});

test('metrics for the textfile collector', () => {
  const status = statusOf(
    ['a"b\\c\nd', 'web'],
    ['nas'],
    [{ good: 3, failed: 1, check: { state: 'proved', age: 2 } }],
  );
  const text = backupMetrics(status);
  const at = (hours: number): number => now / 1000 - hours * 3600;
  const web = '{jail="web",target="nas"}';
  expect(text.split('\n').filter((line) => line.includes('"web"'))).toEqual([
    `jtx_backup_last_success_timestamp_seconds${web} ${at(3)}`,
    `jtx_backup_last_attempt_timestamp_seconds${web} ${at(1)}`,
    'jtx_backup_last_result{jail="web",target="nas",result="sent"} 0',
    'jtx_backup_last_result{jail="web",target="nas",result="unchanged"} 0',
    'jtx_backup_last_result{jail="web",target="nas",result="failed"} 1',
    'jtx_backup_last_result{jail="web",target="nas",result="never"} 0',
    `jtx_backup_failed${web} 1`,
    `jtx_backup_last_proof_timestamp_seconds${web} ${at(2)}`,
    `jtx_backup_proof_failed${web} 0`,
    `jtx_backup_state${web} 1`,
  ]);
  expect(text).toContain('jtx_backup_last_success_timestamp_seconds{jail="a\\"b\\\\c\\nd",target="nas"} 0\n');
  expect(text).toContain('{jail="a\\"b\\\\c\\nd",target="nas",result="never"} 1\n');
  expect(text).toMatch(new RegExp(`\njtx_backup_status_timestamp_seconds ${at(0)}\n$`));
});

test('each metric has its help and type just before it, once', () => {
  const text = backupMetrics(statusOf(['web', 'db'], ['nas', 'disk'], [{ good: 3 }]));
  let current = '';
  const seen: string[] = [];
  for (const line of text.trimEnd().split('\n')) {
    const [, help] = /^# HELP (\w+) .+$/.exec(line) ?? [];
    if (help !== undefined) {
      expect(seen).not.toContain(help);
      seen.push(help);
      current = help;
    } else if (line.startsWith('#')) expect(line).toBe(`# TYPE ${current} gauge`);
    else expect(line).toMatch(new RegExp(`^${current}(\\{[^}]+\\})? [\\d.]+$`));
  }
  expect(seen).toHaveLength(8);
});

test('for scripts', () => {
  const status = statusOf(
    ['db', 'web'],
    ['nas'],
    [{ good: 3, failed: 1, message: 'no room', check: { state: 'proved', age: 2 } }],
  );
  expect(backupStatusJson({ ...status, leftOut: ['old'] })).toEqual({
    state: 'critical',
    at: '2026-11-25T06:00:00.000Z',
    limits: { warn: 93600, critical: 180000, proved: null },
    backups: [
      {
        jail: 'db',
        target: 'nas',
        state: 'critical',
        reasons: ['never'],
        good: null,
        age: null,
        point: null,
        last: null,
        check: null,
      },
      {
        jail: 'web',
        target: 'nas',
        state: 'warning',
        reasons: ['failed'],
        good: '2026-11-25T03:00:00.000Z',
        age: 10800,
        point,
        last: { state: 'failed', at: '2026-11-25T05:00:00.000Z', message: 'no room' },
        check: { state: 'proved', at: '2026-11-25T04:00:00.000Z', point, message: 'no room' },
      },
    ],
    leftOut: ['old'],
  });
});
