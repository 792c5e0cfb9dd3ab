import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openForTests } from '../for-tests.ts';
import { type Ended, Lab } from '../open-lab.ts';
import { skippedOnFreebsd } from './skipped.ts';

// FreeBSD's lab in that of Linux, whose zfs, jail, jls, jexec, mount, devfs, sysctl and pkg behave like FreeBSD's. What
// else it uses of FreeBSD is stood in for by stand-ins/.
const lab = openForTests(new Lab());

beforeAll(async () => {
  // The lock is this lab's alone.
  await lab.must(`mkdir "$LAB/inner"; touch "$LAB/lock" /run/jtx-lab.lock
    /bin/mount --bind "$LAB/lock" /run/jtx-lab.lock`);
});

const environment = `
PATH=$LAB_TOP/test/lab/freebsd/stand-ins:$PATH TMPDIR=$LAB/inner JTX_LAB_SYSTEM_ROOT=$LAB_BASE JTX_LAB_PKG=$LAB/bin/pkg
export PATH TMPDIR JTX_LAB_SYSTEM_ROOT JTX_LAB_PKG LAB_POOL_SIZE=1G
outer=$LAB lab=$LAB_TOP/scripts/lab
`;

/** Runs a script of bash in which "$lab" is FreeBSD's scripts/lab. */
function freebsd(script: string): Promise<Ended> {
  return lab.sh(environment + script);
}

/** Whatever labs have left in the machine that is FreeBSD here. */
function left(): Promise<string> {
  return lab.must(`
    ls -A "$LAB/inner"
    zpool status | grep -o "$LAB/inner[^ ]*"
    jls name
    mount | grep "$LAB/inner"
    ps -eo args | grep "[r]epository-server.js $LAB/inner"
    true`);
}

