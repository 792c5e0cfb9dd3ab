import { beforeEach, describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage } from '../lab/own-repository.ts';
import { expectNothingLeft } from '../transaction/rows.ts';

const tells = ownPackage('tells', { scripts: { 'post-install': 'env > /root/environment' } });

// A pkg(8) before which a jail that runs would swap its configuration: a race that the jail wins each time.
const swapBefore = `
mkdir "$LAB/swapping"
printf '%s\\n' "$2" > "$LAB/swapping/evil.conf"
cat > "$LAB/swapping/pkg" <<END
#!/bin/bash
for conf in "$1"/.jtx-*/pkg.conf; do
  [ ! -e "\\$conf" ] || { rm "\\$conf"; cp "$LAB/swapping/evil.conf" "\\$conf"; echo swapped >> "$LAB/swapped"; }
done
exec $(command -v pkg) "\\$@"
END
chmod 755 "$LAB/swapping/pkg"
`;

describe('what would steer jtx or pkg', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  beforeEach(async () => {
    await addRepository(lab, jail, [tells]);
    await lab.must('rm -rf "$LAB/outside"; mkdir "$LAB/outside"');
  });

  it.each([
    ['ALIAS', 'ALIAS { install: "install -n", upgrade: "info", check: "info" }'],
    ['PLUGINS', 'PLUGINS: [evil]\nPKG_PLUGINS_DIR: /usr/local/lib/evil\nPKG_ENABLE_PLUGINS: yes'],
    ['PKG_ENV', 'PKG_ENV { EVIL: "yes", LD_PRELOAD: "/usr/local/lib/evil.so" }'],
    ['EVENT_PIPE', 'EVENT_PIPE: /root/events'],
    ['PKG_DBDIR', 'PKG_DBDIR: /root/db\nPKG_CACHEDIR: /root/cache'],
    ['RUN_SCRIPTS', 'RUN_SCRIPTS: no\nASSUME_ALWAYS_YES: no\nREPOS_DIR: [/root]'],
  ])('pkg.conf with %s does not steer the pkg of the host', async (_key, text) => {
    await lab.must(`printf '%s\\n' "$2" > "$1/usr/local/etc/pkg.conf"`, jail.root, text);
    const done = await jail.jtx('install', 'tells');
    expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
    await lab.must('rm "$1/usr/local/etc/pkg.conf"', jail.root);
    expect(await jail.packages()).toEqual(['tells-1.0']);
    const environment = await lab.must('cat "$1/root/environment"', jail.root);
    expect(environment).not.toMatch(/EVIL|PRELOAD/);
    expect(await lab.must('ls "$1/root"', jail.root)).toBe('environment\n');
    await expectNothingLeft(lab, jail, true);
  });

  it('a pkg.conf that a jail puts in the place of that of a transaction does not either', async () => {
    const evil = [
      'ALIAS { install: "install -n", upgrade: "info", check: "info" }',
      'PLUGINS: [evil]',
      'PKG_ENABLE_PLUGINS: yes',
      'EVENT_PIPE: /root/events',
      'PKG_DBDIR: /root/db',
      'PKG_CACHEDIR: /root/cache',
    ];
    await lab.must(swapBefore, jail.root, evil.join('\n'));
    const environment = { PATH: `${lab.directory}/swapping:${lab.environment['PATH']}` };
    const done = await lab.run(['jtx', 'install', 'web', 'tells'], { environment });
    expect(done.status, done.stdout + done.stderr).toBe(0);
    expect(await lab.must('sort -u "$LAB/swapped"')).toBe('swapped\n');
    expect(await jail.packages()).toEqual(['tells-1.0']);
    expect(await lab.must('ls "$1/root"', jail.root)).toBe('environment\n');
    await expectNothingLeft(lab, jail, true);
  });

  const secrets = {
    AWS_SECRET_ACCESS_KEY: 's3cret-key',
    PGPASSWORD: 's3cret-pg',
    HTTP_PROXY: 'http://user:s3cret-proxy@127.0.0.1:9/',
    HTTP_PROXY_AUTH: 'basic:*:user:s3cret-auth',
    no_proxy: '*',
  };

  it('no secret of the environment reaches a script, a probe, a command, or the journal', async () => {
    const run = (...args: string[]) => lab.run(['jtx', ...args], { environment: secrets });
    const installed = await run('install', 'web', 'tells', '--verify', `/bin/sh -c 'env > /root/probe'`);
    expect(installed.status, installed.stderr).toBe(0);
    expect((await run('run', 'web', '--', 'sh', '-c', 'env > /root/command')).status).toBe(0);
    await lab.must('service jail onestart web');
    expect((await run('run', 'web', '--', 'sh', '-c', 'env > /root/live')).status).toBe(0);
    const seen = await lab.must('cd "$1/root"; cat environment probe command live', jail.root);
    expect(seen).toContain('HTTP_PROXY=http://127.0.0.1:9/');
    expect(seen).not.toContain('s3cret');
    expect(await lab.sh('grep -ral s3cret "$LAB/journal" "$1"', jail.root)).toMatchObject({ status: 1 });
  });

  it('the journal, its directory and the locks are private, whatever the umask', async () => {
    await lab.must('umask 0; jtx install web tiny > /dev/null', jail.root);
    const others = ['001', '002', '004', '010', '020', '040'].map((bit) => `-perm -${bit}`).join(' -o ');
    expect(await lab.must(`find "$LAB/journal" ${others}`)).toBe('');
  });

  it.each([
    ['others can write', 'chmod 646 "$LAB/jtx.toml"'],
    ['a group can write', 'chmod 664 "$LAB/jtx.toml"'],
    ['belongs to another', 'chown 65534 "$LAB/jtx.toml"'],
    [
      'is a link to one that belongs to another',
      'cp "$LAB/jtx.toml" "$LAB/outside/other"; chown 65534 "$LAB/outside/other"; ln -sf "$LAB/outside/other" "$LAB/jtx.toml"',
    ],
  ])('a configuration that %s is refused by every verb', async (_what, script) => {
    await lab.must(
      `${script}; printf 'pkg = "%s"\\n' "$LAB/outside/pkg" >> "$LAB/jtx.toml"; printf '#!/bin/sh\\ntouch "%s"\\n' "$LAB/outside/ran" > "$LAB/outside/pkg"; chmod 755 "$LAB/outside/pkg"`,
    );
    for (const words of [
      ['install', 'web', 'tiny'],
      ['run', 'web', '--', 'true'],
      ['doctor'],
      ['history'],
      ['recover'],
      ['backup'],
      ['prune'],
    ]) {
      const ended = await lab.run(['jtx', ...words]);
      expect([ended.status, ended.stderr], words[0]).toEqual([
        3,
        expect.stringContaining('can be changed by others'),
      ]);
    }
    expect(await lab.sh('ls "$LAB/outside/ran"')).toMatchObject({ status: 2 });
    await lab.must('rm -f "$LAB/jtx.toml"');
  });
});
