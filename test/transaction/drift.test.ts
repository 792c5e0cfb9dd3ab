import { beforeEach, describe, expect, it } from 'vitest';
import type { TestPackage } from '../lab/conformance/packages.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage } from '../lab/own-repository.ts';

/** As base systems have it; a jail that runs it would print something else. */
const freebsdVersion = `printf '#!/bin/sh\\nUSERLAND_VERSION="%s"\\ntouch /ran; echo 99.9-RELEASE\\n' "$2" > "$1/bin/freebsd-version"
chmod 755 "$1/bin/freebsd-version"`;

describe('a jail whose base is not of one release', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  const findings = async (): Promise<{ about: string; says: string; mend: string }[]> =>
    JSON.parse((await lab.run(['jtx', 'doctor', '--json'])).stdout).findings;

  it('one that is half updated is told of, in the output, the journal and by doctor', async () => {
    await lab.must(freebsdVersion, jail.root, '14.0-RELEASE-p3');
    const told = /half updated: bin\/freebsd-version says 14\.0-RELEASE-p3/;
    const done = await jail.jtx('install', 'tiny', '--rehearse');
    expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
    const { notes } = JSON.parse(done.stdout).transaction;
    expect(notes).toEqual([expect.stringMatching(told)]);
    expect(await lab.must('jtx show "$1"', done.id ?? '')).toMatch(told);
    expect(await findings()).toMatchObject([
      { about: 'web', says: expect.stringMatching(told), mend: `freebsd-update -b ${jail.root} install` },
    ]);
    expect(await lab.must('ls "$1"', jail.root)).not.toContain('ran');
    const refused = await jail.jtx('install', 'nosuch');
    expect(JSON.parse(refused.stdout).transaction.notes).toEqual(notes);
  });

  it('one that is of one release is not', async () => {
    await lab.must(freebsdVersion, jail.root, '14.1-RELEASE-p5');
    const done = await jail.jtx('install', 'tiny');
    expect(JSON.parse(done.stdout).transaction.notes).toEqual([]);
    expect(await findings()).toEqual([]);
  });

  it('one that is half updated to a newer release than the kernel is refused', async () => {
    await lab.must(freebsdVersion, jail.root, '14.2-RELEASE');
    const before = await jail.manifest();
    const refused = await jail.jtx('install', 'tiny');
    expect([refused.status, refused.code]).toEqual([3, 'jail-newer-than-kernel']);
    expect(await jail.manifest()).toBe(before);
    expect(await findings()).toMatchObject([{ about: 'web', says: expect.stringContaining('14.2-RELEASE') }]);
  });

  it('one whose programs are newer than the kernel is refused, and an older one is fine', async () => {
    await lab.must('echo kern.osreldate=1400097 > "$LAB/sysctl"');
    try {
      expect((await jail.jtx('install', 'tiny')).code).toBe('jail-newer-than-kernel');
      await lab.must('echo kern.osreldate=1500068 > "$LAB/sysctl"');
      expect((await jail.jtx('install', 'tiny')).state).toBe('committed');
    } finally {
      await lab.must('rm "$LAB/sysctl"');
    }
  });
});

describe('a change that brings another base', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  const file = '/usr/local/libexec/newer';

  /** A program of the jail as a newer release has it. */
  async function newerProgram(): Promise<Buffer> {
    const program = Buffer.from(await lab.must('base64 "$1/bin/busybox"', jail.root), 'base64');
    const note = program.indexOf('FreeBSD\0', 'latin1');
    program.writeUInt32LE(1402000, note + 8);
    return program;
  }

  beforeEach(async () => {
    const program = await newerProgram();
    await addRepository(lab, jail, [
      ownPackage('runtime', { files: { '/usr/bin/uname': program } }),
      ownPackage('newer', { files: { [file]: program } }),
    ]);
  });

  it('is judged by that base, and not by the one before', async () => {
    await lab.must('echo kern.osreldate=1402000 > "$LAB/sysctl"');
    try {
      const alone = await jail.jtx('install', 'newer');
      expect([alone.state, alone.code], alone.stdout).toEqual(['rolled-back', 'verification-failed']);
      const both = await jail.jtx('install', 'runtime', 'newer');
      expect([both.status, both.state], both.stdout).toEqual([0, 'committed']);
    } finally {
      await lab.must('rm "$LAB/sysctl"');
    }
  });

  it('is rolled back where that is newer than the kernel', async () => {
    const before = await jail.manifest();
    for (const command of [
      ['install', 'runtime'],
      ['run', '--', '/bin/sh', '-c', `printf 'USERLAND_VERSION="14.2-RELEASE"\n' > /bin/freebsd-version`],
    ]) {
      const [verb = '', ...words] = command;
      const verdict = await jail.jtx(verb, ...words);
      expect([verdict.status, verdict.state, verdict.code], verdict.stdout).toEqual([
        4,
        'rolled-back',
        'jail-newer-than-kernel',
      ]);
      expect(await jail.manifest()).toBe(before);
    }
  });
});

describe('a catalogue that was made for another ABI', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  const aarch64 = ['-o', 'ABI=FreeBSD:14:aarch64', '-o', 'OSVERSION=1401000'];

  /** Leaves the catalogue of an aarch64 repository in the jail, in whose place then lies another, no newer one. */
  async function plant(packages: TestPackage[]): Promise<void> {
    await lab.must('rm "$1/usr/local/etc/pkg/repos/lab.conf"', jail.root);
    await addRepository(lab, jail, [ownPackage('own', { version: '1.0', abi: 'FreeBSD:14:aarch64' })]);
    const updated = await lab.run(['pkg', '-c', jail.root, ...aarch64, 'update']);
    expect(updated.status, updated.stderr).toBe(0);
    await lab.must('rm -r "$1/repository"', jail.root);
    await addRepository(lab, jail, packages);
    await lab.must('find "$1/repository" -exec touch -d @1700000000 {} +', jail.root);
  }

  it('is made anew, and a rollback brings the old one back', async () => {
    await plant([ownPackage('own', { version: '2.0' })]);
    // What pkg alone makes of it.
    expect((await jail.pkg('rquery', '%n-%v')).stdout).toBe('own-1.0\n');
    const before = await jail.manifest();
    const done = await jail.jtx('install', 'own');
    expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
    expect(await jail.packages()).toEqual(['own-2.0']);
    expect((await jail.jtx('rollback', '--discard')).status).toBe(0);
    expect(await jail.manifest()).toBe(before);
  });

  it('is made anew for a jail that runs too', async () => {
    await plant([ownPackage('own', { version: '2.0' })]);
    await lab.must('service jail onestart web');
    const done = await jail.jtx('install', 'own');
    expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
    expect(await jail.packages()).toEqual(['own-2.0']);
  });

  it('nothing is installed from it where the repository has nothing else', async () => {
    await plant([ownPackage('own', { version: '1.0', abi: 'FreeBSD:14:aarch64' })]);
    const before = await jail.manifest();
    const refused = await jail.jtx('install', 'own');
    expect([refused.status, refused.code], refused.stdout).toEqual([3, 'abi-mismatch']);
    expect(await jail.manifest()).toBe(before);
  });

  it('one that fits is asked for what is new, and no more', async () => {
    await addRepository(lab, jail, [ownPackage('any', { abi: 'FreeBSD:14:*' }), ownPackage('own')]);
    expect((await jail.jtx('install', 'own')).state).toBe('committed');
    const done = await jail.jtx('install', 'any');
    expect(done.state, done.stdout).toBe('committed');
    expect(await lab.must('jtx show "$1"', done.id ?? '')).not.toContain('update -f');
  });
});
