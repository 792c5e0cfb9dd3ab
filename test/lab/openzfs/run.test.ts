import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const program = join(import.meta.dirname, 'run');
const top = join(import.meta.dirname, '../../..');

/** Runs a script in a guest; its arguments are `$1`, `$2`... */
function inGuest(script: string, args: readonly string[] = [], options: readonly string[] = []) {
  const command = [...options, '--', 'bash', '-c', script, 'bash', ...args];
  const { status, stdout, stderr } = spawnSync(program, command, { cwd: top, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('a guest', () => {
  it('runs a command with its arguments in this directory, and gives its status and both outputs', () => {
    const words = ['two words', 'a "quote"', "it's", '$HOME', 'tab\tand\r\nlines', ''];
    const ended = inGuest('pwd; printf "%s|" "$@"; echo wrong >&2; exit 7', words);
    expect(ended).toEqual({ status: 7, stdout: `${top}\n${words.join('|')}|`, stderr: 'wrong\n' });
  });

  it('gives much as it is, and does not wait for what its command leaves', () => {
    const { status, stdout } = inGuest('sleep 1000 & seq 100000');
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(-3)).toEqual(['99999', '100000', '']);
  });

  it('has OpenZFS of its own, and changes nothing outside', () => {
    const mark = `written-${process.pid}`;
    const places = [top, '/tmp', '/var/tmp'];
    const { status, stdout } = inGuest(
      'zfs version | tail -1; for place; do echo x > "$place" && cat "$place"; done; ! touch /etc/passwd 2>&1',
      places.map((place) => join(place, mark)),
    );
    expect(stdout).toMatch(/^zfs-kmod-2\.\d.*\nx\nx\nx\ntouch: .*Read-only file system\n$/);
    expect(status).toBe(0);
    expect(places.filter((place) => existsSync(join(place, mark)))).toEqual([]);
  });

  it('writes to a disk that outlives it', () => {
    const directory = mkdtempSync(join(tmpdir(), 'guest disk '));
    const disk = join(directory, 'a disk.img');
    writeFileSync(disk, '');
    truncateSync(disk, 2 ** 20);
    expect(inGuest('echo kept > /dev/ubda; sync', [], ['--disk', disk]).status).toBe(0);
    expect(inGuest('head -n 1 /dev/ubda', [], ['--disk', disk]).stdout).toBe('kept\n');
    rmSync(directory, { recursive: true });
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('is gone when %s ends it', async (signal) => {
    const run = spawn(program, ['bash', '-c', 'echo up; sleep 1000'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(run.stdout, 'data');
    const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(run.pid)], { encoding: 'utf8' });
    const emulator = children.stdout.trim();
    expect(emulator).toMatch(/^\d+$/);
    run.kill(signal);
    await once(run, 'close');
    await expect.poll(() => existsSync(`/proc/${emulator}`), { timeout: 10_000 }).toBe(false);
  });

  it('has a lab in it where the machine has no OpenZFS of its own', () => {
    const script = 'echo "$LAB_ZFS"; zfs list -H -o name "$LAB_JAILS/web"; command -v jtx >/dev/null; exit 5';
    const lab = spawnSync(join(top, 'scripts/lab'), ['--zfs', 'openzfs', 'sh', '-c', script], {
      env: { ...process.env, JTX_LAB_FIXTURE_REPOSITORIES: '1' },
      encoding: 'utf8',
    });
    expect(lab.stdout).toMatch(/^openzfs\nzroot-\w+\/jails\/web\n$/);
    expect(lab.status).toBe(5);
  });

  it('cannot be kept open', () => {
    const lab = spawnSync(join(top, 'scripts/lab'), ['--zfs', 'openzfs', '--keep', 'true'], {
      encoding: 'utf8',
    });
    expect([lab.status, lab.stderr]).toEqual([2, 'lab: a guest ends with its command: --keep has no use\n']);
  });
});
