import { describe, it } from 'vitest';
import { scenariosOfToday } from '../crash/sample.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { play, type Row } from './rows.ts';

const refused = { status: 3, state: 'refused' };
const commits = { status: 0, state: 'committed', packages: ['tiny-1.0'] };
const fetched = 'pkg -c "$1" -o ABI=FreeBSD:14:amd64 -o OSVERSION=1401000 fetch -y tiny >/dev/null';
const cached = 'file=$(find "$1/var/cache/pkg" -type f -name "tiny-1.0*"); [ -n "$file" ]';

/** A jail, a repository or a pool that is not as it should be (docs/pkg-facts.md, 2). */
const rows: Row[] = [
  {
    name: 'an alias in the pkg.conf of the jail would make the install a dry run: it does not steer jtx',
    before: `echo 'ALIAS { install: "install -n" }' > "$1/usr/local/etc/pkg.conf"`,
    do: ['install', 'tiny'],
    ...commits,
  },
  {
    name: 'plugins in the pkg.conf of the jail are not loaded into the pkg of the host',
    before: `printf '%s\\n' 'PKG_ENABLE_PLUGINS = true;' 'PLUGINS = [ "evil" ];' 'PKG_PLUGINS_DIR = "/evil";' > "$1/usr/local/etc/pkg.conf"`,
    do: ['install', 'tiny'],
    ...commits,
  },
  {
    name: 'a jail without /bin/sh: pkg would skip every script, and exit 0',
    before: 'rm "$1/bin/sh"',
    do: ['install', 'hello'],
    status: 3,
    code: 'root-incomplete',
  },
  {
    name: 'a jail without the user nobody',
    before: `sed -i '/^nobody:/d' "$1/etc/passwd"; [ ! -e "$1/etc/master.passwd" ] || sed -i '/^nobody:/d' "$1/etc/master.passwd"`,
    do: ['install', 'tiny'],
    ...refused,
    code: 'nobody-missing',
  },
  {
    name: 'the server is down, and pkg deletes the catalogue',
    installed: ['libfoo'],
    before: 'sed -i "s|:8080/|:9/|" "$1/usr/local/etc/pkg/repos/lab.conf"',
    do: ['install', 'tiny'],
    ...refused,
    code: 'repository-unreachable',
  },
  {
    name: 'the server hangs up: pkg takes that for nothing newer, and ends without a word',
    installed: ['libfoo'],
    before: 'touch "$LAB/http-down"',
    do: ['install', 'tiny'],
    ...refused,
    code: 'repository-unreachable',
  },
  {
    name: 'the server hangs up, and there is no catalogue',
    before: 'touch "$LAB/http-down"',
    do: ['install', 'tiny'],
    ...refused,
    code: 'catalogue-unusable',
  },
  {
    name: 'the archive is not there (404)',
    before: 'mkdir "$LAB/http-404"; touch "$LAB/http-404/tiny-1.0.pkg"',
    do: ['install', 'libfoo', 'tiny'],
    ...refused,
    code: 'repository-unreachable',
  },
  {
    name: 'a damaged archive of the right size in the cache, which pkg does not check again',
    before: `${fetched}; ${cached}; dd if=/dev/zero of="$file" bs=$(stat -c %s "$file") count=1 conv=notrunc status=none`,
    do: ['install', 'tiny'],
    status: 4,
    state: 'rolled-back',
    code: 'change-failed',
  },
  {
    name: 'a damaged archive of another size in the cache is fetched again',
    before: `${fetched}; ${cached}; echo short > "$file"`,
    do: ['install', 'tiny'],
    ...commits,
  },
  {
    name: 'a dataset with too little room to begin',
    before: 'zfs set quota=40M "$2"',
    do: ['install', 'tiny'],
    status: 3,
    code: 'no-space',
  },
  {
    name: 'no repository is configured',
    before: 'rm "$1/usr/local/etc/pkg/repos/lab.conf"',
    do: ['install', 'tiny'],
    ...refused,
    code: 'repository-missing',
  },
  {
    name: 'a file in the way that no package owns',
    before: 'mkdir -p "$1/usr/local/share/tiny"; echo mine > "$1/usr/local/share/tiny/a.txt"',
    do: ['install', 'tiny'],
    ...commits,
  },
];

describe('truth table: the world around it', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  for (const row of scenariosOfToday(rows)) it(row.name, () => play(lab, jail, row));

  it('a dataset that is read-only', () =>
    play(lab, jail, {
      name: 'read-only',
      before: 'zfs set readonly=on "$2"',
      do: ['install', 'tiny'],
      // zfs-fuse says of one that is mounted that it is not: only writing to it shows that it is.
      ...(lab.environment['LAB_ZFS'] === 'openzfs' ? { status: 3 } : refused),
      code: 'dataset-readonly',
    }));
});
