import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { until } from '../lab/own-repository.ts';
import { expectNothingLeft } from './rows.ts';

// The base lies outside of the jail; bin is a link into where it is mounted.
const makeThin = `
cp -a "$1" "$LAB/base"
rm -rf "$1/bin" "$1/usr/bin"; mkdir "$1/.base"; ln -s .base/bin "$1/bin"; ln -s ../.base/usr/bin "$1/usr/bin"
printf '%s\\n' '# the base' "$LAB/base $1/.base nullfs ro 0 0" > "$LAB/fstab.web"
cp "$LAB/fstab.web" "$LAB/fstab.base"
sed -i "s|^web {|web {\\n  mount.fstab = $LAB/fstab.web;|" "$LAB/jail.conf"
zfs snapshot -r "$2@thin"
`;

describe('a thin jail', { timeout: deadline(240_000) }, () => {
  const lab = openForTests(new Lab());
  beforeAll(async () => {
    await lab.must(
      makeThin,
      `${lab.environment['LAB_JAILS']}/web`,
      `${lab.environment['LAB_POOL']}/jails/web`,
    );
  });
  const jail = jailForTests(lab, 'web');
  beforeEach(() => lab.must('cp "$LAB/fstab.base" "$LAB/fstab.web"'));

  const mounted = (): Promise<string> => lab.must('mount -t nullfs');

  it('has its base for the length of a change, read-only, and not after it', async () => {
    const words = '! touch /.base/x 2>/dev/null && test -x /bin/sh && echo based';
    const done = await jail.jtx(
      'install',
      'hello',
      '--verify',
      `/bin/sh -c '${words}'`,
      '--expect',
      '^based$',
    );
    expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
    expect(await mounted()).toBe('');
    await expectNothingLeft(lab, jail, true);
    const before = await lab.must('ls "$LAB/base"');
    expect((await jail.jtx('rollback')).status).toBe(0);
    expect(await lab.must('ls "$LAB/base"')).toBe(before);
  });

  /** Runs a command in it, and does something on the host meanwhile; gives what jtx said, and its status. */
  const during = async (words: string, meanwhile: string): Promise<string> => {
    await lab.must(
      '(jtx run web -- $1 > "$LAB/said" 2>&1; echo "$?" > "$LAB/status") >/dev/null 2>&1 & rm -f "$LAB/status"',
      words,
    );
    await until(lab, 'pgrep -fx "$1"', words);
    await lab.must(`(cd "$1/.base/usr" && ${meanwhile}) >/dev/null 2>&1 &`, jail.root);
    await until(lab, '[ -s "$LAB/status" ]');
    return lab.must('cat "$LAB/said" "$LAB/status"');
  };

  it('of which somebody on the host uses the base is not rolled back for it: the base goes later', async () => {
    const said = await during('sleep 3', 'exec sleep 618');
    expect(said).toMatch(/what was mounted: [^\n]*busy[^\n]*processes \d+/i);
    expect(said).toMatch(/web: committed[^\n]*\n5\n$/);
    expect(await mounted()).toContain('/.base');
    expect((await lab.run(['jtx', 'recover'])).status).toBe(5);
    await lab.must('pkill -fx "sleep 618"');
    expect((await lab.run(['jtx', 'recover'])).status).toBe(0);
    expect(await mounted()).toBe('');
    expect(await lab.must('jtx recover')).toBe('Nothing to recover.\n');
  });

  it('in which something of it goes on working that has its root there: that ends, and all is unmounted', async () => {
    const said = await during('sleep 4', 'exec chroot ../.. /bin/sh -c "exec sleep 619 < /dev/null"');
    expect(said).toMatch(/web: committed[^\n]*\n0\n$/);
    expect(await mounted()).toBe('');
    expect((await lab.sh('pgrep -fx "sleep 619"')).stdout).toBe('');
  });

  it('is as before after a change that failed, and its base is gone from it', async () => {
    const before = await jail.manifest();
    for (const more of [[], ['--rehearse'], ['--keep-failed']]) {
      const failed = await jail.jtx('install', 'postfail', ...more);
      expect([failed.status, failed.state], failed.stdout).toEqual([4, 'rolled-back']);
      expect(await mounted()).toBe('');
      expect(await jail.manifest()).toBe(before);
    }
  });

  it('is refused where a link would lead the mount out of the root', async () => {
    await lab.must('rmdir "$1/.base"; mkdir "$LAB/elsewhere"; ln -s "$LAB/elsewhere" "$1/.base"', jail.root);
    const refused = await jail.jtx('install', 'tiny');
    expect([refused.status, refused.code], refused.stdout).toEqual([3, 'root-unsafe']);
    expect(await mounted()).toBe('');
    expect(await lab.must('ls "$LAB/elsewhere"')).toBe('');
  });

  it('is put right by recovery, its base unmounted', async () => {
    const before = await jail.manifest();
    await lab.sh(
      'jtx install web hello >/dev/null 2>&1 & pid=$!; for i in $(seq 400); do mount -t nullfs | grep -q . && break; sleep 0.01; done; kill -9 $pid',
    );
    expect((await lab.run(['jtx', 'recover'])).status).toBe(0);
    expect(await mounted()).toBe('');
    expect(await jail.manifest()).toBe(before);
    await expectNothingLeft(lab, jail, false);
  });

  it('changes, stopped or running, where a file of the host is mounted while it runs', async () => {
    await lab.must(
      `echo "nameserver 192.0.2.1" > "$LAB/resolv.conf"; touch "$1/etc/resolv.conf"
       echo "$LAB/resolv.conf $1/etc/resolv.conf nullfs ro 0 0" >> "$LAB/fstab.web"`,
      jail.root,
    );
    const stopped = await jail.jtx('install', 'tiny');
    expect([stopped.status, stopped.state], stopped.stdout).toEqual([0, 'committed']);
    const verified = await jail.jtx('verify');
    expect(verified.status, verified.stdout).toBe(0);
    expect(await mounted()).toBe('');
    const as = 'while read -r from to type options rest; do [ "$type" != nullfs ] ||';
    await lab.must(`${as} mount -t nullfs -o ro "$from" "$to"; done < "$LAB/fstab.web"
      service jail onestart web`);
    const before = await mounted();
    try {
      const running = await jail.jtx('install', 'hello');
      expect([running.status, running.state], running.stdout).toEqual([0, 'committed']);
      expect(await mounted()).toBe(before);
    } finally {
      await lab.must(`service jail onestop web; ${as} umount "$to"; done < "$LAB/fstab.web"`);
    }
  });

  it('downloads into its own cache where it has one of the host while it runs', async () => {
    await lab.must(
      'mkdir "$LAB/cache"; echo "$LAB/cache $1/var/cache/pkg nullfs rw 0 0" >> "$LAB/fstab.web"',
      jail.root,
    );
    const done = await jail.jtx('install', 'hello');
    expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
    expect(await lab.must('ls "$LAB/cache"')).toBe('');
    expect(await lab.must('ls "$1/var/cache/pkg"', jail.root)).toContain('hello');
    expect(await mounted()).toBe('');
  });
});
