import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeRepository } from '../lab/conformance/packages.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage } from '../lab/own-repository.ts';
import { expectNothingLeft } from './rows.ts';

/** No download goes through it: what it would refuse, the repository does from `apply` on. */
const environment = { HTTP_PROXY: 'http://user:secret@127.0.0.1:9/', no_proxy: '*' };

describe('behind a proxy that wants a password, which no package script may see', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  beforeAll(async () => {
    const { directory, remove } = makeRepository([
      ownPackage('pkg', { version: '2.0' }),
      ownPackage('late', { version: '2.0' }),
    ]);
    await lab.must('mkdir "$LAB/own"; cp -R "$1" "$LAB/own/repository"', directory);
    remove();
    await lab.must(
      `cd "$LAB/own"; exec > out 2>&1 < /dev/null
       "$LAB_NODE" "$LAB_TOP/dist/lab/repository-server.js" . repository repository 0 &
       echo $! > pid; until [ -e port ]; do sleep 0.05; done`,
    );
  });
  afterAll(() => lab.must('kill "$(cat "$LAB/own/pid")"'));
  beforeEach(async () => {
    await addRepository(lab, jail, [ownPackage('pkg')]);
    await jail.pkg('install', '-y', '--', 'pkg');
    await lab.must(
      `cd "$1/usr/local/etc/pkg/repos" && rm -f *.conf "$LAB/own/http-407"
       echo "proxied: { url: \\"http://127.0.0.1:$(cat "$LAB/own/port")/repo\\", enabled: yes }" > proxied.conf`,
      jail.root,
    );
  });

  const install = async (before: string) => {
    await lab.must(
      `{ printf '#!/bin/sh\\ncase " $* " in *" -yU "*) %s ;; esac\\n' "$1"; echo "exec $(command -v pkg) \\"\\$@\\""; } > "$LAB/own/pkg"
       chmod 755 "$LAB/own/pkg"; echo "pkg = \\"$LAB/own/pkg\\"" >> "$LAB/jtx.toml"`,
      `: > ${lab.directory}/own/http-407; ${before}`,
    );
    return lab.run(['jtx', 'install', 'web', 'late', '--json'], { environment });
  };

  it('a newer pkg, which goes in first and unplanned, is downloaded before the password is out of reach', async () => {
    const done = await install('');
    expect(done.status, done.stdout).toBe(0);
    expect(await jail.packages()).toEqual(['late-2.0', 'pkg-2.0']);
    await expectNothingLeft(lab, jail, true);
  });

  it('where it may not be upgraded, nothing else is kept from being installed', async () => {
    await jail.pkg('lock', '-y', 'pkg');
    const done = await install('');
    expect(done.status, done.stdout).toBe(0);
    expect(await jail.packages()).toEqual(['late-2.0', 'pkg-1.0']);
  });

  it('what has vanished since is not downloaded again: that is told, and the jail is as before', async () => {
    const before = await jail.manifest();
    const failed = await install(`rm ${jail.root}/var/cache/pkg/late*`);
    expect(failed.status, failed.stdout).toBe(4);
    expect(JSON.parse(failed.stdout).transaction).toMatchObject({
      state: 'rolled-back',
      error: {
        code: 'change-failed',
        message: expect.stringMatching(/late.*: Proxy Authentication Required/),
        hint: expect.stringContaining('no password of a proxy'),
      },
    });
    expect(await jail.manifest()).toBe(before);
    await expectNothingLeft(lab, jail, false);
  });
});
