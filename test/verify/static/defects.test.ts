import { beforeAll, describe, expect, it } from 'vitest';
import { scenariosOfToday } from '../../crash/sample.ts';
import { elfFile } from '../../elf/elf-file.ts';
import { jailForTests, openForTests } from '../../lab/for-tests.ts';
import { JailUnderTest, type Verdict } from '../../lab/jail-under-test.ts';
import { Lab } from '../../lab/open-lab.ts';
import { addRepository, ownPackage, replaceRepository } from '../../lab/own-repository.ts';

const bin = '/usr/local/bin/planted';
const interpreter = '/lib64/ld-linux-x86-64.so.2';

/** A copy of a real program in which the one text is another of the same length. */
function withText(program: Buffer, from: string, to: string): Buffer {
  const text = program.toString('latin1');
  if (!text.includes(`${from}\0`)) throw new Error(`the program has no ${from}`);
  return Buffer.from(text.replaceAll(`${from}\0`, `${to}\0`), 'latin1');
}

/** In place of the distribution's ABI note, FreeBSD's: both have 32 bytes. */
function withOsversion(program: Buffer, osversion: number): Buffer {
  const copy = Buffer.from(program);
  const at = copy.indexOf(Buffer.from('040000001000000001000000474e5500', 'hex'));
  if (at < 0) throw new Error('the program has no ABI note');
  const note = Buffer.alloc(32);
  for (const [index, value] of [8, 12, 1].entries()) note.writeUInt32LE(value, index * 4);
  note.write('FreeBSD', 12, 'latin1');
  note.writeUInt32LE(osversion, 20);
  note.copy(copy, at);
  return copy;
}

/** A file of another machine: e_machine of elf(5). */
function withMachine(program: Buffer, machine: number): Buffer {
  const copy = Buffer.from(program);
  copy.writeUInt16LE(machine, 18);
  return copy;
}

const lost = {
  [bin]: elfFile({
    machine: 62,
    wide: true,
    little: true,
    osAbi: 0,
    interpreter,
    needed: ['libown.so.1', 'libc.so.6'],
    runpath: '/usr/local/lib/wrong',
  }),
  '/usr/local/lib/own/libown.so.1': elfFile({
    machine: 62,
    wide: true,
    little: true,
    osAbi: 0,
    soname: 'libown.so.1',
  }),
};

/** What is planted into a package, by a real program; the tier that finds it, and what it says. */
const planted: [string, (program: Buffer) => Record<string, Buffer | string>, string][] = [
  ['a missing library', (own) => ({ [bin]: withText(own, 'libc.so.6', 'libc.so.7') }), 'needs libc.so.7'],
  [
    'a file for another machine',
    (own) => ({ [bin]: withMachine(own, 183) }),
    'is for aarch64, and the jail for amd64',
  ],
  [
    'a version of symbols that no library has',
    (own) => ({ [bin]: withText(own, 'GLIBC_2.34', 'GLIBC_9.34') }),
    'needs GLIBC_9.34 of libc.so.6',
  ],
  [
    'an interpreter that is not there',
    (own) => ({ [bin]: withText(own, interpreter, interpreter.replace(/2$/, '9')) }),
    'needs /lib64/ld-linux-x86-64.so.9 to start',
  ],
  ['a run path that leads elsewhere', () => lost, 'needs libown.so.1, which is not where it is looked for'],
  ['a program that is cut off', (own) => ({ [bin]: own.subarray(0, own.length / 2) }), 'is cut off at byte'],
  [
    'a program for a newer base',
    (own) => ({ [bin]: withOsversion(own, 1402000) }),
    "was built for FreeBSD 1402000, and the jail's base is 1401000",
  ],
  [
    "a script without the base's interpreter",
    () => ({ [bin]: '#!/usr/bin/none\n' }),
    'is a script for /usr/bin/none',
  ],
];

