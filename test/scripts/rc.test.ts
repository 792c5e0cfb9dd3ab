import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { openForTests } from '../lab/for-tests.ts';
import { type Ended, Lab } from '../lab/open-lab.ts';
import { cutOff, giveFreebsdEtc, script, shells, standInJtx } from './freebsd-etc.ts';

const lab = openForTests(new Lab());

beforeAll(async () => {
  await giveFreebsdEtc(lab);
});

// What FreeBSD's rc.subr(8) would do is stood in for: only what is the script's own is tested here.
describe.each(shells)('jtx_recover, under $name', ({ words }) => {
  const rc = (command: string, environment: Record<string, string> = {}): Promise<Ended> =>
    lab.run([...words, script('rc.d/jtx_recover'), command], { environment });
  const configure = (...lines: string[]): Promise<string> =>
    lab.must('printf "%s\\n" "$@" > /etc/rc.conf', ...lines);

  test('what is not enabled does nothing', async () => {
    await lab.must(`rm -f /etc/rc.conf; ${standInJtx}`);
    const ended = await rc('faststart');
    expect(ended).toMatchObject({ stdout: '' });
    expect(await lab.sh('[ -e "$LAB/stand-in/calls" ]')).toMatchObject({ status: 1 });
  });

  test('at boot it puts right what a crash left', async () => {
    await configure('jtx_recover_enable="YES"', `jtx_recover_program="${lab.directory}/bin/jtx"`);
    expect(await rc('faststart')).toMatchObject({ status: 0, stdout: 'Nothing to recover.\n' });
    await lab.must(cutOff);
    const ended = await rc('faststart');
    expect(ended.status).toBe(0);
    expect(ended.stdout).toContain('jtx had ended before the transaction did');
    expect((await lab.run(['jtx', 'status', '--check'])).status).toBe(0);
  });

  test('what needs a person is warned of', async () => {
    await lab.must(`${standInJtx} echo 5 > "$LAB/stand-in/recover"`);
    await configure('jtx_recover_enable="YES"', `jtx_recover_program="${lab.directory}/stand-in/jtx"`);
    const ended = await rc('start');
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('WARNING: something needs a person: jtx status');
  });

  test('it finds node where the search path of rc(8) has none', async () => {
    await lab.must(`${standInJtx}
      printf '#!/bin/sh\\necho "$PATH" > "%s"\\n' "$LAB/stand-in/path" > "$LAB/stand-in/jtx"`);
    await configure('jtx_recover_enable="YES"', `jtx_recover_program="${lab.directory}/stand-in/jtx"`);
    expect((await rc('start', { PATH: '/sbin:/bin:/usr/sbin:/usr/bin' })).status).toBe(0);
    expect(await lab.must('cat "$LAB/stand-in/path"')).toBe(
      '/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin\n',
    );
  });

  test('stopping it is nothing', async () => {
    await configure('jtx_recover_enable="YES"');
    expect(await rc('stop')).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

test('it comes after what it needs and before any jail', () => {
  const text = readFileSync(script('rc.d/jtx_recover'), 'utf8');
  const named = (keyword: string): string[] =>
    new RegExp(`^# ${keyword}: (.*)$`, 'm').exec(text)?.[1]?.split(' ') ?? [];
  expect(named('PROVIDE')).toEqual(['jtx_recover']);
  expect(named('REQUIRE')).toEqual(expect.arrayContaining(['FILESYSTEMS', 'zfs', 'LOGIN']));
  expect(named('BEFORE')).toContain('jail');
});
