import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type JailUnderTest, jailUnderTest } from '../lab/jail-under-test.ts';
import { type Lab, openLab } from '../lab/open-lab.ts';
import { addRepository, ownPackage, until } from '../lab/own-repository.ts';
import { expectNothingLeft } from './rows.ts';

const nosy = ownPackage('nosy', {
  scripts: {
    'post-install':
      'env | sort > /root/environment; ls /dev > /root/devices; ls -la /proc/self/fd > /root/files 2>&1 || true',
  },
});

describe('the surroundings of a change', () => {
  let lab: Lab;
  let jail: JailUnderTest;
  beforeAll(async () => {
    lab = await openLab();
    jail = await jailUnderTest(lab, 'web');
  });
  afterAll(() => lab.close());
  beforeEach(() => jail.reset());

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

  it('a running jail is refused', async () => {
    await lab.must('service jail onestart web');
    const verdict = await jail.jtx('install', 'tiny');
    expect([verdict.status, verdict.code]).toEqual([3, 'jail-running']);
    expect(await lab.must('jls -n name')).toContain('name=web');
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
