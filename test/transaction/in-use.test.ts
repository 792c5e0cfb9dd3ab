import { describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';

/** An umount for which the root of the jail is busy until some seconds after it was first asked to unmount it. */
const holdFor = `
mkdir -p "$LAB/wrapped"; rm -f "$LAB/asked"; touch "$LAB/held"
cat > "$LAB/wrapped/umount" <<END
#!/bin/sh
if [ "\\$1" = "$1" ] && [ -e "$LAB/held" ]; then
  touch "$LAB/asked"
  echo "umount: unmount of $1 failed: Device busy" >&2
  exit 1
fi
exec $(command -v umount) "\\$@"
END
chmod 755 "$LAB/wrapped/umount"
( while [ ! -e "$LAB/asked" ]; do sleep 0.2; done; sleep "$2"; rm -f "$LAB/held" "$LAB/dying" ) >/dev/null 2>&1 </dev/null &
`;

describe('the file systems of a jail that are in use', { timeout: deadline(240_000) }, () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  interface Told {
    status: number;
    state: unknown;
    code: unknown;
    said: string;
  }
  /** jtx, with that umount. */
  const wrapped = async (...words: string[]): Promise<Told> => {
    const script = 'PATH="$LAB/wrapped:$PATH" exec jtx "$@"';
    const { status, stdout, stderr } = await lab.sh(script, ...words, '--json');
    const { transaction, error } = JSON.parse(stdout);
    return {
      status,
      state: transaction?.state,
      code: (transaction ?? { error }).error?.code,
      said: stdout + stderr,
    };
  };
  const runs = async (): Promise<boolean> => (await lab.must('jls -n name')).includes('name=web');
  const startJail = (): Promise<string> => lab.must('service jail onestart web');

  it('just after its stop are waited for by a rollback', async () => {
    await startJail();
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    await lab.must(holdFor, jail.root, '5');
    const back = await wrapped('rollback', 'web');
    expect([back.status, back.state], back.said).toEqual([0, 'committed']);
    expect([await jail.packages(), await runs()]).toEqual([[], true]);
  });

  it('just after its stop are waited for by a live change that failed', async () => {
    await startJail();
    await lab.must(holdFor, jail.root, '5');
    const failed = await wrapped('install', 'web', 'postfail');
    expect([failed.status, failed.state], failed.said).toEqual([4, 'rolled-back']);
    expect([await jail.packages(), await runs()]).toEqual([[], true]);
  });

  it('are waited for while the kernel holds them for connections of the jail that was stopped', async () => {
    await startJail();
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    await lab.must('echo "9 web $1" > "$LAB/dying"', jail.root);
    await lab.must(holdFor, jail.root, '15');
    const { status, stderr } = await lab.sh('PATH="$LAB/wrapped:$PATH" exec jtx rollback web');
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('the kernel still closes connections of the jail');
    expect([await jail.packages(), await runs()]).toEqual([[], true]);
  });

  const jid = (): Promise<string> => lab.must('jls -n jid name | grep name=web');
  const standIn = (directory: string): Promise<string> =>
    lab.must('( cd "$1"; exec sleep 609 </dev/null >/dev/null 2>&1 & )', directory);
  const leave = (): Promise<unknown> =>
    lab.sh('pkill -fx "sleep 609"; while pgrep -fx "sleep 609"; do sleep 0.1; done');
  const mountPorts = (): Promise<string> =>
    lab.must('mkdir -p "$LAB/ports" "$1/mnt" && mount -t nullfs "$LAB/ports" "$1/mnt"', jail.root);
  const unmountPorts = (): Promise<unknown> => lab.sh('umount "$1/mnt"', jail.root);

  it('by a shell of the host refuse a live change that could not be set aside, and none that can go back otherwise', async () => {
    await startJail();
    const first = await jid();
    await standIn(`${jail.root}/usr`);
    try {
      const refused = await jail.jtx('install', 'postfail');
      expect([refused.status, refused.code], refused.stdout).toEqual([3, 'root-busy']);
      expect(refused.stdout).toContain('--on-data discard');
      expect((await jail.jtx('install', 'postfail', '--plan')).status).toBe(0);
      expect(await jid()).toBe(first);
      const failed = await jail.jtx('install', 'postfail', '--on-data', 'discard', '--keep-failed');
      expect([failed.status, failed.state], failed.stdout).toEqual([4, 'rolled-back']);
      expect([await jail.packages(), await runs()]).toEqual([[], true]);
    } finally {
      await leave();
    }
  });

  it('by what the host has mounted below them refuse a live change and a rollback, and the jail is not stopped', async () => {
    await startJail();
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    const first = await jid();
    await mountPorts();
    try {
      for (const words of [['install', 'postfail'], ['rollback']] as const) {
        const [verb, ...more] = words;
        const refused = await jail.jtx(verb, ...more);
        expect([refused.status, refused.code], refused.stdout).toEqual([3, 'root-busy']);
        expect(refused.stdout).toContain(`umount ${jail.root}/mnt`);
      }
      expect(await jid()).toBe(first);
      expect((await jail.jtx('install', 'libfoo', '--on-data', 'discard')).status).toBe(0);
      await lab.must('service jail onestop web');
      expect((await jail.jtx('rollback')).code).toBe('root-busy');
    } finally {
      await unmountPorts();
    }
  });

  it('by a shell that came while a live change failed leave the jail running, and recovery goes on once it has gone', async () => {
    await startJail();
    const first = await jid();
    const probe = `/bin/sh -c "touch /root/probed; while [ ! -e /root/go ]; do sleep 0.2; done; false"`;
    await lab.must(
      '( jtx install web tiny --json --verify "$2" > "$LAB/failing" 2>/dev/null </dev/null; mv "$LAB/failing" "$LAB/failed" ) >/dev/null 2>&1 </dev/null &\n while [ ! -e "$1/root/probed" ]; do sleep 0.1; done',
      jail.root,
      probe,
    );
    await standIn(`${jail.root}/usr`);
    try {
      const said = await lab.must(
        'touch "$1/root/go"; while [ ! -e "$LAB/failed" ]; do sleep 0.1; done; cat "$LAB/failed"',
        jail.root,
      );
      const { state, error } = JSON.parse(said).transaction;
      expect([state, error.code], said).toEqual(['stuck', 'root-busy']);
      expect((await lab.run(['jtx', 'recover'])).status).toBe(5);
      expect(await jid()).toBe(first);
    } finally {
      await leave();
    }
    const recovered = await lab.run(['jtx', 'recover']);
    expect(recovered.status, recovered.stdout).toBe(0);
    expect([await jail.packages(), await runs()]).toEqual([[], true]);
  });

  it('by what nobody could know to stay start a jail again that was stopped for it', async () => {
    const hook = 's|^web {|web {\\n  exec.poststop = "true";|';
    await lab.must('cp "$LAB/jail.conf" "$LAB/jail.conf.good"; sed -i "$1" "$LAB/jail.conf"', hook);
    await startJail();
    await mountPorts();
    try {
      const failed = await jail.jtx('install', 'postfail');
      expect([failed.status, failed.state, failed.code], failed.stdout).toEqual([5, 'stuck', 'root-busy']);
      expect(failed.stdout).toContain('web runs again, as it was');
      expect(await runs()).toBe(true);
      // All of it is mounted as before.
      expect(await lab.must('cat "$1/usr/local/www/first"', jail.root)).toBe('of web\n');
    } finally {
      await unmountPorts();
      await lab.must('mv "$LAB/jail.conf.good" "$LAB/jail.conf"');
    }
    const recovered = await lab.run(['jtx', 'recover']);
    expect(recovered.status, recovered.stdout).toBe(0);
    expect([await jail.packages(), await runs()]).toEqual([[], true]);
  });

  it('are none of those in which jtx itself was started, by paths that are relative', async () => {
    await startJail();
    await lab.must('echo > "$1/root/own.conf"', jail.root);
    const failed = await lab.sh(
      'cd "$1/root" && JTX_CONFIG="$(realpath --relative-to=. "$LAB/jtx.toml")" exec jtx install web postfail --json --pkg-config own.conf',
      jail.root,
    );
    expect(failed.status, failed.stdout).toBe(4);
    expect([await jail.packages(), await runs()]).toEqual([[], true]);
  });
});
