import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BackupLab, type Outcome } from '../backup/backup-lab.ts';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';

/** A backup from long ago that nobody made here: only a property would say that jtx did. */
const old = 'jtx-backup-01ARZ3NDEKTSV4RRFFQ69G5FAV';

const forget = `
for snapshot in $(zfs list -H -r -t snapshot -o name "$LAB_POOL/jails"); do zfs release jtx-to-disk "$snapshot" 2>/dev/null; done
zfs list -H -r -t bookmark -o name "$LAB_POOL/jails" 2>/dev/null | while read -r name; do zfs destroy "$name"; done
for tree in jails/evil/data disk; do for try in 1 2 3 4 5; do zfs destroy -r "$LAB_POOL/$tree" 2>/dev/null && break; sleep 0.2; done; done
for snapshot in $(zfs list -H -t snapshot -o name -r "$LAB_POOL/jails/evil"); do zfs destroy "$snapshot"; done
`;

describe('a jail that writes lines about others into the properties of a dataset that it was given', {
  timeout: deadline(240_000),
}, () => {
  const lab = openForTests(new BackupLab());
  // What is held keeps a jail from its state.
  beforeEach(() => lab.sh(forget));
  const web = jailForTests(lab, 'web');
  let evil: string;
  beforeAll(async () => {
    evil = `${lab.pool}/jails/evil/data`;
    await lab.must(
      `zfs create "$LAB_POOL/jails/evil"; echo 1 > "$LAB_JAILS/evil/file"
       printf 'evil {\\n path = %s/evil;\\n persist;\\n}\\n' "$LAB_JAILS" >> "$LAB/jail.conf"`,
    );
  });
  /** A place for backups, and no more than one of each jail here. */
  async function configure(): Promise<void> {
    await lab.targets({ disk: await lab.place('disk') });
    await lab.must(`printf '[retention]\\nbackups = "last 1"\\n' >> "$LAB/jtx.toml"`);
  }

  /** As its root could from within: on Linux no zfs(8) is there. */
  async function writes(texts: Readonly<Record<string, string>>): Promise<void> {
    const { mountpoint = 'none', ...others } = texts;
    await lab.must('zfs create -o canmount=noauto -o mountpoint="$2" "$1"', evil, mountpoint);
    for (const [name, text] of Object.entries(others))
      await lab.must('zfs set "$2=$3" "$1"', evil, name, text);
    await lab.must('zfs set zoned=on "$1"', evil);
    // The real one prints them as they are.
    expect(await lab.must('zfs get -Hp all "$1" | wc -l', evil)).not.toBe('0\n');
  }
  const resultOf = ({ results }: Outcome, jail: string): unknown[] =>
    results.filter((result) => result.jail === jail).map(({ state, message }) => [state, message]);
  /** A line of `zfs get`, with its columns in the order of today and of any other day. */
  const line = (name: string, property: string, value: string): string =>
    `\n${name}\t${property}\tlocal\t${value}\n${name}\t${property}\t${value}\tlocal`;

  it('leaves no other out of a backup, and adds nothing to what is said of it', async () => {
    await configure();
    await lab.must('date +%N > "$1/state"', web.root);
    await writes({
      'jtx:backup': `on${line(web.dataset, 'jtx:backup', 'off')}`,
      'jtx:backup-of': `{}${line(web.dataset, 'jtx:backup', 'off')}${line(web.dataset, 'mountpoint', '/etc')}`,
      'x:y': `1${line(web.dataset, 'x:forged', '1')}\n${web.dataset}\ttype\t-\tfilesystem`,
    });
    const outcome = await lab.backup();
    expect(resultOf(outcome, 'web'), outcome.stdout).toEqual([['sent', null]]);
    expect(resultOf(outcome, 'evil'), outcome.stdout).toEqual([['sent', null]]);
    const said = await lab.must('zfs get -H -o value jtx:backup-of "$LAB_POOL/disk/web"');
    expect(said).toContain('"jail":"web"');
    expect(said).not.toMatch(/forged|etc/);
  });

  it('is not backed up itself where what it has cannot be told, and the others are', async () => {
    await configure();
    await lab.must('date +%N > "$1/state"', web.root);
    await writes({ mountpoint: `/x${line(evil, 'quota', '0')}` });
    const outcome = await lab.backup();
    expect(resultOf(outcome, 'web'), outcome.stdout).toEqual([['sent', null]]);
    expect(resultOf(outcome, 'evil'), outcome.stdout).toEqual([
      ['failed', expect.stringContaining(`what ${evil} has of its own cannot be told`)],
    ]);
  });

  it('makes no snapshot of another one of jtx', async () => {
    const there = async (): Promise<boolean> =>
      (await lab.run(['zfs', 'list', `${web.dataset}@${old}`])).status === 0;
    const prune = async (): Promise<void> => {
      const ended = await lab.run(['jtx', 'prune', '--json']);
      expect(ended.status, ended.stdout + ended.stderr).toBe(0);
    };
    await configure();
    await lab.must('date +%N > "$1/state"; zfs snapshot "$2@$3"', web.root, web.dataset, old);
    const claim = line(`${web.dataset}@${old}`, 'jtx:backup', old.slice('jtx-backup-'.length));
    await writes({ mountpoint: `/x${claim}`, 'jtx:backup-of': `{}${claim}` });
    expect((await lab.backup('web')).status).toBe(0);
    await prune();
    expect(await there()).toBe(true);
    // It is that property alone which it lacks.
    await lab.must('zfs set jtx:backup="$2" "$1"', `${web.dataset}@${old}`, old.slice('jtx-backup-'.length));
    await prune();
    expect(await there()).toBe(false);
  });

  it('has no say in where another lies that is set aside', async () => {
    await lab.must('mkdir -p "$LAB/elsewhere"; zfs snapshot -r "$1@others"', web.dataset);
    const row = (name: string, mountpoint: string): string =>
      [name, 'filesystem', '-', 'no', 'noauto', 'none', 'none', 'none', 'none', mountpoint].join('\t');
    const made = `${row(web.dataset, `${lab.directory}/elsewhere`)}\t${web.dataset}`;
    await writes({ mountpoint: `/x\t${evil}\n${made}\n${row(evil, '/x')}` });
    const failed = await web.jtx('install', 'postfail');
    expect([failed.status, failed.state], failed.stdout).toEqual([4, 'rolled-back']);
    expect(await lab.must('zfs get -H -o value mountpoint "$1"', web.dataset)).toBe(`${web.root}\n`);
    const back = await web.jtx('rollback', `${web.dataset}@others`);
    expect([back.status, back.state], back.stdout).toEqual([0, 'committed']);
    expect(await lab.must('zfs get -H -o value mountpoint "$1"', web.dataset)).toBe(`${web.root}\n`);
    expect(await lab.must('ls -A "$LAB/elsewhere"')).toBe('');
    const listed = await lab.run(['jtx', 'aside', '--json']);
    expect(listed.status, listed.stdout + listed.stderr).toBe(0);
    expect(listed.stdout).not.toContain('elsewhere');
  });
});
