import { describe, expect, it } from 'vitest';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage, replaceRepository } from '../lab/own-repository.ts';

const own = (version: string, library: string) =>
  ownPackage('own', {
    version,
    files: { [`/usr/local/lib/${library}`]: version },
    libraries: { provided: [library] },
  });

describe('libraries that pkg is asked to keep', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  it('are packages that no plan has, and no reason to roll back', async () => {
    await addRepository(lab, jail, [own('1.0', 'libown.so.1')]);
    expect((await jail.pkg('install', '-y', 'own')).status).toBe(0);
    await replaceRepository(lab, jail, [own('2.0', 'libown.so.2')]);
    const done = await jail.jtx('upgrade', '-o', 'BACKUP_LIBRARIES=yes');
    expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
    expect(await jail.packages()).toEqual([
      'own-2.0',
      expect.stringMatching(/^own-backup-libown\.so\.1-\d{14}$/),
    ]);
    expect(await lab.must('cat "$1/usr/local/lib/compat/pkg/libown.so.1"', jail.root)).toBe('1.0');
  });
});
