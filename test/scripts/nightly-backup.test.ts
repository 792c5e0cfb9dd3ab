import { beforeAll, describe, expect, test } from 'vitest';
import { openForTests } from '../lab/for-tests.ts';
import { type Ended, Lab } from '../lab/open-lab.ts';
import { script, shells, standInJtx } from './freebsd-etc.ts';

const lab = openForTests(new Lab());

beforeAll(async () => {
  await lab.must('mkdir "$LAB/tmp" "$LAB/metrics"; cp "$LAB/jtx.toml" "$LAB/jtx.toml.base"');
});

describe.each(shells)('under $name', ({ name, words }) => {
  function nightly(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
    const TMPDIR = `${lab.directory}/tmp`;
    return lab.run([...words, script('nightly-backup'), ...args], {
      environment: { TMPDIR, ...environment },
    });
  }

  /** The lab's jtx is not asked: how the script treats what any jtx says is tested without it. */
  function withStandIn(args: readonly string[]): Promise<Ended> {
    return nightly(args, { PATH: `${lab.directory}/stand-in:${lab.environment['PATH']}` });
  }

  beforeAll(async () => {
    await lab.must(
      `set -e
      rm -rf "$LAB/journal" "$LAB"/metrics/* "$LAB/files" "$LAB/night.log"
      cp "$LAB/jtx.toml.base" "$LAB/jtx.toml"
      zfs create "$LAB_POOL/backups-$1"`,
      name,
    );
  });

  test('without a target it says so and fails', async () => {
    const ended = await nightly([]);
    expect(ended.status).toBe(3);
    expect(ended.stdout).toContain('no place for backups is configured');
  });

  test('all is well: a line, and nothing is left', async () => {
    await lab.must(
      `cat >> "$LAB/jtx.toml" <<EOF
[[backup.targets]]
name = "disk"
to = "$LAB_POOL/backups-$1"
[[backup.targets]]
name = "files"
to = "$LAB/files"
EOF
      mkdir "$LAB/files"`,
      name,
    );
    const ended = await nightly(['-l', `${lab.directory}/night.log`]);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    const lines = ended.stdout.trimEnd().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^Backup \w{26}: 4 sent, 0 unchanged\.$/),
      'Nothing was destroyed.',
    ]);
    expect(await lab.must('ls "$LAB/tmp"')).toBe('');

    const log = await lab.must('cat "$LAB/night.log"; stat -c %a "$LAB/night.log"');
    expect(log).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d jtx recover: 0\nNothing to recover\.\n/);
    expect(log).toMatch(/\d\d:\d\d:\d\d jtx backup: 0\n[\s\S]* {2}web to disk: .*\n[\s\S]*\n600\n$/);
    expect(log).toMatch(/\d\d:\d\d:\d\d jtx prune: 0\nNothing was destroyed\.\n/);
    expect((await lab.run(['jtx', 'backup', '--status'])).status).toBe(0);
  });

  test('what a retention lets go goes, and that is a line too', async () => {
    await lab.must(
      `cp "$LAB/jtx.toml" "$LAB/kept.toml"
      awk '{ print } /^to = /{ print "keep = \\"last 1\\"" }' "$LAB/kept.toml" > "$LAB/jtx.toml"
      printf '[retention]\nbackups = "last 1"\n' >> "$LAB/jtx.toml"
      for jail in web postgresql; do echo "$1" > "$LAB_JAILS/$jail/root/changed"; done; sync`,
      name,
    );
    const ended = await nightly([]);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    const lines = ended.stdout.trimEnd().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^Backup \w{26}: 4 sent, 0 unchanged\.$/),
      expect.stringMatching(/^Pruned: [1-9]\d* of \d+ backups\.$/),
    ]);
    await lab.must('mv "$LAB/kept.toml" "$LAB/jtx.toml"');
  });

  test('metrics are written as a whole, for everybody to read', async () => {
    const file = `${lab.directory}/metrics/jtx.prom`;
    const ended = await nightly(['-p', file]);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(await lab.must('ls -A "$LAB/metrics"; stat -c %a "$1"', file)).toBe('jtx.prom\n644\n');
    const metrics = await lab.must('cat "$1"', file);
    expect(metrics).toContain('jtx_backup_failed{jail="web",target="disk"} 0\n');
    expect(metrics).toMatch(/\njtx_backup_status_timestamp_seconds [\d.]+\n$/);
  });

  test('one target that fails is told with all there is to know; the other has its backup', async () => {
    await lab.must('mv "$LAB/files" "$LAB/away"');
    const file = `${lab.directory}/metrics/jtx.prom`;
    const ended = await nightly(['-p', file]);
    expect(ended).toMatchObject({ status: 5, stderr: '' });
    expect(ended.stdout).toContain('jtx recover: 0\n  Nothing to recover.\njtx backup: 5\n');
    expect(ended.stdout).toMatch(/ {2}web to files FAILED: there is no directory .*\n/);
    expect(ended.stdout).toContain('jtx prune: 0\n');
    const metrics = await lab.must('cat "$1"', file);
    expect(metrics).toContain('jtx_backup_failed{jail="web",target="files"} 1\n');
    expect(metrics).toContain('jtx_backup_failed{jail="web",target="disk"} 0\n');
    await lab.must('mv "$LAB/away" "$LAB/files"');
  });

  test('where nothing can be found out, the metrics from before stay as they are', async () => {
    const file = `${lab.directory}/metrics/jtx.prom`;
    const before = await lab.must('cat "$1"', file);
    await lab.must('cp "$LAB/jtx.toml" "$LAB/kept.toml"; echo "nonsense = 1" > "$LAB/jtx.toml"');
    const ended = await nightly(['-p', file]);
    expect(ended.status).toBe(3);
    expect(ended.stderr).toContain(`${file} was not written`);
    expect(await lab.must('ls -A "$LAB/metrics"; cat "$1"', file)).toBe(`jtx.prom\n${before}`);
    await lab.must('mv "$LAB/kept.toml" "$LAB/jtx.toml"');
  });

  test('verbs are called in their order, and the worst exit status counts', async () => {
    await lab.must(`${standInJtx} echo 5 > "$LAB/stand-in/recover"; echo 3 > "$LAB/stand-in/prune"`);
    const ended = await withStandIn(['-c', '2']);
    expect(ended).toMatchObject({ status: 5, stderr: '' });
    expect(await lab.must('cat "$LAB/stand-in/calls"')).toBe(
      'recover\nbackup\nprune\ncheck-backup --sample 2\n',
    );
    expect(ended.stdout.match(/^jtx \S+: \d+$/gm)).toEqual([
      'jtx recover: 5',
      'jtx backup: 0',
      'jtx prune: 3',
      'jtx check-backup: 0',
    ]);
  });

  test('what recovery did is told though all is well', async () => {
    await lab.must(standInJtx);
    const ended = await withStandIn([]);
    expect(ended).toEqual({
      status: 0,
      stdout: 'jtx recover says this\nand that\nand that\nand that\n',
      stderr: '',
    });
    expect(await lab.must('cat "$LAB/stand-in/calls"')).not.toContain('check-backup');
  });

  test('a log that cannot be written is told', async () => {
    await lab.must(standInJtx);
    const ended = await withStandIn(['-l', '/nowhere/night.log']);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('/nowhere/night.log');
  });

  test.each([[['-x']], [['word']], [['-p']], [['-c']]])(
    '%j is refused before anything is done',
    async (args) => {
      await lab.must(standInJtx);
      const ended = await withStandIn(args);
      expect(ended.status).toBe(2);
      expect(ended.stderr).toContain('nightly-backup [-c COUNT] [-l LOG] [-p FILE]');
      expect(await lab.sh('[ -e "$LAB/stand-in/calls" ]')).toMatchObject({ status: 1 });
    },
  );
});
