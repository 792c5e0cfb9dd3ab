import { describe, expect, it } from 'vitest';
import { openForTests } from '../for-tests.ts';
import { Lab } from '../open-lab.ts';
import { recordedSession } from './recorded-session.ts';

const lab = openForTests(new Lab());

async function configured(conf: string, separator = '|'): Promise<string> {
  const script = 'printf %s "$1" > "$LAB/test.conf"; jail -f "$LAB/test.conf" -e "$2" 2>&1';
  return (await lab.sh(script, conf, separator)).stdout;
}

describe('jail -e', () => {
  it('prints what FreeBSD printed for a file of this kind', async () => {
    const recorded = recordedSession('set-aside-diff-jail-e.txt', ['10c']).find(
      (run) => run.command === "jail -e '|'",
    );
    const conf = `# two jails
      exec.clean;
      mount.devfs;
      path = "/jails/$name";
      host.hostname = "\${name}.example.org";
      pg { vnet; exec.start = "/bin/sh /etc/rc"; ip4.addr = 'lo0|10.0.0.2'; ip4.addr += 10.0.0.3; }
      web-1 { path = "/jails/web one"; exec.start = "/bin/echo a|b"; persist; }`;
    expect((await configured(conf)).trim().split('\n')).toEqual(
      recorded?.output.filter((line) => line !== ''),
    );
  });

  it.each([
    ['variables of a block', '$root = /srv; a { $root = /mnt; path = "$root/$name"; }', 'name=a|path=/mnt/a'],
    [
      'a parameter as a variable',
      'a { path = /a; mount.fstab = "$path.fstab"; }',
      'name=a|path=/a|mount.fstab=/a.fstab',
    ],
    ['no variables within single quotes', "a { host.hostname = '$name'; }", 'name=a|host.hostname=$name'],
    ['wildcards', '* { persist; } web* { vnet; } web1 { } db { }', 'name=web1|persist|vnet\nname=db|persist'],
    ['comments of all kinds', 'a { /* one\ntwo */ persist; // three\n # four\n }', 'name=a|persist'],
    ['lists', 'a { ip4.addr = 10.0.0.1, 10.0.0.2; }', 'name=a|ip4.addr=10.0.0.1,10.0.0.2'],
    [
      'lists of which each value has its own quotes',
      `a { mount = "/b /a/b nullfs ro,noatime 0 0"; mount += '/"c" /a/c nullfs ro 0 0', ""; }`,
      `name=a|mount="/b /a/b nullfs ro,noatime 0 0",'/"c" /a/c nullfs ro 0 0',""`,
    ],
    [
      'quotes in values',
      `a { exec.start = 'echo "x"'; exec.stop = "echo 'y'"; }`,
      `name=a|exec.start='echo "x"'|exec.stop="echo 'y'"`,
    ],
    ['a backslash', String.raw`a { exec.start = 'a\b'; }`, String.raw`name=a|exec.start=a\\b`],
  ])('knows %s', async (_what, conf, expected) => {
    expect((await configured(conf)).trimEnd()).toBe(expected);
  });

  it.each([
    ['an open block', 'a { persist;', 'unexpected EOF'],
    ['a value that is missing', 'a { path = ; }', 'syntax error'],
  ])('refuses %s', async (_what, conf, complaint) => {
    expect(await configured(conf)).toBe(`jail: ${lab.directory}/test.conf: ${complaint}\n`);
  });
});

describe('a configured jail', () => {
  it('runs its commands in order and takes its devfs along', async () => {
    await lab.must(`cat > "$LAB/test.conf" <<'CONF'
w {
  path = "$LAB_ROOT";
  mount.devfs;
  persist;
  exec.prestart = "echo prestart";
  exec.start = "echo start; cat /dev/null", "echo again";
  exec.poststart = "echo poststart";
  exec.stop = "echo stop";
  exec.poststop = "echo poststop";
}
CONF
sed -i "s,.LAB_ROOT,$LAB_JAILS/web," "$LAB/test.conf"`);
    const script =
      'jail -f "$LAB/test.conf" -c w; mount -t devfs | grep -c "$LAB"; jail -f "$LAB/test.conf" -r w; mount -t devfs | grep -c "$LAB"';
    const { stdout } = await lab.sh(script);
    expect(stdout.trim().split('\n')).toEqual([
      'prestart',
      'w: created',
      'start',
      'again',
      'poststart',
      '1',
      'stop',
      'w: removed',
      'poststop',
      '0',
    ]);
  });
});
