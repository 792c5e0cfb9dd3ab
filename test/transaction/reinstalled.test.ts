import { beforeEach, describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage, replaceRepository } from '../lab/own-repository.ts';

const own = ownPackage('own', { files: { '/usr/local/bin/own': '#!/bin/sh\n' } });
/** Another build of the same version, which pkg puts in the place of the first. */
const rebuilt = {
  ...own,
  vital: true,
  scripts: { 'post-install': 'chmod 755 /usr/local/bin/own' },
};

describe('another build of the version that is there', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  beforeEach(async () => {
    await addRepository(lab, jail, [own]);
    expect((await jail.pkg('install', '-y', 'own')).status).toBe(0);
  });

  it('is rolled back where its files cannot run, though no version changes', async () => {
    await replaceRepository(lab, jail, [
      { ...rebuilt, files: { '/usr/local/bin/own': '#!/usr/bin/nothing\n' } },
    ]);
    const ended = await jail.jtx('upgrade', 'own');
    expect([ended.status, ended.state, ended.code], ended.stdout).toEqual([
      4,
      'rolled-back',
      'verification-failed',
    ]);
  });

  it('is verified by every tier that a new version is', async () => {
    await replaceRepository(lab, jail, [rebuilt]);
    await lab.must(
      `echo '[[probe]]\norigin = "test/own"\ncommand = "/usr/local/bin/own"' >> "$LAB/jtx.toml"`,
    );
    const ended = await jail.jtx('upgrade', 'own');
    expect([ended.status, ended.state], ended.stdout).toEqual([0, 'committed']);
    const { changes, verifications } = JSON.parse(ended.stdout).transaction;
    expect(changes).toEqual([]);
    expect(verifications).toMatchObject([
      { tier: 'check', passed: true },
      { tier: 'static', passed: true },
      { tier: 'probe', passed: true },
    ]);
  });

  it('is verified too where a command of the jail put it in', async () => {
    // What a jail's own pkg would leave: the file of another build, and its registration.
    const registered = 'UPDATE packages SET time = time + 1';
    await lab.must(
      `cp "$1/var/db/pkg/local.sqlite" "$LAB/rebuilt.sqlite"
       node -e 'const D=require(process.env.LAB_TOP+"/node_modules/better-sqlite3");new D(process.env.LAB+"/rebuilt.sqlite").exec(process.argv[1])' "$2"
       mkdir "$1/root/build" && mv "$LAB/rebuilt.sqlite" "$1/root/build/local.sqlite"`,
      jail.root,
      registered,
    );
    const change =
      'cat /root/build/local.sqlite > /var/db/pkg/local.sqlite; echo "#!/usr/bin/nothing" > /usr/local/bin/own; chmod 755 /usr/local/bin/own';
    const ended = await jail.jtx('run', '--', 'sh', '-c', change);
    expect([ended.status, ended.state, ended.code], ended.stdout).toEqual([
      4,
      'rolled-back',
      'verification-failed',
    ]);
  });
});
