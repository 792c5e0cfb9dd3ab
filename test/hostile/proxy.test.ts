import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeRepository } from '../lab/conformance/packages.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { ownPackage } from '../lab/own-repository.ts';
import { expectNothingLeft } from '../transaction/rows.ts';

const authorization = `Basic ${Buffer.from('user:s3cret').toString('base64')}`;

// The jail's own, in the place of the proxy: it keeps what it is told, and answers nothing.
const listener = `
require('node:net').createServer((socket) => {
  socket.on('data', (data) => { require('node:fs').appendFileSync('heard', data); socket.destroy(); });
}).listen(Number(process.argv[1]), '127.0.0.2');
`;

// The host knows the proxy, by which alone there is a way to the repository; the jail says it is at its own address.
const makeProxy = `
mkdir "$LAB/own"; cp -R "$1" "$LAB/own/repository"; cd "$LAB/own"
exec > out 2>&1 < /dev/null
"$LAB_NODE" "$LAB_TOP/dist/lab/repository-server.js" . repository repository 0 & echo $! > pids
until [ -e port ]; do sleep 0.05; done
"$LAB_NODE" -e "$2" "$(cat port)" & echo $! >> pids
printf '%s\\n' "$3" > http-407
echo '127.0.0.1 localhost proxy.corp' > hosts
/bin/mount --bind hosts /etc/hosts
`;

describe('a jail that answers for the proxy of the host, which wants a password', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  beforeAll(async () => {
    const { directory, remove } = makeRepository([ownPackage('late')]);
    await lab.must(makeProxy, directory, listener, authorization);
    remove();
  });
  afterAll(() => lab.must('kill $(cat "$LAB/own/pids")'));
  beforeEach(() =>
    lab.must(
      `: > "$LAB/own/heard"; echo '127.0.0.2 proxy.corp' > "$1/etc/hosts"
       cd "$1/usr/local/etc/pkg/repos"; rm -f *.conf
       echo 'corp: { url: "http://packages.corp/repo", enabled: yes }' > corp.conf`,
      jail.root,
    ),
  );

  const install = async (host: string, ...more: string[]) => {
    const port = (await lab.must('cat "$LAB/own/port"')).trim();
    const environment = { HTTP_PROXY: `http://user:s3cret@${host}:${port}` };
    return lab.run(['jtx', 'install', 'web', 'late', '--json', ...more], { environment });
  };
  const heard = () => lab.must('cat "$LAB/own/heard"');

  it('does not hear it, and all comes by the proxy', async () => {
    expect((await install('proxy.corp', '--plan')).status).toBe(0);
    expect(await heard()).toBe('');
    const done = await install('proxy.corp');
    expect(done.status, done.stdout).toBe(0);
    expect(await jail.packages()).toEqual(['late-1.0']);
    expect(await heard()).toBe('');
    await expectNothingLeft(lab, jail, true);
  });

  it('is not asked where the host does not know the proxy: that is refused', async () => {
    await lab.must(`echo '127.0.0.2 elsewhere.invalid' > "$1/etc/hosts"`, jail.root);
    const before = await jail.manifest();
    const refused = await install('elsewhere.invalid');
    expect([refused.status, await heard()], refused.stdout).toEqual([3, '']);
    expect(refused.stdout).toContain('"code":"proxy-unknown"');
    expect(refused.stdout).not.toContain('s3cret');
    expect(await jail.manifest()).toBe(before);
    await expectNothingLeft(lab, jail, false);
  });
});
