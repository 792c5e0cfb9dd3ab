import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { overSsh, runOver } from '../../src/host/ssh.ts';
import { scripted } from './scripted.ts';

const remote = { host: 'root@backup', port: undefined };

/** What a shell there makes of a command line. */
function words(command: readonly string[]): string[] {
  const line = overSsh(remote, ['printf', '%s\\0', ...command]).at(-1) ?? '';
  const { stdout, status } = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout.split('\0').slice(0, -1);
}

it('every word arrives as it is', () => {
  const examples = [
    "it's",
    '$HOME',
    '`id`',
    'a b',
    '',
    '*',
    '\\',
    '"',
    "'",
    "''",
    '; id',
    '!x',
    '{"v":1,"jail":"web"}',
    '#',
    '~',
  ];
  expect(words(examples)).toEqual(examples);
  const word = fc.string({ maxLength: 12 }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (list) => {
      expect(words(list)).toEqual(list);
    }),
    { numRuns: 50 },
  );
});

it('csh(1) there sees no history in it: a ! stands outside of quotes, which it reads it in', () => {
  const line = overSsh(remote, ['zfs', 'set', 'x:note=hello! "world"', 'p/web']).at(-1) ?? '';
  expect(line).toBe(`'zfs' 'set' 'x:note=hello'\\!' "world"' 'p/web'`);
  // Where it is installed.
  const { error, stdout } = spawnSync('csh', ['-f', '-c', line.replace("'zfs'", "'echo'")], {
    encoding: 'utf8',
  });
  if (!error) expect(stdout).toBe('set x:note=hello! "world" p/web\n');
});

it('the host is no option, and nobody is asked', () => {
  const command = overSsh({ host: '-oProxyCommand=x', port: '2222' }, ['zfs', 'list']);
  expect(command.slice(-3)).toEqual(['--', '-oProxyCommand=x', "'zfs' 'list'"]);
  expect(command.join(' ')).toContain('-o BatchMode=yes');
  expect(command.join(' ')).toContain('-o LogLevel=ERROR');
  expect(command.join(' ')).toContain(' -p 2222 ');
});

it('what runs there says its own name', async () => {
  const host = scripted({ ssh: { status: 1, stderr: 'no' } });
  const finished = await runOver(remote, host.run)(['zfs', 'list'], { changes: true });
  expect(finished).toMatchObject({ command: ['zfs', 'list'], status: 1, stderr: 'no' });
  expect(host.options).toEqual([{ changes: true }]);
});
