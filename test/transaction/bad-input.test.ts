import { describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { play } from './rows.ts';

describe('bad input', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  it('a jail that nobody knows', async () => {
    const ended = await lab.run(['jtx', 'install', 'nosuch', 'tiny']);
    expect(ended.status).toBe(3);
    expect(ended.stderr).toMatch(/there is no jail nosuch\n.*Known: postgresql, web/s);
  });

  it('a root that is not the mount point of a dataset: the commands that make it one', async () => {
    await lab.must('mkdir -p "$LAB_JAILS/plain/dev"');
    const ended = await lab.run(['jtx', 'install', 'plain', 'tiny']);
    expect(ended.status).toBe(3);
    expect(ended.stderr).toMatch(/plain is not the mount point of a dataset/);
    expect(ended.stderr).toMatch(/zfs create .*\/plain\n/);
    await lab.must('rmdir "$LAB_JAILS/plain/dev" "$LAB_JAILS/plain"');
  });

  it('a dataset that is not mounted', async () => {
    await lab.must('zfs unmount "$1/www"; zfs unmount "$1"', jail.dataset);
    const verdict = await jail.jtx('install', 'tiny');
    expect([verdict.status, verdict.code]).toEqual([3, 'dataset-not-mounted']);
  });

  for (const directory of ['dev', 'var/db/pkg', 'var/cache/pkg', 'etc', 'tmp']) {
    it(`${directory} is a symlink out of the root: nothing outside is touched`, async () => {
      await lab.must('rm -rf "$LAB/outside"; mkdir -p "$LAB/outside"; touch "$LAB/outside/precious"');
      const outside = (): Promise<string> => lab.must('manifest "$LAB/outside"');
      const before = await outside();
      await play(lab, jail, {
        name: directory,
        before: `mv "$1/${directory}" "$1/${directory}.moved"; ln -s "$LAB/outside" "$1/${directory}"`,
        do: ['install', 'tiny'],
        status: 3,
        code: 'root-unsafe',
      });
      expect(await outside()).toBe(before);
    });
  }

  const names = [
    '-y',
    '--force',
    ';reboot',
    '$(reboot)',
    'a b',
    'a|b',
    '*',
    '../x',
    '',
    'a\nb',
    '`x`',
    '@group',
  ];
  for (const name of names) {
    it(`${JSON.stringify(name)} as the name of a package`, async () => {
      const ended = await lab.run(['jtx', 'install', 'web', '--', name]);
      expect(ended.status, ended.stderr).toBe(2);
      expect(await lab.must('ls "$LAB/journal" 2>/dev/null || true')).not.toContain('locks');
    });
  }

  for (const name of ['-x', '../postgresql', 'a/b', '$(x)', '', '17', 'a b']) {
    it(`${JSON.stringify(name)} as the name of a jail`, async () => {
      expect((await lab.run(['jtx', 'install', '--', name, 'tiny'])).status).toBe(2);
    });
  }

  it('unknown options, missing words, contradictions', async () => {
    const wrong = [
      ['install'],
      ['install', 'web'],
      ['install', 'web', 'tiny', '--nosuch'],
      ['install', 'web', 'tiny', '--abi', 'FreeBSD:14:amd64'],
      ['install', 'web', 'tiny', '-o', 'ABI=x'],
      ['install', 'web', 'tiny', '-o', 'nonsense'],
      ['install', 'web', 'tiny', '--expect', 'x'],
      ['run', 'web'],
      ['run', 'web', '--plan', '--', 'true'],
      ['nosuch'],
    ];
    for (const words of wrong) {
      const ended = await lab.run(['jtx', ...words]);
      expect(ended.status, words.join(' ')).toBe(2);
      expect(ended.stderr, words.join(' ')).not.toBe('');
    }
  });

  it('no rights', async () => {
    await lab.must('chmod 755 "$LAB"');
    const ended = await lab.sh(
      'exec setpriv --reuid 65534 --regid 65534 --clear-groups jtx install web tiny',
    );
    expect(ended.status, ended.stderr).toBe(3);
    expect(ended.stderr).toMatch(/needs root|cannot be (opened|read|written)/);
  });

  it('an error is one JSON object too', async () => {
    for (const words of [
      ['nosuch', 'tiny'],
      ['web', 'nosuch'],
      ['web', '--', '-y'],
    ]) {
      const [name = '', ...rest] = words;
      const ended = await lab.run(['jtx', 'install', '--json', name, ...rest]);
      const read: unknown = JSON.parse(ended.stdout);
      expect(read).toMatchObject({ jtx: 1, verb: 'install' });
    }
  });

  it('--plan changes nothing, and says what would happen', async () => {
    const before = await jail.manifest();
    const ended = await lab.run(['jtx', 'install', 'web', 'hello', '--plan']);
    expect(ended.status, ended.stderr).toBe(0);
    expect(ended.stdout).toMatch(/libfoo: 1\.0/);
    expect(await jail.manifest()).toBe(before);
  });
});
