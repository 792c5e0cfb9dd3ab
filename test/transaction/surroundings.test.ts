import { describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage, until } from '../lab/own-repository.ts';
import { expectNothingLeft } from './rows.ts';

const nosy = ownPackage('nosy', {
  scripts: {
    'post-install':
      'env | sort > /root/environment; ls /dev > /root/devices; ls -la /proc/self/fd > /root/files 2>&1 || true',
  },
});

const slow = ownPackage('slow', { scripts: { 'post-install': 'touch /root/began; sleep 601' } });

describe('the surroundings of a change', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  it('package scripts see nothing of the environment of the host but its proxy, and a restricted /dev', async () => {
    await addRepository(lab, jail, [nosy]);
    const environment = {
      SECRET_TOKEN: 'x',
      LD_PRELOAD: '',
      PKG_DBDIR: '/elsewhere',
      IFS: 'x',
      BASH_ENV: '/evil',
      HTTPS_PROXY: 'http://proxy:1',
      SSH_AUTH_SOCK: '/x',
      ABI: 'FreeBSD:9:i386',
      INSTALL_AS_USER: 'yes',
    };
    const ended = await lab.run(['jtx', 'install', 'web', 'nosy'], { environment });
    expect(ended.status, ended.stderr).toBe(0);
    const seen = await lab.must('cat "$1/root/environment"', jail.root);
    expect(seen).not.toMatch(/SECRET|BASH_ENV|SSH_|INSTALL_AS|elsewhere|i386|LAB|JTX/);
    expect(seen).toContain('HTTPS_PROXY=http://proxy:1');
    expect((await lab.must('cat "$1/root/devices"', jail.root)).split('\n')).toContain('null');
    await expectNothingLeft(lab, jail, true);
  });

  it('jtx run has no network, a clean environment, and its status decides', async () => {
    const before = await jail.manifest();
    const failed = await jail.jtx('run', '--', 'sh', '-c', 'rm -rf /usr/local/www/first /etc/rc; exit 7');
    expect([failed.status, failed.state, failed.code]).toEqual([4, 'rolled-back', 'command-failed']);
    expect(await jail.manifest()).toBe(before);
    const done = await jail.jtx(
      'run',
      '--',
      'sh',
      '-c',
      'env > /root/environment; cat /proc/net/dev > /root/net 2>/dev/null; true',
    );
    expect(done.status, done.stderr).toBe(0);
    expect(await lab.must('cat "$1/root/environment"', jail.root)).not.toMatch(/LAB|JTX/);
    await expectNothingLeft(lab, jail, true);
  });

  it('a repository named by host: the name server of the host is lent, no file of the jail is changed', async () => {
    await lab.must(
      `echo 'nameserver 127.0.0.1' > "$LAB/resolv.conf"
       ( exec "$LAB_NODE" "$LAB_TOP/dist/lab/name-server.js" 127.0.0.1 > "$LAB/names" 2>&1 </dev/null & echo $! > "$LAB/names.pid" )
       sed -i 's|127.0.0.1|packages.example.org|' "$1/usr/local/etc/pkg/repos/lab.conf"`,
      jail.root,
    );
    try {
      await until(lab, 'ss -ulnH 2>/dev/null | grep -q ":53 " || grep -q ":0035 " /proc/net/udp');
      const done = await jail.jtx('install', 'tiny');
      expect(done.status, done.stdout).toBe(0);
      expect(await lab.must('cat "$LAB/names"')).toContain('packages.example.org');
      const changed = await lab.must(
        'cd "$1" && find etc -newer usr/local/etc/pkg/repos/lab.conf ! -type d; ls etc/resolv.conf 2>/dev/null || true',
        jail.root,
      );
      expect(changed).toBe('');
    } finally {
      await lab.sh('kill "$(cat "$LAB/names.pid")"; rm -f "$LAB/resolv.conf"');
    }
    const before = await jail.manifest();
    const refused = await jail.jtx('install', 'libfoo');
    expect([refused.status, refused.state], refused.stdout).toEqual([3, 'refused']);
    expect(await jail.manifest()).toBe(before);
  });

  it('a jail goes on running while it is changed, and its probes run inside it', async () => {
    await lab.must('service jail onestart web');
    const first = await lab.must('jls -n jid name | grep name=web');
    const done = await jail.jtx('install', 'tiny', '--verify', 'hostname', '--expect', '^web.lab$');
    expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
    expect(await lab.must('jls -n jid name | grep name=web')).toBe(first);
    expect(await jail.packages()).toEqual(['tiny-1.0']);
    const [row] = JSON.parse((await lab.run(['jtx', 'history', '--json'])).stdout).transactions;
    expect(row.ran).toBe(true);
  });

  it('a jail that runs is not touched for a refusal, for nothing to do, or for a plan', async () => {
    await lab.must('service jail onestart web');
    const first = await lab.must('jls -n jid name | grep name=web');
    const before = await jail.manifest();
    expect((await jail.jtx('install', 'nosuch')).status).toBe(3);
    expect((await jail.jtx('install', 'tiny', 'confl')).code).toBe('request-dropped');
    expect((await jail.jtx('upgrade')).state).toBe('unchanged');
    expect((await jail.jtx('install', 'hello', '--plan')).state).toBe('unchanged');
    expect(await jail.manifest()).toBe(before);
    expect(await lab.must('jls -n jid name | grep name=web')).toBe(first);
    await expectNothingLeft(lab, jail, false, true);
  });

  it('what a jail wrote while a change of it failed is set aside, and the jail runs again', async () => {
    await lab.must('service jail onestart web');
    const failed = await jail.jtx('install', 'postfail');
    expect([failed.status, failed.state]).toEqual([4, 'rolled-back']);
    expect(await lab.must('jls -n name')).toContain('name=web');
    expect(await jail.packages()).toEqual([]);
    expect(await lab.must('zfs list -H -o name')).toContain(`${jail.dataset}.aside-${failed.id}`);
  });

  it('a rehearsal that fails has touched nothing, and its clone can be kept', async () => {
    await lab.must('service jail onestart web');
    const first = await lab.must('jls -n jid name | grep name=web');
    const before = await jail.manifest();
    const failed = await jail.jtx('install', 'postfail', '--rehearse');
    expect([failed.status, failed.state]).toEqual([4, 'rolled-back']);
    expect(await jail.manifest()).toBe(before);
    await expectNothingLeft(lab, jail, false, true);
    const kept = await jail.jtx('install', 'postfail', '--rehearse', '--keep-failed');
    expect(kept.status).toBe(4);
    expect(await lab.must('jls -n jid name | grep name=web')).toBe(first);
    const look =
      'zfs mount "$1.rehearsal-$3"; cat "$2.rehearsal-$3/var/db/pkg/local.sqlite" | grep -c postfail';
    expect(Number(await lab.must(look, jail.dataset, jail.root, kept.id ?? ''))).toBeGreaterThan(0);
    const dropped = await lab.run(['jtx', 'aside', 'drop', kept.id ?? '', '--json']);
    expect(dropped.status, dropped.stdout).toBe(0);
    expect(await jail.manifest()).toBe(before);
    await expectNothingLeft(lab, jail, false, true);
  });

  it('a rehearsal that is cut off is taken away by recovery, with what runs and is mounted in its clone', async () => {
    await addRepository(lab, jail, [slow]);
    const before = await jail.manifest();
    const mounted = await lab.must(
      `jtx install web slow --rehearse >/dev/null 2>&1 & pid=$!
       for i in $(seq 600); do [ -e "$1".rehearsal-*/root/began ] && break; sleep 0.05; done
       kill -9 $pid; grep -c "$1.rehearsal-[^ ]*/dev " /proc/self/mountinfo`,
      jail.root,
    );
    expect(mounted).toBe('1\n');
    const recovered = await lab.run(['jtx', 'recover']);
    expect(recovered.status, recovered.stdout + recovered.stderr).toBe(0);
    expect(await lab.must('ps -eo args')).not.toContain('sleep 601');
    expect(await jail.manifest()).toBe(before);
    await expectNothingLeft(lab, jail, false);
  });

  it('a rehearsal that passes is followed by the change, from what it has downloaded', async () => {
    const done = await jail.jtx('install', 'hello', '--rehearse');
    expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
    expect(await jail.packages()).toEqual(['hello-1.0', 'libfoo-1.0', 'tiny-1.0']);
    const shown = JSON.parse((await lab.run(['jtx', 'show', done.id ?? '', '--json'])).stdout).transaction;
    const subjects: string[] = shown.verifications.map(({ subject }: { subject: string }) => subject);
    const rehearsed = subjects.filter((subject) => subject.startsWith('rehearsal: '));
    expect(rehearsed.length).toBeGreaterThan(0);
    expect(rehearsed.map((subject) => subject.replace('rehearsal: ', ''))).toEqual(
      subjects.filter((subject) => !rehearsed.includes(subject)),
    );
    await expectNothingLeft(lab, jail, true);
  });

  it('keeps what a failed change left, where that is asked for', async () => {
    const before = await jail.manifest();
    const failed = await jail.jtx('install', 'postfail', '--keep-failed');
    expect([failed.status, failed.state]).toEqual([4, 'rolled-back']);
    expect(await jail.manifest()).toBe(before);
    const look = 'zfs mount "$1.aside-$3"; ls "$2.aside-$3/usr/local/share"; zfs unmount "$1.aside-$3"';
    expect(await lab.must(look, jail.dataset, jail.root, failed.id ?? '')).toContain('postfail');
    expect((await lab.run(['jtx', 'aside', 'drop', failed.id ?? ''])).status).toBe(0);
    await expectNothingLeft(lab, jail, false);
  });

  it('a running jail is stopped with --stop, changed, and started again', async () => {
    await lab.must('service jail onestart web');
    const first = await lab.must('jls -n jid name | grep name=web');
    const done = await jail.jtx('install', 'tiny', '--stop');
    expect(done.status, done.stdout + done.stderr).toBe(0);
    const second = await lab.must('jls -n jid name | grep name=web');
    expect(second).not.toBe(first);
    expect(await jail.packages()).toEqual(['tiny-1.0']);
    await lab.must('grep -q " $1/dev " /proc/self/mountinfo', jail.root);
  });

  it('a running jail whose change fails is put back, and started again', async () => {
    await lab.must('service jail onestart web');
    const failed = await jail.jtx('install', 'postfail', '--stop');
    expect([failed.status, failed.state]).toEqual([4, 'rolled-back']);
    expect(await lab.must('jls -n name')).toContain('name=web');
    expect(await jail.packages()).toEqual([]);
  });

  it('a probe that fails, or says something else, rolls back', async () => {
    const before = await jail.manifest();
    const failed = await jail.jtx('install', 'tiny', '--verify', 'test -e /nosuch');
    expect([failed.status, failed.code]).toEqual([4, 'verification-failed']);
    expect(await jail.manifest()).toBe(before);
    const other = await jail.jtx(
      'install',
      'tiny',
      '--verify',
      'cat /usr/local/share/tiny/a.txt',
      '--expect',
      '^never$',
    );
    expect([other.status, other.code]).toEqual([4, 'verification-failed']);
    expect(await jail.manifest()).toBe(before);
    const passed = await jail.jtx(
      'install',
      'tiny',
      '--verify',
      'cat /usr/local/share/tiny/a.txt',
      '--expect',
      '.',
    );
    expect(passed.status, passed.stdout).toBe(0);
    await expectNothingLeft(lab, jail, true);
  });
});
