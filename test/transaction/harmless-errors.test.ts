import { describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage } from '../lab/own-repository.ts';

const database = '/var/db/pkg/local.sqlite';

describe('what pkg calls an error, and is none', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  it('a package database of a newer minor schema than the pkg of the host has', async () => {
    expect((await jail.pkg('install', '-y', 'tiny')).status).toBe(0);
    // user_version, four bytes from the 60th on.
    await lab.must(
      `printf '\\0\\0\\0\\053' | dd of="$1" bs=1 seek=60 conv=notrunc 2>/dev/null`,
      jail.root + database,
    );
    const said = await jail.pkg('install', '-y', 'libfoo');
    expect(said.stderr).toContain('warning: database version 43 is newer than libpkg(3) version 42');
    for (const [verb, name] of [
      ['install', 'hello'],
      ['remove', 'hello'],
    ] as const) {
      const done = await jail.jtx(verb, name);
      expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
    }
    const schema = await lab.must('od -An -tu1 -j60 -N4 "$1" | tr -s " "', jail.root + database);
    expect(schema.trim()).toBe('0 0 0 43');
  });

  it('directories of a package that is removed, which are gone already or are links now', async () => {
    const directories = ['/usr/local/share/own/deep', '/var/db/own'];
    await addRepository(lab, jail, [ownPackage('own', { directories })]);
    expect((await jail.jtx('install', 'own')).state).toBe('committed');
    await lab.must(
      'rmdir "$1/usr/local/share/own/deep" "$1/var/db/own"; ln -s /var/tmp "$1/var/db/own"',
      jail.root,
    );
    const done = await jail.jtx('remove', 'own');
    expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
  });
});