describe('scripts/lab on FreeBSD', () => {
  it('has a pool in a file and two jails, in which jtx works, and leaves nothing', async () => {
    const { status, stdout, stderr } = await freebsd(`
      "$lab" sh -c '
        set -e
        jtx install web tiny > /dev/null
        pkg -c "$LAB_JAILS/web" query "installed %n %q" tiny
        jtx rollback web > /dev/null
        ls "$LAB_JAILS/web/usr/local/share/tiny" 2> /dev/null || echo gone
        zfs list -H -o name -r "$LAB_POOL/jails" | sed "s|^$LAB_POOL/||" | grep -v aside
        cat "$LAB_JAILS/postgresql/var/db/postgres/first"
        zpool status "$LAB_POOL" | grep -c "$LAB/disk"'`);
    expect({ status, stderr: stderr.match(/lab: .*/g) }).toEqual({ status: 0, stderr: null });
    expect(stdout.trim().split('\n')).toEqual([
      'installed tiny FreeBSD:14:amd64',
      'gone',
      'jails',
      'jails/postgresql',
      'jails/postgresql/data',
      'jails/web',
      'jails/web/www',
      'of postgresql',
      '1',
    ]);
    expect(await left()).toBe('');
  });

  it('reverts a package whose script fails, and starts and stops jails of its own jail.conf', async () => {
    const { status, stdout } = await freebsd(`
      "$lab" sh -c '
        manifest "$LAB_JAILS/web" > "$LAB/before"
        jtx install web postfail > /dev/null 2>&1; echo "status $?"
        manifest "$LAB_JAILS/web" | cmp - "$LAB/before" && echo same
        service jail onestart web && jls name
        jtx install web postfail --stop > /dev/null 2>&1; echo "status $?"; jls name
        service jail onestop web; jls name'`);
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toEqual([
      'status 4',
      'same',
      'web: created',
      'web',
      'status 4',
      'web',
      'web: removed',
    ]);
  });

  it('gives its command what comes in, and ends with its status', async () => {
    const piped = await freebsd(`echo 'echo "pool $LAB_POOL"; exit 3' | "$lab"`);
    expect(piped).toMatchObject({ status: 3, stdout: expect.stringMatching(/^pool zroot-\w+\n$/) });
    expect((await freebsd(`"$lab" sh -c 'kill -9 $$'`)).status).toBe(137);
    expect((await freebsd('"$lab" --zfs fuse true')).status).toBe(2);
    expect(await left()).toBe('');
  });

  it('cleans up behind a command that leaves a jail running and file systems mounted', async () => {
    const { status } = await freebsd(`
      "$lab" sh -c '
        service jail onestart web && jexec web sh -c "sleep 1000 > /dev/null 2>&1 &"
        mkdir "$LAB_JAILS/postgresql/over" && mount -t nullfs /etc "$LAB_JAILS/postgresql/over"
        mount -t devfs -o ruleset=4 devfs "$LAB_JAILS/postgresql/dev"
        exit 5'`);
    expect(status).toBe(5);
    expect(await left()).toBe('');
  });

  it.each(['TERM', 'HUP'])('passes SIG%s on, waits for the command and cleans up', async (signal) => {
    const { status, stdout } = await freebsd(`
      "$lab" sh -c 'trap "sleep 0.3; echo got it; exit 9" ${signal}; touch "$1/up"; while :; do sleep 0.1; done' sh "$outer" &
      while [ ! -e "$outer/up" ]; do sleep 0.1; done
      rm "$outer/up"; kill -${signal} $!; wait $!`);
    expect({ status, stdout }).toEqual({ status: 9, stdout: 'got it\n' });
    expect(await left()).toBe('');
  });

  it('ends in an interrupt while it is made', async () => {
    const { status } = await freebsd(`
      setsid env --default-signal=INT "$lab" touch "$outer/begun" &
      while ! zpool list -H -o name | grep -qvx "$LAB_POOL"; do sleep 0.02; done
      kill -INT $!; wait $!`);
    expect(status).toBe(130);
    expect(await lab.must('ls "$LAB/begun" 2>/dev/null || echo absent')).toBe('absent\n');
    expect(await left()).toBe('');
  });

  it('removes what one left that was killed', async () => {
    const killed = await freebsd(`
      "$lab" sh -c 'service jail onestart web > /dev/null; touch "$1/up"; exec sleep 20' sh "$outer" &
      while [ ! -e "$outer/up" ]; do sleep 0.1; done
      rm "$outer/up"; kill -KILL $!; wait $!; pkill -fx 'sleep 20'`);
    expect(killed.status).toBe(0);
    expect(await left()).not.toBe('');
    expect((await freebsd('"$lab" true')).status).toBe(0);
    expect(await left()).toBe('');
  });

  it('waits until another one has ended', async () => {
    const { status, stdout, stderr } = await freebsd(`
      "$lab" sh -c 'touch "$1/up"; sleep 2; echo first' sh "$outer" &
      while [ ! -e "$outer/up" ]; do sleep 0.1; done
      rm "$outer/up"; "$lab" echo second`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'first\nsecond\n' });
    expect(stderr).toContain('lab: waits for another one to end');
  });

  it('ends in a signal while it waits', async () => {
    const { status, stdout } = await freebsd(`
      "$lab" sh -c 'touch "$1/up"; while [ ! -e "$1/end" ]; do sleep 0.1; done' sh "$outer" &
      first=$!; while [ ! -e "$outer/up" ]; do sleep 0.1; done
      rm "$outer/up"; "$lab" echo second &
      second=$!; while [ "$(ls "$outer/inner" | wc -l)" -lt 2 ]; do sleep 0.1; done
      sleep 0.5; kill -TERM $second; wait $second; echo $?; ls "$outer/inner" | wc -l | tr -d ' '
      pgrep -f "lockf?.* sh $outer/inner" | wc -l
      touch "$outer/end"; wait $first`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '143\n1\n1\n' });
    expect(await left()).toBe('');
  });

  it('leaves a jail of the host alone that has a name of its own', async () => {
    const { status, stderr } = await freebsd(`
      jail -c name=web path="$LAB_JAILS/web" persist
      "$lab" true; status=$?
      jls name; jail -R web; exit $status`);
    expect(status).toBe(1);
    expect(stderr).toContain('lab: a jail of this host has the name web');
    expect(await left()).toBe('');
  });

  it('stays open with --keep until it is dropped, and no other opens meanwhile', async () => {
    const kept = await freebsd(`"$lab" --keep sh -c 'echo "$LAB"; exit 4'`);
    const directory = kept.stdout.trim();
    expect(kept.status).toBe(4);
    expect(kept.stderr).toContain(`${directory}/enter [COMMAND...]\n  ${directory}/drop\n`);
    const entered = await freebsd(
      `'${directory}/enter' sh -c 'zfs list -H -o mountpoint "$LAB_POOL/jails/web"; jtx install web tiny > /dev/null; echo $?'`,
    );
    expect(entered.stdout).toBe(`${directory}/jails/web\n0\n`);
    const other = await freebsd('"$lab" true');
    expect(other).toMatchObject({ status: 1, stderr: expect.stringContaining(`${directory}/drop ends it`) });
    expect((await freebsd(`'${directory}/drop'`)).status).toBe(0);
    expect(await left()).toBe('');
  });
});

