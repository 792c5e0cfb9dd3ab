import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { expectNothingLeft } from './rows.ts';

/** zfs(8) promotes nothing, and destroys nothing of `$LAB/sent`, while that is being sent. */
const sending = `
mkdir -p "$LAB/wrapped"
cat > "$LAB/wrapped/zfs" <<END
#!/bin/sh
if [ -e "$LAB/sent" ]; then
  if [ "\\$1" = promote ]; then echo "cannot promote '\\$2': dataset is busy" >&2; exit 1; fi
  for last; do :; done
  if [ "\\$1" = destroy ] && grep -qFx "\\$last" "$LAB/sent"; then echo "cannot destroy \\$last: dataset is busy" >&2; exit 1; fi
fi
exec $(command -v zfs) "\\$@"
END
chmod 755 "$LAB/wrapped/zfs"`;

interface Told {
  status: number;
  state: string;
  code: string | undefined;
  id: string;
  aside: string | null;
  warnings: string[];
}

describe('while a snapshot is being sent', { timeout: deadline(120_000) }, () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  beforeAll(() => lab.must(sending));
  beforeEach(() => lab.must('rm -f "$LAB/sent"'));

  const jtx = async (verb: string, ...words: string[]): Promise<Told> => {
    const ended = await lab.sh(`PATH="$LAB/wrapped:$PATH" jtx "$@"`, verb, 'web', '--json', ...words);
    const { transaction, error } = JSON.parse(ended.stdout);
    return { status: ended.status, code: (transaction ?? { error }).error?.code, ...transaction };
  };
  const recover = async (): Promise<number> => (await lab.sh('PATH="$LAB/wrapped:$PATH" jtx recover')).status;
  const origins = async (): Promise<string[]> =>
    (await lab.must('zfs list -H -o origin -r "$1"', jail.dataset)).trim().split('\n');
  const install = async (name: string): Promise<string> => {
    const done = await jail.jtx('install', name);
    expect(done.status, done.stdout).toBe(0);
    return done.id ?? '';
  };
  const isRunning = async (): Promise<boolean> => (await lab.sh('jls -j web')).status === 0;

  it('a rollback brings the jail back, and recovery brings its snapshots back once none is sent', async () => {
    const before = await jail.manifest();
    await install('tiny');
    await lab.must('touch "$LAB/sent"');
    const back = await jtx('rollback');
    expect([back.status, back.state, back.warnings], JSON.stringify(back)).toEqual([
      5,
      'committed',
      [expect.stringContaining('dataset is busy')],
    ]);
    expect(await jail.manifest()).toBe(before);
    expect((await origins()).every((origin) => origin.startsWith(`${back.aside}`))).toBe(true);
    expect(await recover()).toBe(5);
    expect((await lab.run(['jtx', 'status', 'web'])).stdout).toContain('unsettled');
    const dropped = await lab.sh('PATH="$LAB/wrapped:$PATH" jtx aside drop "$1" --json', back.id);
    expect([dropped.status, JSON.parse(dropped.stdout).error.code]).toEqual([3, 'aside-cloned']);
    await lab.must('rm "$LAB/sent"');
    expect(await recover()).toBe(0);
    expect(await origins()).toEqual(['-', '-']);
    expect(await jail.manifest()).toBe(before);
    await expectNothingLeft(lab, jail, true);
    expect((await lab.run(['jtx', 'aside', 'drop', back.id])).status).toBe(0);
  });

  it('a live change that fails goes back, the jail runs, and what is stopped later is not started', async () => {
    await lab.must('service jail onestart web');
    try {
      await lab.must('touch "$LAB/sent"');
      const failed = await jtx('run', '--', 'sh', '-c', 'echo x > /root/x; exit 1');
      expect([failed.status, failed.state, failed.warnings.length], JSON.stringify(failed)).toEqual([
        4,
        'rolled-back',
        1,
      ]);
      expect(await isRunning()).toBe(true);
      await lab.must('service jail onestop web; rm "$LAB/sent"');
      expect(await recover()).toBe(0);
      expect(await isRunning()).toBe(false);
      expect(await origins()).toEqual(['-', '-']);
      await expectNothingLeft(lab, jail, true);
    } finally {
      await lab.sh('service jail onestop web');
    }
  });

  it('what is to be destroyed then goes later, is no state any more, and keeps nobody from changing the jail', async () => {
    await install('tiny');
    const back = await jtx('rollback');
    await lab.must('echo "$1" > "$LAB/sent"', back.aside ?? '');
    const drop = 'PATH="$LAB/wrapped:$PATH" jtx aside drop "$1" --json';
    const dropped = await lab.sh(drop, back.id);
    expect([dropped.status, JSON.parse(dropped.stdout).transaction.state], dropped.stdout).toEqual([
      5,
      'stuck',
    ]);
    const installed = await jtx('install', 'tiny');
    expect([installed.status, installed.state], JSON.stringify(installed)).toEqual([0, 'committed']);
    expect(await jtx('rollback', back.id)).toMatchObject({ status: 3, code: 'aside-dropping' });
    expect(JSON.parse((await lab.sh(drop, back.id)).stdout).error.code).toBe('aside-dropping');
    await lab.must('rm "$LAB/sent"');
    expect(await recover()).toBe(0);
    expect((await lab.sh('zfs list "$1"', back.aside ?? '')).status).toBe(1);
  });

  it('the jail is changed, goes back and comes back meanwhile', async () => {
    const before = await jail.manifest();
    const first = await install('tiny');
    const tiny = await jail.manifest();
    await lab.must('touch "$LAB/sent"');
    const back = await jtx('rollback');
    expect((await jtx('install', 'libfoo')).state).toBe('committed');
    const again = await jtx('rollback');
    expect([again.status, again.state]).toEqual([5, 'committed']);
    expect(await jail.manifest()).toBe(before);
    const undone = await jtx('rollback', back.id);
    expect(undone.state, JSON.stringify(undone)).toBe('committed');
    expect(await jail.manifest()).toBe(tiny);
    const older = await jtx('rollback', first);
    expect(older.state, JSON.stringify(older)).toBe('committed');
    expect(await jail.manifest()).toBe(before);
    await lab.must('rm "$LAB/sent"');
    expect(await recover()).toBe(0);
    expect(await origins()).toEqual(['-', '-']);
    expect(await jail.manifest()).toBe(before);
    await expectNothingLeft(lab, jail, true);
  });

  it('a rollback in place sets aside where one of its own snapshots would have to go', async () => {
    const before = await jail.manifest();
    const first = await install('tiny');
    const second = await install('libfoo');
    await lab.must('echo "$1@jtx-$2" > "$LAB/sent"', jail.dataset, second);
    const back = await jtx('rollback', first, '--discard');
    expect([back.state, back.aside], JSON.stringify(back)).toEqual([
      'committed',
      expect.stringContaining('.aside-'),
    ]);
    expect(await jail.manifest()).toBe(before);
    await lab.must('rm "$LAB/sent"');
    expect(await recover()).toBe(0);
    expect(await origins()).toEqual(['-', '-']);
  });

  // An old zfs(8) renames nothing of which a snapshot is being sent.
  it.runIf(process.env['JTX_LAB_ZFS'] === 'openzfs')('by zfs send itself', async () => {
    await lab.must(
      `head -c 3000000 /dev/urandom > "$1/root/much"; zfs snapshot "$2@sent"; mkfifo "$LAB/pipe"
       ( zfs send "$2@sent" > "$LAB/pipe"; touch "$LAB/ended" ) > /dev/null 2>&1 < /dev/null &
       ( exec < "$LAB/pipe"; until [ -e "$LAB/read" ]; do sleep 0.2; done; exec cat ) > /dev/null 2>&1 &`,
      jail.root,
      jail.dataset,
    );
    const before = await jail.manifest();
    await install('tiny');
    await lab.must('service jail onestart web');
    const back = await jtx('rollback');
    expect([back.status, back.state, back.warnings], JSON.stringify(back)).toEqual([
      5,
      'committed',
      [expect.stringContaining('dataset is busy')],
    ]);
    expect(await isRunning()).toBe(true);
    await lab.must(
      'touch "$LAB/read"; until [ -e "$LAB/ended" ]; do sleep 0.1; done; service jail onestop web',
    );
    expect(await recover()).toBe(0);
    expect(await origins()).toEqual(['-', '-']);
    expect(await jail.manifest()).toBe(before);
  });
});
