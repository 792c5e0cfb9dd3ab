import { beforeAll, describe, expect, it } from 'vitest';
import { openForTests } from '../lab/for-tests.ts';
import { JailUnderTest } from '../lab/jail-under-test.ts';
import { Lab } from '../lab/open-lab.ts';

const prepare = `
zfs create "$LAB_POOL/bk"
cp "$LAB/jtx.toml" "$LAB/jtx.toml.base"
cat > "$LAB/targets" <<T
[[backup.targets]]
name = "disk"
to = "$LAB_POOL/bk"
T
cat "$LAB/targets" >> "$LAB/jtx.toml"
jtx backup web
`;

/** Takes the jail away as a person does: the snapshots that backups need are held. */
const destroy = `
for s in $(zfs list -H -t snapshot -o name -r "$LAB_POOL/jails/web"); do zfs release jtx-to-disk "$s" 2>/dev/null; done
for i in $(seq 50); do zfs destroy -r "$LAB_POOL/jails/web" 2>/dev/null && break; sleep 0.1; done
! zfs list "$LAB_POOL/jails/web" 2>/dev/null
`;

describe('a jail that is not there any more', () => {
  const lab = openForTests(new Lab());
  const jail = new JailUnderTest(lab, 'web');
  let then = '';
  beforeAll(async () => {
    then = await jail.manifest();
    await lab.must(prepare);
  });

  it('comes back over the empty directory that was its mount point', async () => {
    await lab.must(`${destroy}\nmkdir -p "$1"`, jail.root);
    const done = await jail.jtx('restore');
    expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
    expect(await jail.manifest()).toBe(then);
  });

  it('comes back to where jail.conf says that it lies', async () => {
    await lab.must(
      `${destroy}\nrmdir "$1" 2>/dev/null\nsed -i 's|^jails_root.*|jails_root = "/none"|' "$LAB/jtx.toml"`,
      jail.root,
    );
    const done = await jail.jtx('restore');
    expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
    expect(await jail.manifest()).toBe(then);
  });

  it('has no place where no dataset is mounted', async () => {
    const refused = await lab.run(['jtx', 'restore', 'web', '--as', 'other', '--json']);
    expect([refused.status, JSON.parse(refused.stdout).error.code]).toEqual([3, 'no-place']);
  });

  it('is refused the place of a dataset that is mounted elsewhere', async () => {
    await lab.must(
      'cat "$LAB/jtx.toml.base" "$LAB/targets" > "$LAB/jtx.toml"; zfs create -o mountpoint=none "$LAB_POOL/jails/other"',
    );
    const refused = await lab.run(['jtx', 'restore', 'web', '--as', 'other', '--json']);
    expect([refused.status, JSON.parse(refused.stdout).error.code]).toEqual([3, 'place-taken']);
  });
});

describe('a jail of which a restore was cut off', () => {
  const lab = openForTests(new Lab());
  const jail = new JailUnderTest(lab, 'web');
  beforeAll(() => lab.must(prepare));

  it('is refused a plan, which takes nothing away, and is restored', async () => {
    const id = '01K7A0000000000000000000A1';
    const left = `${jail.dataset}.restore-${id}`;
    await lab.must('zfs create -o mountpoint=none -o jtx:receiving="$1" "$2"', id, left);
    const refused = await jail.jtx('restore', '--plan');
    expect([refused.status, refused.code], refused.stdout).toEqual([3, 'restore-unfinished']);
    await lab.must('zfs list "$1"', left);
    const done = await jail.jtx('restore');
    expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
    expect((await lab.sh('zfs list "$1"', left)).status).not.toBe(0);
  });
});

describe('a jail that could not be set aside', () => {
  const lab = openForTests(new Lab());
  const jail = new JailUnderTest(lab, 'web');
  beforeAll(() => lab.must(prepare));

  it('is refused before anything is received, and in the plan', async () => {
    await lab.must('cd "$1"; sleep 300 >/dev/null 2>&1 & echo $! > "$LAB/sleeper"', jail.root);
    for (const options of [['--plan'], []]) {
      const refused = await jail.jtx('restore', ...options);
      expect([refused.status, refused.code], refused.stdout).toEqual([3, 'root-busy']);
      expect(refused.stderr).not.toContain('receiving');
    }
    await lab.must('kill "$(cat "$LAB/sleeper")"');
  });
});