describe('the base of a jail', () => {
  it('has the programs, libraries and accounts of the system, and nothing large or of people', async () => {
    const made = await lab.must(
      `${environment}
       from=$LAB/system to=$LAB/root
       mkdir -p "$from/bin" "$from/usr/bin" "$from/usr/lib/debug" "$from/etc/rc.d" "$from/etc/ssh" "$to"
       echo sh > "$from/bin/sh"; chmod 4755 "$from/bin/sh"; ln "$from/bin/sh" "$from/bin/same"; ln -s clang "$from/usr/bin/cc"
       truncate -s 5M "$from/usr/bin/clang" "$from/usr/lib/libc++.so.1"
       touch "$from/usr/lib/libc.a" "$from/usr/lib/debug/sh.debug" "$from/etc/rc" "$from/etc/rc.d/cron" "$from/etc/ssh/key"
       printf '%s\\n' '# comment' 'root:$6$x:0:0::0:0:Charlie:/root:/usr/local/bin/bash' \\
         'alice:$6$y:1001:1001::0:0:Alice:/home/alice:/bin/sh' 'nobody:*:65534:65534::0:0::/:/usr/sbin/nologin' > "$from/etc/master.passwd"
       printf '%s\\n' 'wheel:*:0:root,alice' 'staff:*:1001:alice' 'nobody:*:65534:' > "$from/etc/group"
       "$LAB_TOP/test/lab/freebsd/make-root" "$from" "$to"
       cd "$to"; find bin usr/bin usr/lib etc -type f -o -type l | sort; stat -c %a bin/sh etc/master.passwd
       cat etc/master.passwd etc/group`,
    );
    expect(made.trim().split('\n')).toEqual([
      'bin/same',
      'bin/sh',
      'etc/fstab',
      'etc/group',
      'etc/master.passwd',
      'etc/passwd',
      'etc/rc',
      'etc/rc.conf',
      'etc/rc.d/cron',
      'usr/bin/cc',
      'usr/lib/libc++.so.1',
      '4755',
      '600',
      'root:*:0:0::0:0:Charlie:/root:/bin/sh',
      'nobody:*:65534:65534::0:0::/:/usr/sbin/nologin',
      'wheel:*:0:',
      'nobody:*:65534:',
    ]);
  });
});

describe('the tests that FreeBSD skips', () => {
  it('exist', () => {
    expect(Object.keys(skippedOnFreebsd).filter((path) => !existsSync(path))).toEqual([]);
  });
});
