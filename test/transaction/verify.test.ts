import { beforeEach, describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage } from '../lab/own-repository.ts';
import { expectNothingLeft } from './rows.ts';

const own = {
  ...ownPackage('own', {
    files: { '/usr/local/share/own/x': 'x', '/usr/local/bin/own': '#!/bin/sh\necho "$@"\n' },
    scripts: { 'post-install': 'chmod 755 /usr/local/bin/own' },
  }),
  version: '1.5',
};

interface Verified {
  tier: string;
  passed: boolean;
  output: string;
}

describe('a jail as it is', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  beforeEach(async () => {
    await addRepository(lab, jail, [own]);
    expect((await jail.pkg('install', '-y', 'own', 'tiny')).status).toBe(0);
  });

  const verified = async (...args: string[]) => {
    const ended = await jail.jtx('verify', ...args);
    const { verifications }: { verifications: Verified[] } = JSON.parse(ended.stdout).transaction;
    return { ended, verifications };
  };

  it('is verified by every tier, and not a byte of it changes', async () => {
    const before = await jail.manifest();
    const { ended, verifications } = await verified('--verify', 'true');
    expect([ended.status, ended.state], ended.stdout).toEqual([0, 'unchanged']);
    expect(verifications.map(({ tier, passed }) => [tier, passed])).toEqual([
      ['check', true],
      ['static', true],
      ['probe', true],
    ]);
    expect(await jail.manifest()).toBe(before);
    await expectNothingLeft(lab, jail, false);
  });

  it('is probed where a service can listen, and reach nobody', async () => {
    const listens = 'sh -c "timeout 1 httpd -f -p 127.0.0.1:8080; test $? -ge 124"';
    const { ended, verifications } = await verified('--verify', listens);
    expect(ended.status, ended.stdout + JSON.stringify(verifications)).toBe(0);
    const { verifications: looked } = await verified('--verify', 'ip route', '--expect', '^$');
    expect(looked.at(-1), JSON.stringify(looked)).toMatchObject({ tier: 'probe', passed: true, output: '' });
  });

  it('tells everything that is wrong, and ends with 5', async () => {
    await lab.must(
      `echo y > "$1/usr/local/share/own/x"
       echo '[[probe]]\norigin = "test/own"\ncommand = "/usr/local/bin/own own 1.4"\nprints = "own VERSION"' >> "$LAB/jtx.toml"`,
      jail.root,
    );
    const { ended, verifications } = await verified();
    expect([ended.status, ended.state]).toEqual([5, 'unchanged']);
    expect(verifications.map(({ tier, passed }) => [tier, passed])).toEqual([
      ['check', false],
      ['static', true],
      ['probe', false],
    ]);
    expect(verifications.map(({ output }) => output).join('\n')).toMatch(
      /share\/own\/x[\s\S]*does not print own 1\.5/,
    );
    expect((await verified('tiny')).ended.status).toBe(0);
  });

  it('goes on running, and its service notices nothing', async () => {
    await lab.must('service jail onestart web');
    const ids = 'jls -n jid name path';
    const before = await lab.must(ids);
    expect((await verified()).ended.status).toBe(0);
    expect(await lab.must(ids)).toBe(before);
  });

  it('a package that is not there is refused', async () => {
    const ended = await jail.jtx('verify', 'none');
    expect([ended.status, ended.code]).toEqual([3, 'package-unknown']);
  });
});

describe('a host', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  async function findings(): Promise<{
    status: number;
    findings: { about: string; says: string; mend: string }[];
  }> {
    const { status, stdout } = await lab.run(['jtx', 'doctor', '--json']);
    return { status, findings: JSON.parse(stdout).findings };
  }

  it('on which all is well', async () => {
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    expect(await findings()).toEqual({ status: 0, findings: [] });
  });

  it.each([
    ['devfs in a jail that does not run', 'mount -t devfs -o ruleset=4 devfs "$1/dev"', 'web'],
    [
      'a hold that nobody needs',
      'zfs hold jtx "$(zfs list -H -o name -t snapshot | grep "web@jtx-")"',
      'web',
    ],
    [
      'a package database of a newer pkg',
      'printf "\\0\\0\\007\\320" | dd of="$1/var/db/pkg/local.sqlite" bs=1 seek=60 conv=notrunc 2>/dev/null',
      'web',
    ],
    ['a journal that others can read', 'chmod 644 "$JTX_JOURNAL"', 'journal'],
  ])('%s is found, and what is told mends it', async (_what, plant, about) => {
    expect((await jail.jtx('install', 'tiny')).status).toBe(0);
    await lab.must(plant, jail.root);
    const found = await findings();
    expect(found).toMatchObject({
      status: 5,
      findings: expect.arrayContaining([expect.objectContaining({ about })]),
    });
    const [{ mend } = { mend: '' }] = found.findings;
    // That is nothing that a test can do.
    if (mend === "Update the host's pkg first.") return;
    await lab.must(mend);
    expect(await findings()).toEqual({ status: 0, findings: [] });
  });
});
