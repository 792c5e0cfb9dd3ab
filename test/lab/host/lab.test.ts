import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import { deadline } from '../deadline.ts';
import { openLab } from '../open-lab.ts';

const program = join(import.meta.dirname, '../../../scripts/lab');

function startLab(...args: string[]): ChildProcess {
  return spawn(program, args, {
    env: { ...process.env, JTX_LAB_FIXTURE_REPOSITORIES: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

async function ended(lab: ChildProcess, input = ''): Promise<Ended> {
  lab.stdin?.end(input);
  const { stdout, stderr } = lab;
  if (!stdout || !stderr) throw new Error('the lab has no pipes');
  const [said, complained] = await Promise.all([text(stdout), text(stderr), once(lab, 'exit')]);
  return { status: lab.exitCode, stdout: said, stderr: complained };
}

async function runs(commandLine: string): Promise<boolean> {
  const search = spawn('pgrep', ['-fx', commandLine]);
  await once(search, 'exit');
  return search.exitCode === 0;
}

describe('scripts/lab', () => {
  it('ends with the status of its command, and leaves nothing', async () => {
    const { status, stdout } = await ended(startLab('sh', '-c', 'echo "$LAB"; exit 7'));
    expect(status).toBe(7);
    expect(stdout).toMatch(/^\/var\/tmp\/jtx-lab\.\w+\n$/);
    expect(existsSync(stdout.trim())).toBe(false);
  });

  it('says 128 and the signal for a command that one ended', async () => {
    expect((await ended(startLab('sh', '-c', 'kill -9 $$'))).status).toBe(137);
  });

  it('gives a shell where no command is named, and the command what comes in', async () => {
    const { status, stdout } = await ended(startLab(), 'echo "pool $LAB_POOL"; exit 3\n');
    expect({ status, stdout }).toEqual({ status: 3, stdout: expect.stringMatching(/^pool zroot-\w+\n$/) });
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'passes %s on and waits for the command',
    async (signal) => {
      const script = `trap 'sleep 0.3; echo got it; exit 9' ${signal.slice(3)}; echo "$LAB"; while :; do sleep 0.1; done`;
      const lab = startLab('bash', '-c', script);
      lab.stdout?.once('data', () => lab.kill(signal));
      const { status, stdout } = await ended(lab);
      const [directory = '', ...rest] = stdout.trim().split('\n');
      expect({ status, rest }).toEqual({ status: 9, rest: ['got it'] });
      expect(existsSync(directory)).toBe(false);
    },
  );

  it('takes every process with it when its command ends', async () => {
    const mark = `${1_000_000 + process.pid}`;
    const lab = startLab('sh', '-c', `setsid sleep ${mark} & sleep 0.2; pgrep -fx "sleep ${mark}"; exit 0`);
    expect((await ended(lab)).stdout).toMatch(/^\d+\n$/);
    expect(await runs(`sleep ${mark}`)).toBe(false);
  });

  it('takes every process with it when it is killed', async () => {
    const mark = `${2_000_000 + process.pid}`;
    const lab = startLab('sh', '-c', `setsid sleep ${mark} & echo "$LAB"; wait`);
    const [directory] = lab.stdout ? await once(lab.stdout, 'data') : [];
    expect(await runs(`sleep ${mark}`)).toBe(true);
    lab.kill('SIGKILL');
    await once(lab, 'exit');
    await vi.waitFor(async () => expect(await runs(`sleep ${mark}`)).toBe(false), {
      timeout: deadline(10_000),
    });
    rmSync(String(directory).trim(), { recursive: true });
  });

  it('stays open with --keep until it is dropped', async () => {
    const { status, stdout, stderr } = await ended(startLab('--keep', 'sh', '-c', 'echo "$LAB"; exit 4'));
    const directory = stdout.trim();
    expect(status).toBe(4);
    expect(stderr).toContain(`${directory}/enter [COMMAND...]\n  ${directory}/drop\n`);
    const entered = spawn(`${directory}/enter`, [
      'sh',
      '-c',
      'echo "$LAB_POOL"; zfs list -H -o name "$LAB_JAILS/web"; command -v jtx',
    ]);
    const [said] = await Promise.all([text(entered.stdout), once(entered, 'exit')]);
    const [pool] = said.split('\n', 1);
    expect(said).toBe(`${pool}\n${pool}/jails/web\n${directory}/bin/jtx\n`);
    await once(spawn(`${directory}/drop`), 'exit');
    expect(existsSync(directory)).toBe(false);
  });

  it('serves the repositories, and fails on request', async () => {
    const lab = await openLab();
    const script = 'fetch(process.argv[1]).then((r) => console.log(r.status), () => console.log("failed"))';
    const get = async (url: string) => {
      const argv = [process.execPath, '-e', script, `${lab.environment[url]}/meta.conf`];
      return (await lab.run(argv)).stdout.trim();
    };
    expect(await get('LAB_REPO_URL')).toBe('200');
    expect(await get('LAB_REPO_NEXT_URL')).toBe('200');
    await lab.must('mkdir "$LAB/http-404" && touch "$LAB/http-404/meta.conf"');
    expect(await get('LAB_REPO_URL')).toBe('404');
    await lab.must('touch "$LAB/http-down"');
    expect(await get('LAB_REPO_URL')).toBe('failed');
    await lab.close();
  });
});

describe('two labs side by side', () => {
  it('see nothing of each other', async () => {
    const [one, other] = await Promise.all([openLab(), openLab()]);
    await one.must('zfs create "$LAB_POOL/jails/extra" && service jail onestart web');
    expect(await other.must('zfs list -H -r -o name "$LAB_POOL"')).not.toContain('extra');
    expect(await other.must('jls -h name')).toBe('name\n');
    expect(await other.must('mount')).not.toContain(one.directory);
    await one.close();
    expect(await other.must('zpool list -H -o health "$LAB_POOL"')).toBe('ONLINE\n');
    await other.close();
    expect(existsSync(one.directory) || existsSync(other.directory)).toBe(false);
  });
});

describe('a jail of the lab', () => {
  it('has no way out, whatever it is made with', async () => {
    const lab = await openLab();
    for (const network of ['ip4=disable', 'vnet']) {
      await lab.must('jail -c name=e path="$LAB_JAILS/web" persist "$1"', network);
      expect(await lab.must('jexec e ip route')).toBe('');
      const tried = await lab.sh('jexec e wget -q -O - "$LAB_REPO_URL/meta.conf"');
      expect(tried.status).toBe(1);
      expect(tried.stdout).toBe('');
      await lab.must('jail -r e');
    }
    await lab.close();
  });

  it('buries its orphans', async () => {
    const lab = await openLab();
    await lab.must('service jail onestart web');
    await lab.must('jexec web sh -c "for i in 1 2 3; do (sleep 0.1 &); done"; sleep 0.5');
    expect(await lab.must('ps -eo stat | grep -c "^Z" || true')).toBe('0\n');
    await lab.close();
  });

  it('is made once, whoever is first', async () => {
    const lab = await openLab();
    const script =
      'for i in 1 2 3 4 5 6; do (jail -c name=e path="$LAB_JAILS/web" persist 2>&1 && echo made) & done; wait';
    const said = (await lab.must(script)).trim().split('\n').sort();
    expect(said).toEqual([...Array(5).fill('jail: "1" already exists'), 'made']);
    await lab.close();
  });

  it('sees its own processes only, and takes them with it', async () => {
    const lab = await openLab();
    await lab.must('service jail onestart web');
    await lab.must('jexec web sh -c "sleep 12345 >/dev/null 2>&1 &"');
    expect(await lab.must('pgrep -fx "sleep 12345" | wc -l')).toBe('1\n');
    expect(await lab.must('mount -t devfs | grep -c "$LAB_JAILS/web/dev"')).toBe('1\n');
    await lab.must('service jail onestop web');
    expect(await lab.must('pgrep -fx "sleep 12345" | wc -l; jls -h name')).toBe('0\nname\n');
    expect(await lab.must('mount -t devfs | grep -c "$LAB" || true')).toBe('0\n');
    await lab.close();
  });
});