describe('defects in real packages', () => {
  const lab = openForTests(new Lab({ JTX_LAB_FIXTURE_REPOSITORIES: '', LAB_POOL_SIZE: '6G' }));
  let program: Buffer;
  // What is installed here is what the tests go back to.
  beforeAll(async () => {
    const web = new JailUnderTest(lab, 'web');
    const installed = await web.pkg('install', '-y', 'needslib');
    expect(installed.status, installed.stderr).toBe(0);
    const broken = Buffer.from(await lab.must('base64 "$1/usr/local/bin/needslib"', web.root), 'base64');
    program = withText(broken, 'libq.so.6', 'libc.so.6');
  });
  const jail = jailForTests(lab, 'web');

  /** The last verification of a change: its tier, whether it passed, and what it found. */
  async function last(
    verdict: Verdict,
  ): Promise<{ tier: string; passed: boolean; output: string } | undefined> {
    const shown = await lab.must('jtx show "$1" --json', verdict.id ?? '');
    return JSON.parse(shown).transaction.verifications.at(-1);
  }

  it.each(scenariosOfToday(planted))(
    '%s: found without running anything, and rolled back',
    async (_what, files, says) => {
      const scripts = { 'post-install': `chmod 755 ${bin}` };
      await addRepository(lab, jail, [ownPackage('planted', { files: files(program), scripts })]);
      const before = await jail.manifest();
      const verdict = await jail.jtx('install', 'planted');
      expect([verdict.status, verdict.state, verdict.code], verdict.stdout).toEqual([
        4,
        'rolled-back',
        'verification-failed',
      ]);
      expect(await last(verdict)).toMatchObject({
        tier: 'static',
        passed: false,
        output: expect.stringContaining(
          `of planted ${says.startsWith('is cut') ? 'is no whole ELF file: it ' : ''}${says}`,
        ),
      });
      expect(await jail.manifest()).toBe(before);
    },
  );

  it('the program as it was is committed, and what is accepted is told', async () => {
    await addRepository(lab, jail, [
      ownPackage('planted', { files: { [bin]: program } }),
      ownPackage('odd', { files: { '/usr/local/bin/odd': withMachine(program, 183) } }),
    ]);
    expect(await last(await jail.jtx('install', 'planted'))).toMatchObject({ tier: 'static', passed: true });
    await lab.must(
      `echo 'static_accept = ["/usr/local/bin/odd"]' | cat - "$LAB/jtx.toml.base" > "$LAB/jtx.toml"`,
    );
    expect(await last(await jail.jtx('install', 'odd'))).toMatchObject({
      passed: true,
      output: expect.stringContaining('not judged: /usr/local/bin/odd is for aarch64'),
    });
  });

  it('a library that goes is missed by those who need it, though pkg lets it go', async () => {
    const own = { machine: 62, wide: true, little: true, osAbi: 0 } as const;
    await addRepository(lab, jail, [
      ownPackage('owner', {
        files: { '/usr/lib/libown.so.1': elfFile({ ...own, soname: 'libown.so.1' }) },
        libraries: { provided: ['libown.so.1'] },
      }),
      ownPackage('user', {
        files: { [bin]: elfFile({ ...own, interpreter, needed: ['libown.so.1', 'libc.so.6'] }) },
        libraries: { required: ['libown.so.1'] },
      }),
    ]);
    expect((await jail.jtx('install', 'owner', 'user')).state).toBe('committed');
    const verdict = await jail.jtx('remove', 'owner');
    expect([verdict.status, verdict.state], verdict.stdout).toEqual([4, 'rolled-back']);
    expect(await last(verdict)).toMatchObject({
      tier: 'static',
      output: `${bin} of user needs libown.so.1, which is not where it is looked for; owner 1.0 had it`,
    });
  });

  it('an interpreter that goes is missed by the scripts that change with it', async () => {
    const own = '/usr/local/bin/own';
    const scripts = { 'post-install': `chmod 755 ${bin}` };
    const user = (version: string) =>
      ownPackage('user', { version, files: { [bin]: `#!${own}\n# ${version}\n` }, scripts });
    await addRepository(lab, jail, [ownPackage('owner', { files: { [own]: program } }), user('1.0')]);
    expect((await jail.jtx('install', 'owner', 'user')).state).toBe('committed');
    await replaceRepository(lab, jail, [ownPackage('owner', { version: '2.0' }), user('2.0')]);
    const verdict = await jail.jtx('upgrade');
    expect([verdict.status, verdict.state], verdict.stdout).toEqual([4, 'rolled-back']);
    expect(await last(verdict)).toMatchObject({
      tier: 'static',
      output: `${bin} of user is a script for ${own}, which is not there`,
    });
  });

  it('one that no package brings is told of: Postfix has scripts for perl, and does without', async () => {
    const qshape = '/usr/local/bin/qshape';
    const postfix = ownPackage('postfix', {
      files: { [qshape]: '#!/usr/local/bin/perl -w\n' },
      scripts: { 'post-install': `chmod 755 ${qshape}` },
    });
    await addRepository(lab, jail, [postfix]);
    await lab.must('test ! -e "$1/usr/local/bin/perl"', jail.root);
    const verdict = await jail.jtx('install', 'postfix');
    expect([verdict.status, verdict.state], verdict.stdout).toEqual([0, 'committed']);
    expect(await last(verdict)).toMatchObject({
      tier: 'static',
      passed: true,
      output: `not judged: ${qshape} is a script for /usr/local/bin/perl, which is not there`,
    });
  });

  it.each<[string, string, string]>([
    ['a file that a script deletes', 'rm -f /usr/local/share/planted/x', 'missing file'],
    ['a file that a script changes', 'echo y > /usr/local/share/planted/x', 'checksum mismatch'],
  ])('%s: found by pkg check', async (_what, script, says) => {
    await addRepository(lab, jail, [ownPackage('planted', { scripts: { 'post-install': script } })]);
    const verdict = await jail.jtx('install', 'planted');
    expect([verdict.status, verdict.state]).toEqual([4, 'rolled-back']);
    expect(await last(verdict)).toMatchObject({ tier: 'check', output: expect.stringContaining(says) });
  });

  it('another version than was asked for: found by the probe', async () => {
    await addRepository(lab, jail, [
      ownPackage('planted', {
        files: { [bin]: program },
        scripts: { 'post-install': `chmod 755 ${bin}` },
      }),
    ]);
    const verdict = await jail.jtx(
      'install',
      'planted',
      '--verify',
      'planted --version',
      '--expect',
      ' 99[.]',
    );
    expect([verdict.status, verdict.state]).toEqual([4, 'rolled-back']);
    expect(await last(verdict)).toMatchObject({
      tier: 'probe',
      output: expect.stringContaining('does not match'),
    });
  });
});
