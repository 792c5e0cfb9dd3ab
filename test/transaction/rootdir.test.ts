import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage } from '../lab/own-repository.ts';
import { expectNothingLeft } from './rows.ts';

/** A script that tells where it ran, and by what root it was told to work. */
const traces = ownPackage('traces', {
  scripts: { 'post-install': 'echo "$PKG_ROOTDIR" > "$PKG_ROOTDIR/root/ran"; exit 0' },
  luaScripts: { 'post-install': ['local f = io.open("/root/lua", "w")\nf:close()'] },
});
const slow = ownPackage('slow', {
  scripts: { 'post-install': 'touch "$PKG_ROOTDIR/root/began"; sleep 601' },
});
const failing = ownPackage('failing', { scripts: { 'post-install': 'exit 1' } });

describe('a root without a shell', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  let from: string[];
  beforeAll(async () => {
    await lab.must(
      `mkdir "$LAB/repositories.d"
       printf '%s\\n' "lab: { url: \\"$LAB_REPO_URL\\", enabled: yes }" "own: { url: \\"file://$1/repository\\", enabled: yes }" > "$LAB/repositories.d/all.conf"`,
      jail.root,
    );
    const abi = ['--abi', 'FreeBSD:14:amd64', '--osversion', '1401000'];
    from = ['--rootdir', '--repo-conf-dir', `${lab.directory}/repositories.d`, ...abi];
  });
  beforeEach(async () => {
    await addRepository(lab, jail, [traces, slow, failing]);
    // Neither a shell, nor users, nor a place for devices.
    await lab.must('cd "$1" && rm -r bin sbin usr/bin usr/sbin etc dev var/db/pkg', jail.root);
  });

  const listed = (): Promise<string> => lab.must('ls "$1/root"', jail.root);

  it('is refused as a jail, and told the way', async () => {
    const before = await jail.manifest();
    const refused = await jail.jtx('install', 'tiny', ...from.slice(1));
    expect([refused.status, refused.code], refused.stdout).toEqual([3, 'root-incomplete']);
    await lab.must('mkdir "$1/dev"', jail.root);
    expect((await jail.jtx('install', 'tiny', ...from.slice(1))).stdout).toContain('--rootdir');
    await lab.must('rmdir "$1/dev"', jail.root);
    expect((await jail.manifest()).split('\n')).toHaveLength(before.split('\n').length);
  });

  it.each([
    ['at once', []],
    ['after a rehearsal', ['--rehearse']],
  ])('is unpacked into %s, and no script of a package runs', async (_how, more) => {
    const before = await jail.manifest();
    const done = await jail.jtx('install', 'libfoo', 'tiny', 'traces', ...from, ...more);
    expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
    expect(await jail.packages()).toEqual(['libfoo-1.0', 'tiny-1.0', 'traces-1.0']);
    expect(await listed()).toBe('');
    const told = JSON.parse(done.stdout).transaction;
    expect(told.leftOut.map(({ part }: { part: string }) => part)).toEqual(['scripts', 'probes']);
    expect(told.verifications).toMatchObject([{ tier: 'check', passed: true }]);
    expect(await lab.must('jtx show "$1"', done.id ?? '')).toMatch(
      /scripts: skipped, as with --rootdir they would run on this host; probes: not possible/,
    );
    await expectNothingLeft(lab, jail, true);
    expect((await jail.jtx('rollback', '--discard')).status).toBe(0);
    expect(await jail.manifest()).toBe(before);
  });

  it('loses packages in the same way', async () => {
    expect((await jail.jtx('install', 'tiny', ...from)).state).toBe('committed');
    const done = await jail.jtx('remove', 'tiny', ...from);
    expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
    expect(await jail.packages()).toEqual([]);
  });

  it('is verified from outside, and a file that was changed is found', async () => {
    const [rootdir = '', ...rest] = from;
    const abi = rest.slice(-4);
    expect((await jail.jtx('install', 'traces', ...from)).state).toBe('committed');
    const before = await jail.manifest();
    expect((await jail.jtx('verify', ...abi)).code).toBe('root-incomplete');
    const well = await jail.jtx('verify', rootdir, ...abi);
    expect([well.status, JSON.parse(well.stdout).transaction.leftOut], well.stdout).toMatchObject([
      0,
      [{ part: 'probes' }],
    ]);
    expect(await jail.manifest()).toBe(before);
    const changed = await lab.must(
      'file=$(find "$1/usr/local/share/traces" -type f | head -1); echo changed >> "$file"; echo "$file"',
      jail.root,
    );
    const found = await jail.jtx('verify', rootdir, ...abi);
    expect(found.status, found.stdout).toBe(5);
    expect(found.stdout).toContain(changed.trim().slice(jail.root.length));
  });

  it('has scripts run on the host only where that is asked for, and that is told', async () => {
    const done = await jail.jtx('install', 'traces', ...from, '--scripts-on-host');
    expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
    expect(await lab.must('cat "$1/root/ran"', jail.root)).toBe(`${jail.root}\n`);
    const told = JSON.parse(done.stdout).transaction;
    expect(told.notes).toContain('scripts: run on the host');
    expect(told.leftOut.map(({ part }: { part: string }) => part)).toEqual(['probes']);
    expect(await lab.must('jtx show "$1"', done.id ?? '')).toContain('scripts: run on the host');
  });

  it('is as before where such a script fails', async () => {
    const before = await jail.manifest();
    const failed = await jail.jtx('install', 'failing', ...from, '--scripts-on-host');
    expect([failed.status, failed.state], failed.stdout).toEqual([4, 'rolled-back']);
    expect(await jail.manifest()).toBe(before);
    await expectNothingLeft(lab, jail, false);
  });

  it('is put right by recovery, and what ran on the host for it is ended', async () => {
    const before = await jail.manifest();
    await lab.must(
      `jtx install web slow "\${@:2}" >/dev/null 2>&1 & pid=$!
       for i in $(seq 400); do [ -e "$1/root/began" ] && break; sleep 0.05; done; [ -e "$1/root/began" ] && kill -9 $pid`,
      jail.root,
      ...from,
      '--scripts-on-host',
    );
    const recovered = await lab.run(['jtx', 'recover']);
    expect(recovered.status, recovered.stdout + recovered.stderr).toBe(0);
    expect(await lab.must('ps -eo args')).not.toContain('sleep 601');
    expect(await jail.manifest()).toBe(before);
    // What was written after the last that the journal knows is set aside, and that needs the snapshot.
    await expectNothingLeft(lab, jail, recovered.stdout.includes('.aside-'));
  });

  it('with a link that leads the host out of it is refused, and nothing is written there', async () => {
    await lab.must('mkdir "$LAB/outside"; ln -s "$LAB/outside" "$1/usr/local/share"', jail.root);
    const before = await jail.manifest();
    const refused = await jail.jtx('install', 'tiny', ...from);
    expect([refused.status, refused.code], refused.stdout).toEqual([3, 'root-unsafe']);
    expect(await lab.must('ls -A "$LAB/outside"')).toBe('');
    expect(await jail.manifest()).toBe(before);
  });

  it.each([
    [['--verify', 'true'], 3, 'probes-impossible'],
    [['--repo-conf-dir', '/nonexistent'], 3, 'file-missing'],
  ])('%j beside it is refused', async (more, status, code) => {
    const refused = await jail.jtx('install', 'tiny', ...from, ...more);
    expect([refused.status, refused.code], refused.stdout).toEqual([status, code]);
  });

  it('--scripts-on-host has no meaning without it', async () => {
    const refused = await jail.jtx('install', 'tiny', '--scripts-on-host');
    expect([refused.status, refused.code]).toEqual([2, 'usage']);
  });
});

describe('a jail that runs', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  it('is not unpacked into from outside, unless it is stopped', async () => {
    await lab.must('service jail onestart web');
    const before = await jail.manifest();
    const directory = ['--repo-conf-dir', `${jail.root}/usr/local/etc/pkg/repos`];
    const refused = await jail.jtx('install', 'tiny', '--rootdir', ...directory);
    expect([refused.status, refused.code], refused.stdout).toEqual([3, 'jail-running']);
    expect(await jail.manifest()).toBe(before);
    const done = await jail.jtx('install', 'tiny', '--rootdir', ...directory, '--stop');
    expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
    expect(await lab.must('jls -n name')).toContain('name=web');
  });
});
