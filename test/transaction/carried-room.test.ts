import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeRepository } from '../lab/conformance/packages.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { ownPackage } from '../lab/own-repository.ts';
import { expectNothingLeft } from './rows.ts';

const cached = 40_000_000;
const large = ownPackage('large', { files: { '/usr/local/share/large/x': randomBytes(30_000_000) } });

describe('the room for what pkg has downloaded in the clone of a jail that runs', () => {
  const lab = openForTests(new Lab({ LAB_POOL_SIZE: '512M' }));
  const jail = jailForTests(lab, 'web');
  beforeAll(async () => {
    const { directory, remove } = makeRepository([large]);
    await lab.must('mkdir "$LAB/own"; cp -R "$1" "$LAB/own/repository"', directory);
    remove();
    await lab.must(
      `cd "$LAB/own"; exec > out 2>&1 < /dev/null
       "$LAB_NODE" "$LAB_TOP/dist/lab/repository-server.js" . repository repository 0 &
       echo $! > pid; until [ -e port ]; do sleep 0.05; done`,
    );
  });
  afterAll(() => lab.must('kill "$(cat "$LAB/own/pid")"'));
  beforeEach(() =>
    lab.must(
      `mkdir -p "$1/var/cache/pkg"; used=$(zfs get -Hp -o value used "$2")
       head -c "$3" /dev/urandom > "$1/var/cache/pkg/old-1.0~1.pkg"; sync "$1/var/cache/pkg/old-1.0~1.pkg"
       echo "own: { url: \\"http://127.0.0.1:$(cat "$LAB/own/port")/repo\\", enabled: yes }" > "$1/usr/local/etc/pkg/repos/own.conf"
       echo 'minimum_free = 1' >> "$LAB/jtx.toml"
       # What is used is counted when a snapshot is taken, and else half a minute later.
       zfs snapshot "$2@counted"; zfs destroy "$2@counted"
       until [ "$(zfs get -Hp -o value used "$2")" -ge $((used + $3)) ]; do sleep 0.2; done
       zfs set quota=$(($(zfs get -Hp -o value used "$2") + 10000000)) "$2"
       service jail onestart web`,
      jail.root,
      jail.dataset,
      String(cached),
    ),
  );
  const cache = (): Promise<string> => lab.must('ls -Ai "$1/var/cache/pkg" | grep -v " tiny"', jail.root);

  it('is not wanted for what the jail has already', async () => {
    const before = await cache();
    const done = await jail.jtx('install', 'tiny');
    expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
    expect(await cache()).toBe(before);
  });

  it('is told where it is too little, and the jail goes on as it was', async () => {
    const [before, first] = [await cache(), await lab.must('jls -n jid name | grep name=web')];
    const refused = await jail.jtx('install', 'large');
    expect([refused.status, refused.state, refused.code], refused.stdout + refused.stderr).toEqual([
      3,
      'refused',
      'no-space',
    ]);
    expect(await cache()).toBe(before);
    expect(await jail.packages()).toEqual([]);
    expect(await lab.must('jls -n jid name | grep name=web')).toBe(first);
    await expectNothingLeft(lab, jail, false, true);
  });
});
