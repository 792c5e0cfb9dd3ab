import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type ElfContent, elfFile } from '../elf/elf-file.ts';
import { temporaryDirectory } from '../host/temporary.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage } from '../lab/own-repository.ts';
import { expectNothingLeft } from './rows.ts';

const abi = 'FreeBSD:14:aarch64';
const linker = '/libexec/ld-elf.so.1';

function aarch64(content: Partial<ElfContent> = {}): Buffer {
  return elfFile({ machine: 183, wide: true, little: true, osversion: 1401000, ...content });
}

/** A package with a program, and with all that would leave a trace if it ran. */
function withProgram(name: string, program: Buffer, its = abi) {
  return ownPackage(name, {
    abi: its,
    files: {
      [`/usr/local/bin/${name}`]: program,
      [`/usr/local/share/pkg/triggers/${name}.ucl`]: `path: "/usr/local/bin"
trigger: { type: lua, script: <<EOS
local f = io.open("/root/triggered", "w")
f:close()
EOS
}
`,
    },
    scripts: { 'pre-install': 'touch /root/before', 'post-install': 'touch /root/after' },
    luaScripts: { 'post-install': ['local f = io.open("/root/lua", "w")\nf:close()'] },
  });
}

describe('a jail of another machine', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  beforeEach(async () => {
    const files = {
      'bin/busybox': aarch64({ interpreter: linker, needed: ['libc.so.7'] }),
      'libexec/ld-elf.so.1': aarch64({ soname: 'ld-elf.so.1' }),
      'lib/libc.so.7': aarch64({ soname: 'libc.so.7', versionsDefined: ['FBSD_1.0'] }),
    };
    const directory = temporaryDirectory();
    for (const [path, content] of Object.entries(files)) {
      const file = join(directory, 'file');
      writeFileSync(file, content, { mode: 0o755 });
      await lab.must('cp "$2" "$1"', join(jail.root, path), file);
    }
    await lab.must('rm "$1/usr/local/etc/pkg/repos/lab.conf"', jail.root);
    const needed = { interpreter: linker, versionsNeeded: { 'libc.so.7': ['FBSD_1.0'] } };
    await addRepository(lab, jail, [
      withProgram('good', aarch64({ ...needed, needed: ['libc.so.7'] })),
      withProgram('lost', aarch64({ ...needed, needed: ['libc.so.7', 'libgone.so.1'] })),
      withProgram('mixed', elfFile({ machine: 62, wide: true, little: true, osversion: 1401000, ...needed })),
    ]);
    await lab.must(
      `echo '[[probe]]\norigin = "test/good"\ncommand = "/usr/local/bin/good --version"' >> "$LAB/jtx.toml"`,
    );
  });

  const traces = (): Promise<string> => lab.must('ls "$1/root"', jail.root);
  const why = 'as this host (amd64) does not run programs for aarch64';
  const leftOut = [
    { part: 'scripts', why },
    { part: 'probes', why },
  ];

  it.each([
    ['by its own note', []],
    ['by what was named', ['--abi', abi, '--osversion', '1401000']],
  ])('is installed into %s: no script runs, the files are looked at, and all is told', async (_how, more) => {
    const done = await jail.jtx('install', 'good', ...more);
    expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
    expect(await jail.packages()).toEqual(['good-1.0']);
    expect(await traces()).toBe('');
    const told = JSON.parse(done.stdout).transaction;
    expect(told.leftOut).toEqual(leftOut);
    expect(told.notes).toEqual([`scripts: skipped, ${why}`, `probes: not possible, ${why}`]);
    expect(told.verifications).toMatchObject([
      { tier: 'check', passed: true },
      { tier: 'static', passed: true, subject: expect.stringContaining('1 file') },
    ]);
    const shown = await lab.must('jtx show "$1"', done.id ?? '');
    expect(shown).toContain(`scripts: skipped, ${why}; probes: not possible, ${why}`);
    await expectNothingLeft(lab, jail, true);
    expect((await jail.jtx('remove', 'good', ...more)).state).toBe('committed');
    expect(await traces()).toBe('');
    expect(JSON.parse((await lab.run(['jtx', 'doctor', '--json'])).stdout).findings).toEqual([]);
  });

  it('people are told in words', async () => {
    const done = await lab.run(['jtx', 'install', jail.name, 'good']);
    expect(done.stdout).toContain(`scripts: skipped, ${why}\nprobes: not possible, ${why}\n`);
  });

  it.each([
    ['lost', 'libgone.so.1'],
    ['mixed', 'amd64'],
  ])('%s fails the static check, as in any jail', async (name, said) => {
    const before = await jail.manifest();
    const failed = await jail.jtx('install', name);
    expect([failed.status, failed.code], failed.stdout).toEqual([4, 'verification-failed']);
    expect(failed.stdout).toContain(said);
    expect(await jail.manifest()).toBe(before);
  });

  it.each([
    ['install', ['good', '--verify', 'good'], 'probes-impossible'],
    ['verify', ['--verify', 'good'], 'probes-impossible'],
    ['run', ['--', 'true'], 'machine-mismatch'],
  ])('%s %j is refused: it would have to run something', async (verb, args, code) => {
    const before = await jail.manifest();
    const refused = await jail.jtx(verb, ...args);
    expect([refused.status, refused.code], refused.stdout).toEqual([3, code]);
    expect(await jail.manifest()).toBe(before);
  });

  it('can be verified as it is', async () => {
    expect((await jail.jtx('install', 'good')).state).toBe('committed');
    const done = await jail.jtx('verify');
    expect([done.status, done.state], done.stdout).toEqual([0, 'unchanged']);
    const told = JSON.parse(done.stdout).transaction;
    expect(told.leftOut).toEqual(leftOut.slice(1));
    expect(told.verifications.map(({ tier }: { tier: string }) => tier)).toEqual(['check', 'static']);
  });

  it('where the host is said to have an emulator, scripts run, and what pkg swallows is no success', async () => {
    await lab.must(`sed -i '1i emulated = ["aarch64"]' "$LAB/jtx.toml"`);
    const before = await jail.manifest();
    const failed = await jail.jtx('install', 'good');
    expect([failed.status, failed.code], failed.stdout).toEqual([4, 'change-failed']);
    expect(failed.stdout).toContain('Cannot run script');
    expect(JSON.parse(failed.stdout).transaction.leftOut).toEqual([]);
    expect(await jail.manifest()).toBe(before);
  });
});

