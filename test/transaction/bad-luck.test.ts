import { describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage, until } from '../lab/own-repository.ts';
import { expectNothingLeft, play } from './rows.ts';

const slow = ownPackage('slow', { scripts: { 'pre-install': 'sleep 601' } });
/** Starts a command behind the test's back, writes its pid to `$LAB/NAME.pid` and its status to `$LAB/NAME.status`. */
const background = `
rm -f "$LAB/$1.pid" "$LAB/$1.status"; name=$1; shift
( "$@" >"$LAB/$name.out" 2>&1 </dev/null & echo $! > "$LAB/$name.pid"; wait $!; echo $? > "$LAB/$name.status.new"; mv "$LAB/$name.status.new" "$LAB/$name.status" ) >/dev/null 2>&1 </dev/null &
`;

describe('bad luck', { timeout: deadline(90_000) }, () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  const start = (name: string, ...command: string[]): Promise<string> =>
    lab.must(background, name, ...command);
  const statusOf = async (name: string): Promise<number> => {
    await until(lab, '[ -e "$LAB/$1.status" ]', name);
    return Number(await lab.must('cat "$LAB/$1.status"', name));
  };

  it('two changes of one jail at once: the second is told, the first goes on', async () => {
    const seconds = String(deadline(5));
    await start('first', 'jtx', 'run', 'web', '--', 'sleep', seconds);
    await until(lab, 'pgrep -fx "sleep $1"', seconds);
    const second = await jail.jtx('install', 'tiny');
    expect([second.status, second.code]).toEqual([6, 'jail-busy']);
    expect((await lab.run(['jtx', 'rollback', 'web'])).status).toBe(6);
    expect(await statusOf('first')).toBe(0);
  });

  it('two changes of two jails at once', async () => {
    await start('first', 'jtx', 'run', 'postgresql', '--', 'sleep', '3');
    await until(lab, 'pgrep -fx "sleep 3"');
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    expect(await statusOf('first')).toBe(0);
    await lab.must('jtx rollback postgresql');
  });

  for (const [signal, status] of [
    ['INT', 130],
    ['TERM', 143],
    ['HUP', 129],
  ] as const) {
    it(`SIG${signal} while a command runs`, async () => {
      const before = await jail.manifest();
      await start('change', 'jtx', 'run', 'web', '--', 'sh', '-c', 'echo x > /root/x; sleep 602');
      await until(lab, 'pgrep -fx "sleep 602"');
      await lab.must('kill -$1 "$(cat "$LAB/change.pid")"', signal);
      expect(await statusOf('change')).toBe(status);
      expect((await lab.sh('pgrep -fx "sleep 602"')).stdout).toBe('');
      expect(await jail.manifest()).toBe(before);
      await expectNothingLeft(lab, jail, false);
    });
  }

  for (const [signal, status] of [
    ['INT', 130],
    ['TERM', 143],
  ] as const) {
    it(`SIG${signal} while pkg runs a script`, async () => {
      await addRepository(lab, jail, [slow]);
      const before = await jail.manifest();
      await start('change', 'jtx', 'install', 'web', 'tiny', 'slow');
      await until(lab, 'pgrep -fx "sleep 601"');
      await lab.must('kill -$1 "$(cat "$LAB/change.pid")"', signal);
      expect(await statusOf('change')).toBe(status);
      expect((await lab.sh('pgrep -fx "sleep 601"; pgrep -f "pkg.js -c"')).stdout).toBe('');
      expect(await jail.manifest()).toBe(before);
      await expectNothingLeft(lab, jail, false);
    });
  }

  it('pkg hangs in a script: the deadline ends it', async () => {
    await addRepository(lab, jail, [slow]);
    await play(lab, jail, {
      name: 'hang',
      before: 'echo "pkg_silence = 4" >> "$LAB/jtx.toml"',
      do: ['install', 'slow'],
      status: 4,
      state: 'rolled-back',
      code: 'change-failed',
    });
    expect((await lab.sh('pgrep -fx "sleep 601"')).stdout).toBe('');
  });

  it('a pkg that never says a word', () =>
    play(lab, jail, {
      name: 'mute',
      before: `printf '#!/bin/sh\\nsleep 603\\n' > "$LAB/mute"; chmod 755 "$LAB/mute"
               printf 'pkg = "%s"\\npkg_silence = 1\\n' "$LAB/mute" >> "$LAB/jtx.toml"`,
      do: ['install', 'tiny'],
      status: 3,
      state: 'refused',
      code: 'pkg-hung',
    }));

  it('no pkg on the host', () =>
    play(lab, jail, {
      name: 'missing',
      before: 'echo "pkg = \\"/nowhere/pkg\\"" >> "$LAB/jtx.toml"',
      do: ['install', 'tiny'],
      status: 3,
      state: 'refused',
      code: 'pkg-missing',
    }));

  it('the reader of the output goes away', async () => {
    const ended = await lab.sh('set -o pipefail; jtx install web tiny | true; echo $?');
    expect(ended.stdout.trim()).toBe('0');
    expect(await jail.packages()).toEqual(['tiny-1.0']);
    const closed = await lab.sh('jtx install web libfoo >&- 2>&-; echo $?');
    expect(closed.stdout.trim()).toBe('0');
    expect(await jail.packages()).toEqual(['libfoo-1.0', 'tiny-1.0']);
    const full = await lab.sh('jtx install web vital > /dev/full; echo $?');
    expect(['0', '1']).toContain(full.stdout.trim());
    expect(await jail.packages()).toEqual(['libfoo-1.0', 'tiny-1.0', 'vital-1.0']);
  });

  it('the log of what jtx does has no room', async () => {
    const ended = await lab.sh('jtx install web tiny 2> /dev/full');
    expect([ended.status, ended.stdout]).toEqual([0, expect.stringContaining('web: committed.')]);
    await expectNothingLeft(lab, jail, true);
  });
});