describe('a jail of 32 bits', () => {
  const named = ['--abi', 'FreeBSD:14:i386', '--osversion', '1401000'];
  const narrow = { machine: 3, wide: false, little: true, osversion: 1401000 };
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  beforeEach(async () => {
    const library = join(temporaryDirectory(), 'file');
    writeFileSync(library, elfFile({ ...narrow, soname: 'libc.so.7', versionsDefined: ['FBSD_1.0'] }));
    await lab.must(
      `cp "$2" "$1/lib/libc.so.7"; : > "$1/libexec/ld-elf.so.1"; rm "$1/usr/local/etc/pkg/repos/lab.conf"`,
      jail.root,
      library,
    );
    const needed = { ...narrow, interpreter: linker, versionsNeeded: { 'libc.so.7': ['FBSD_1.0'] } };
    await addRepository(lab, jail, [
      withProgram('good', elfFile({ ...needed, needed: ['libc.so.7'] }), 'FreeBSD:14:i386'),
      withProgram('lost', elfFile({ ...needed, needed: ['libc.so.7', 'libgone.so.1'] }), 'FreeBSD:14:i386'),
    ]);
  });

  it('is one of the host, whose kernel runs those too: scripts and probes run, the files are looked at', async () => {
    const done = await jail.jtx('install', 'good', ...named, '--verify', 'touch /root/probe');
    expect([done.status, done.state], done.stdout + done.stderr).toEqual([0, 'committed']);
    expect(await lab.must('ls "$1/root"', jail.root)).toBe('after\nbefore\nlua\nprobe\ntriggered\n');
    const told = JSON.parse(done.stdout).transaction;
    expect(told.leftOut).toEqual([]);
    expect(told.verifications).toMatchObject([
      { tier: 'check', passed: true },
      { tier: 'static', passed: true, subject: expect.stringContaining('1 file') },
      { tier: 'probe', passed: true },
    ]);
  });

  it('fails the static check where a library is missing, as any', async () => {
    const failed = await jail.jtx('install', 'lost', ...named);
    expect([failed.status, failed.code], failed.stdout).toEqual([4, 'verification-failed']);
    expect(failed.stdout).toContain('libgone.so.1');
  });

  it.each([
    ['does not run them', 'amd64'],
    ['does not tell which it runs', ''],
  ])('is of another machine where the kernel %s', async (_what, machines) => {
    await lab.must('echo "kern.supported_archs=$1" > "$LAB/sysctl"', machines);
    try {
      const done = await jail.jtx('install', 'good', ...named);
      expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
      const why = 'as this host (amd64) does not run programs for i386';
      expect(JSON.parse(done.stdout).transaction.leftOut).toMatchObject([{ why }, { why }]);
      expect(await lab.must('ls "$1/root"', jail.root)).toBe('');
    } finally {
      await lab.must('rm "$LAB/sysctl"');
    }
  });
});

describe('a jail of this machine', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');

  it('has its scripts skipped where that is asked for, and that is told', async () => {
    await addRepository(lab, jail, [ownPackage('own', { scripts: { 'post-install': 'touch /root/after' } })]);
    const done = await jail.jtx('install', 'own', '-o', 'RUN_SCRIPTS=no');
    expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
    expect(JSON.parse(done.stdout).transaction.leftOut).toEqual([
      { part: 'scripts', why: 'as RUN_SCRIPTS=no asks' },
    ]);
    expect(await lab.must('ls "$1/root"', jail.root)).toBe('');
  });
});
