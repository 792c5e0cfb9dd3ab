import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RootWalk } from '../../../src/host/root-walk.ts';
import { examine } from '../../../src/verify/static/examine.ts';
import { JailFiles } from '../../../src/verify/static/jail-files.ts';
import { registeredPaths } from '../../../src/verify/static/registered.ts';
import { amd64, type ElfContent, elfFile } from '../../elf/elf-file.ts';
import { temporaryDirectory } from '../../host/temporary.ts';

const system = { machine: 'amd64', osversion: 1401000 };
const rtld = '/libexec/ld-elf.so.1';

/** An ELF file of FreeBSD 14.1 for amd64. */
function elf(content: Partial<ElfContent> = {}): Buffer {
  return elfFile({ ...amd64, osversion: 1401000, ...content });
}

function program(content: Partial<ElfContent> = {}): Buffer {
  return elf({ interpreter: rtld, needed: ['libc.so.7'], ...content });
}

function library(soname: string, content: Partial<ElfContent> = {}): Buffer {
  return elf({ soname, ...content });
}

const base: Files = {
  [rtld]: elf(),
  '/lib/libc.so.7': library('libc.so.7', { versionsDefined: ['libc.so.7', 'FBSD_1.0', 'FBSD_1.6'] }),
  '/bin/sh': program(),
};

type Files = Record<string, Buffer | string>;

/** A root with the base and these files; a text that begins with `->` is a symbolic link. */
function rootOf(files: Files): string {
  const root = temporaryDirectory();
  for (const [path, content] of Object.entries({ ...base, ...files })) {
    const at = join(root, path);
    mkdirSync(dirname(at), { recursive: true });
    if (typeof content === 'string' && content.startsWith('->')) symlinkSync(content.slice(2), at);
    else writeFileSync(at, content, { mode: 0o755 });
  }
  return root;
}

/** What is found about the files; all of them belong to the package `x`. Others have what is `registered`. */
function found(
  files: Files,
  among: readonly string[] = Object.keys(files),
  registered: ReadonlySet<string> = new Set(),
) {
  const root = rootOf(files);
  const ofPackages = registeredPaths(new Map([...registered].map((path) => [path, 'y'])), new Map());
  const examined = among.map((path) => ({ path, package: 'x' }));
  const {
    faults,
    notes,
    files: count,
  } = RootWalk.within(root, (walk) => examine(examined, system, new JailFiles(walk), ofPackages));
  const inWords = (list: typeof faults): string[] => list.map(({ path, fault }) => `${path} ${fault}`);
  return { count, faults: inWords(faults), notes: inWords(notes) };
}

const bin = '/usr/local/bin/x';
const needsX = program({ needed: ['libc.so.7', 'libx.so.1'] });
const missingX = `${bin} needs libx.so.1, which is not where it is looked for`;

describe('where FreeBSD looks for libraries', () => {
  const hints = Buffer.alloc(128 + 10);
  for (const [index, value] of [0x746e6845, 1, 128, 10, 0, 9].entries())
    hints.writeUInt32LE(value, index * 4);
  hints.write('/opt/libs', 128);

  test.each<[string, Files]>([
    ['/lib', { [bin]: needsX, '/lib/libx.so.1': library('libx.so.1') }],
    [
      "/lib/casper, as the base's ping does",
      {
        '/sbin/ping': program({ needed: ['libc.so.7', 'libcap_dns.so.2'] }),
        '/lib/casper/libcap_dns.so.2': library('libcap_dns.so.2'),
      },
    ],
    [
      '/usr/local/lib, as service ldconfig does',
      { [bin]: needsX, '/usr/local/lib/libx.so.1': library('libx.so.1') },
    ],
    [
      'a directory of the hints',
      { [bin]: needsX, '/opt/libs/libx.so.1': library('libx.so.1'), '/var/run/ld-elf.so.hints': hints },
    ],
    [
      'a directory that a package asked ldconfig to know',
      {
        [bin]: needsX,
        '/usr/local/lib/q/libx.so.1': library('libx.so.1'),
        '/usr/local/libdata/ldconfig/q': '/usr/local/lib/q\n',
      },
    ],
    [
      'its RPATH',
      {
        [bin]: program({ needed: ['libx.so.1'], rpath: '/none:/usr/local/lib/q' }),
        '/usr/local/lib/q/libx.so.1': library('libx.so.1'),
      },
    ],
    [
      'its RUNPATH, from where it really lies',
      {
        '/usr/local/bin/x': '->../q/bin/x',
        '/usr/local/q/bin/x': program({ needed: ['libx.so.1'], runpath: '$ORIGIN/../lib' }),
        '/usr/local/q/lib/libx.so.1': library('libx.so.1'),
      },
    ],
    [
      'the RPATH of the program, for a library',
      {
        [bin]: program({ needed: ['liby.so.1'], rpath: '/usr/local/lib/q' }),
        '/usr/local/lib/q/liby.so.1': library('liby.so.1', { needed: ['libx.so.1'] }),
        '/usr/local/lib/q/libx.so.1': library('libx.so.1'),
      },
    ],
    [
      'what is in memory already',
      {
        [bin]: program({ needed: ['liby.so.1', 'libz.so.1'], runpath: '/usr/local/lib/q' }),
        '/usr/local/lib/q/liby.so.1': library('liby.so.1'),
        '/usr/local/lib/q/libz.so.1': library('libz.so.1', { needed: ['liby.so.1'] }),
      },
    ],
    [
      'a path of its own',
      { [bin]: program({ needed: ['/opt/libx.so'] }), '/opt/libx.so': library('libx.so.1') },
    ],
    [
      'a link that the jail would follow',
      {
        [bin]: needsX,
        '/usr/local/lib/libx.so.1': '->/opt/libx.so.1.5',
        '/opt/libx.so.1.5': library('libx.so.1'),
      },
    ],
  ])('%s', (_where, files) => {
    expect(found(files)).toMatchObject({ faults: [], notes: [] });
  });

  test.each<[string, Files]>([
    ['nowhere', { [bin]: needsX }],
    [
      'the host, behind a link',
      { [bin]: needsX, '/usr/local/lib/libx.so.1': '->../../../../../../lib/libx.so.1' },
    ],
    ['a directory', { [bin]: needsX, '/lib/libx.so.1/y': '' }],
    ['a link to itself', { [bin]: needsX, '/lib/libx.so.1': '->libx.so.1' }],
    [
      'a RUNPATH of the program, for a library',
      {
        [bin]: program({ needed: ['liby.so.1'], runpath: '/usr/local/lib/q' }),
        '/usr/local/lib/q/liby.so.1': library('liby.so.1', { needed: ['libx.so.1'] }),
        '/usr/local/lib/q/libx.so.1': library('libx.so.1'),
      },
    ],
    [
      'an RPATH that a RUNPATH has replaced',
      {
        [bin]: program({ needed: ['libx.so.1'], rpath: '/usr/local/lib/q', runpath: '/none' }),
        '/usr/local/lib/q/libx.so.1': library('libx.so.1'),
      },
    ],
    [
      'standard directories that it rules out',
      {
        [bin]: program({ needed: ['libx.so.1'], rpath: '/q', onlyItsPath: true }),
        '/lib/libx.so.1': library('libx.so.1'),
      },
    ],
  ])('not in %s', (_where, files) => {
    expect(found(files).faults.join('\n')).toContain('needs libx.so.1, which is not where it is looked for');
  });

  test('a library for another machine is taken, and does not go with it', () => {
    const files = {
      [bin]: needsX,
      '/lib/libx.so.1': elfFile({ machine: 183, wide: true, little: true, soname: 'x' }),
    };
    expect(found(files, [bin]).faults).toEqual([
      `${bin} needs libx.so.1, and /lib/libx.so.1 cannot be loaded into it`,
    ]);
  });

  test.each<[string, (path: string) => void]>([
    ['a FIFO', (path) => execFileSync('mkfifo', [path])],
    [
      'a file of 4 GiB that is all holes',
      (path) => {
        writeFileSync(path, '');
        truncateSync(path, 2 ** 32);
      },
    ],
  ])('%s in place of a library', (_what, plant) => {
    const root = rootOf({ [bin]: needsX });
    plant(join(root, 'lib/libx.so.1'));
    const { faults } = RootWalk.within(root, (walk) =>
      examine(
        [{ path: bin, package: 'x' }],
        system,
        new JailFiles(walk),
        registeredPaths(new Map(), new Map()),
      ),
    );
    expect(faults.map(({ library: name }) => name)).toEqual(['libx.so.1']);
  });
});

describe('libmap.conf', () => {
  const there = { '/opt/libq.so.7': library('libq.so.7'), '/lib/libz.so.2': library('libz.so.2') };
  const conf = '/etc/libmap.conf';
  test.each<[string, Files]>([
    ['one library by another', { [conf]: 'libx.so.1 libz.so.2\n' }],
    ['one by a path', { [conf]: '# x\n\tlibx.so.1\t/opt/libq.so.7 # y\r\n' }],
    ['for a program by its path', { [conf]: '[/usr/local/bin/x]\nlibx.so.1 libz.so.2\n' }],
    ['for a program by its name', { [conf]: 'libx.so.1 libn.so\n[ x ] # y\nlibx.so.1 libz.so.2\n' }],
    ['for a directory', { [conf]: '[/usr/local/]\nlibx.so.1 libz.so.2\n' }],
    ['what comes later first', { [conf]: 'libx.so.1 libn.so\nlibx.so.1 libz.so.2\n' }],
    ['in a file that is included', { [conf]: 'include /etc/more', '/etc/more': 'libx.so.1 libz.so.2' }],
    [
      'in a directory that is included',
      {
        [conf]: 'includedir /usr/local/etc/libmap.d\n',
        '/usr/local/etc/libmap.d/a.conf': 'libx.so.1 libz.so.2\n',
        '/usr/local/etc/libmap.d/b': 'libx.so.1 libn.so\n',
      },
    ],
    ['by a link that the jail would follow', { [conf]: '->/etc/more', '/etc/more': 'libx.so.1 libz.so.2' }],
  ])('replaces %s', (_what, files) => {
    expect(found({ [bin]: needsX, ...there, ...files }, [bin]).faults).toEqual([]);
  });

  test.each<[string, Files]>([
    ['for another program', { [conf]: '[y]\nlibx.so.1 libz.so.2\n[/usr/local/bin]\nlibx.so.1 libz.so.2\n' }],
    ['in a comment', { [conf]: '#libx.so.1 libz.so.2\nlibx.so.1 #libz.so.2\n' }],
    ['that is not two words', { [conf]: 'libx.so.1\nlibx.so.1 libz.so.2 x\n[x\nlibx.so.1 libz.so.2 x' }],
    ['for 32 bits', { '/etc/libmap32.conf': 'libx.so.1 libz.so.2\n' }],
    ['that goes round', { [conf]: `include ${conf}\nincludedir /etc\n` }],
    ['behind a link out of the root', { [conf]: '->../../../../../../../etc/passwd' }],
  ])('knows none %s', (_what, files) => {
    expect(found({ [bin]: needsX, ...there, ...files }, [bin]).faults).toEqual([missingX]);
  });

  test('is read up to an end', () => {
    const endless = Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [`/etc/m/${at}.conf`, `include /etc/m/${at + 1}.conf\n`]),
    );
    const files = { [conf]: 'include /etc/m/0.conf', ...endless, '/etc/m/299.conf': 'libx.so.1 libz.so.2' };
    expect(found({ [bin]: needsX, ...there, ...files }, [bin]).faults).toEqual([missingX]);
    const large = { [conf]: `${'#'.repeat(70_000)}\nlibx.so.1 libz.so.2` };
    expect(found({ [bin]: needsX, ...there, ...large }, [bin]).faults).toEqual([missingX]);
    const lines = (at: number): string =>
      Array.from({ length: 3000 }, (_, line) => `[/${at}/${line}]\nb c\n`).join('');
    const many = Object.fromEntries(Array.from({ length: 90 }, (_, at) => [`/etc/m/${at}.conf`, lines(at)]));
    const before = performance.now();
    found({ [bin]: needsX, [conf]: 'includedir /etc/m', ...many }, [bin]);
    expect(performance.now() - before).toBeLessThan(10_000);
  });
});

describe('versions of symbols', () => {
  const needing = (version: string, more: Partial<ElfContent> = {}): Files => ({
    [bin]: program({ versionsNeeded: { 'libc.so.7': [version] }, ...more }),
  });

  test('one that the library has', () => {
    expect(found(needing('FBSD_1.6')).faults).toEqual([]);
  });
  test('one that it does not have: the base is older than the package', () => {
    expect(found(needing('FBSD_1.8')).faults).toEqual([
      `${bin} needs FBSD_1.8 of libc.so.7, which /lib/libc.so.7 does not have`,
    ]);
  });
  test('one that it can do without', () => {
    expect(found(needing('FBSD_1.8', { weakVersions: ['FBSD_1.8'] })).faults).toEqual([]);
  });
  test.each<[string, Partial<ElfContent>]>([
    ['any', {}],
    ['not even one that it can do without', { weakVersions: ['FBSD_1.8'] }],
  ])('%s, of a library that defines none', (_what, more) => {
    const files = { ...needing('FBSD_1.8', more), '/lib/libc.so.7': library('libc.so.7') };
    expect(found(files, [bin]).faults).toEqual([
      `${bin} needs FBSD_1.8 of libc.so.7, which /lib/libc.so.7 does not have`,
    ]);
  });
  test('Linux takes a library that defines none as it is', () => {
    const linux = { ...amd64, osAbi: 0 };
    const interpreter = '/lib64/ld-linux-x86-64.so.2';
    const files = {
      [bin]: elfFile({
        ...linux,
        interpreter,
        needed: ['libc.so.6'],
        versionsNeeded: { 'libc.so.6': ['GLIBC_2.34'] },
      }),
      [`/compat/linux${interpreter}`]: elfFile(linux),
      '/compat/linux/usr/lib64/libc.so.6': elfFile({ ...linux, soname: 'libc.so.6' }),
    };
    expect(found(files)).toMatchObject({ faults: [], notes: [] });
  });
});

describe('what fits a jail', () => {
  const arm = elfFile({ machine: 183, wide: true, little: true, osversion: 1401000 });
  test.each<[string, string, Buffer | string, string]>([
    ['another machine', bin, arm, 'is for aarch64, and the jail for amd64'],
    ['a machine without a name', bin, elf({ machine: 999 }), 'is for machine 999, and the jail for amd64'],
    [
      'half the width',
      bin,
      elfFile({ machine: 3, wide: false, little: true }),
      'is for i386, and the jail for amd64',
    ],
    [
      'a newer base',
      bin,
      elf({ osversion: 1402000 }),
      "was built for FreeBSD 1402000, and the jail's base is 1401000",
    ],
    [
      'no interpreter',
      bin,
      program({ interpreter: '/lib/x.so' }),
      'needs /lib/x.so to start, which is not there',
    ],
    ['cut off', bin, program().subarray(0, 300), 'is no whole ELF file: it is cut off at byte 300 of'],
    [
      "a script without the base's interpreter",
      bin,
      '#!/bin/csh -f\n',
      'is a script for /bin/csh, which is not there',
    ],
  ])('%s', (_what, path, file, expected) => {
    const result = found({ [path]: file });
    expect(result.faults).toEqual([expect.stringContaining(`${path} ${expected}`)]);
    const elsewhere = found({ '/usr/local/share/x/example': file });
    if (expected.startsWith('was built')) expect(elsewhere.faults).toHaveLength(1);
    else expect(elsewhere).toMatchObject({ faults: [], notes: [expect.stringContaining(expected)] });
  });

  describe('a script for an interpreter that another package brings', () => {
    const perl = '/usr/local/bin/perl';
    const script = `#!${perl} -w\n`;
    const says = `is a script for ${perl}, which is not there`;
    const qshape = '/usr/local/bin/qshape';
    const service = '/usr/local/etc/rc.d/own';

    test('is told of where none does: its package can do without', () => {
      expect(found({ [qshape]: script })).toMatchObject({ faults: [], notes: [`${qshape} ${says}`] });
    });
    test('fails where a package has it, or had it before', () => {
      expect(found({ [qshape]: script }, [qshape], new Set([perl])).faults).toEqual([`${qshape} ${says}`]);
      const aside = '/usr/local/share/x/example';
      expect(found({ [aside]: script }, [aside], new Set([perl]))).toMatchObject({ faults: [] });
    });
    test('fails as a service, which is there to be run', () => {
      expect(found({ [service]: script }).faults).toEqual([`${service} ${says}`]);
      const linked = { '/usr/local/libexec/own': script, [service]: '->../../libexec/own' };
      expect(found(linked).faults).toEqual([`/usr/local/libexec/own ${says}`]);
    });
  });

  test('a script that nobody may start has no use for its interpreter', () => {
    const script = '/usr/local/libexec/x/functions.sh';
    const root = rootOf({ [script]: '#!/bin/bash\n' });
    const examined = () =>
      RootWalk.within(root, (walk) =>
        examine(
          [{ path: script, package: 'x' }],
          system,
          new JailFiles(walk),
          registeredPaths(new Map(), new Map()),
        ),
      );
    expect(examined().faults).toHaveLength(1);
    chmodSync(join(root, script), 0o644);
    expect(examined()).toEqual({ files: 0, faults: [], notes: [] });
  });

  test('by any of its names', () => {
    const real = '/usr/local/lib/x/x';
    const files = { [real]: arm, '/usr/local/sbin/x': '->../lib/x/x' };
    const told = expect.stringContaining(`${real} is for aarch64`);
    expect(found(files)).toMatchObject({ count: 1, faults: [told], notes: [] });
    const aside = { [real]: arm, '/usr/local/share/x/y': '->../../lib/x/x' };
    expect(found(aside)).toMatchObject({ count: 1, faults: [], notes: [told] });
  });

  test.each<[string, Buffer | string]>([
    ['an older base', elf({ osversion: 1302001 })],
    ['a patch level of the same', elf({ osversion: 1401999 })],
    ['a script', '#!/bin/sh\n'],
    ['a text', 'text'],
    ['nothing', ''],
    ['the letters ELF', '\x7fELF'.slice(0, 3)],
  ])('%s does', (_what, file) => {
    expect(found({ [bin]: file })).toMatchObject({ faults: [], notes: [] });
  });

  test('32 bits fit where the base has a linker for them', () => {
    const narrow = { machine: 3, wide: false, little: true, osversion: 1401000 };
    const files = {
      '/libexec/ld-elf32.so.1': elfFile(narrow),
      [bin]: elfFile({ ...narrow, interpreter: '/libexec/ld-elf32.so.1', needed: ['libc.so.7'] }),
    };
    expect(found(files).faults).toEqual([expect.stringContaining('needs libc.so.7')]);
    const there = { ...files, '/usr/lib32/libc.so.7': elfFile({ ...narrow, soname: 'libc.so.7' }) };
    expect(found(there)).toMatchObject({ faults: [], notes: [] });
    const listed = {
      ...there,
      [bin]: elfFile({
        ...narrow,
        interpreter: '/libexec/ld-elf32.so.1',
        needed: ['libx.so.1', 'liby.so.1'],
      }),
      '/usr/local/lib32/x/libx.so.1': elfFile({ ...narrow, soname: 'libx.so.1' }),
      '/usr/lib32/compat/liby.so.1': elfFile({ ...narrow, soname: 'liby.so.1' }),
    };
    const lists = (directory: string): Files => ({ [`${directory}/x`]: '/usr/local/lib32/x\n' });
    expect(found({ ...listed, ...lists('/usr/local/libdata/ldconfig32') }).faults).toEqual([]);
    expect(found({ ...listed, ...lists('/usr/local/libdata/ldconfig') }).faults).toEqual([missingX]);
  });

  test('a program for 32 bits that the jail does not run decides nothing', () => {
    const narrow = { machine: 3, wide: false, little: true };
    const other = '/usr/local/lib/go/gcc-386-freebsd-exec';
    const old = elfFile({ ...narrow, osAbi: 9, interpreter: rtld, needed: ['libc.so.6'] });
    const files = { '/libexec/ld-elf32.so.1': elfFile(narrow), [other]: old };
    const missing = 'needs libc.so.6, which is not where it is looked for';
    expect(found(files)).toMatchObject({ faults: [], notes: [`${other} ${missing}`] });
    expect(found({ ...files, [bin]: old }, [other, bin]).faults).toEqual([`${bin} ${missing}`]);
    const linked = { ...files, [bin]: `->${other}` };
    expect(found(linked).faults).toEqual([`${other} ${missing}`]);
    const own = { [other]: program({ needed: ['libx.so.1'] }) };
    expect(found(own).faults).toHaveLength(1);
  });

  test('of what such a program and another load, the other decides', () => {
    const narrow = { machine: 3, wide: false, little: true, osAbi: 9 };
    const app = elfFile({ ...narrow, interpreter: rtld, needed: ['libx.so.1'] });
    const other = '/usr/local/lib/x/app';
    const files = {
      '/libexec/ld-elf32.so.1': elfFile(narrow),
      '/usr/lib32/libx.so.1': elfFile({ ...narrow, soname: 'libx.so.1', needed: ['libq.so.1'] }),
      [other]: app,
      [bin]: Buffer.concat([app, Buffer.from('\0')]),
    };
    const told = 'loads /usr/lib32/libx.so.1, which needs libq.so.1, which is not where it is looked for';
    expect(found(files, [other])).toMatchObject({ faults: [], notes: [`${other} ${told}`] });
    expect(found(files, [other, bin])).toMatchObject({ faults: [`${bin} ${told}`], notes: [] });
  });

  test.each(['/usr/local/lib/debug/x.debug', '/usr/local/go123/src/debug/elf/testdata/x'])(
    'what only a debugger or a test reads, as %s, is not looked at',
    (path) => {
      expect(found({ [path]: program().subarray(0, 200) }).count).toBe(0);
    },
  );
});

describe('a plugin', () => {
  const plugin = '/usr/local/lib/x/plugin.so';
  test('may need what its program has in memory', () => {
    const files = {
      '/usr/local/lib/x/server/libx.so': library('libx.so'),
      [plugin]: library('plugin.so', { needed: ['libx.so'] }),
    };
    expect(found(files)).toMatchObject({
      faults: [],
      notes: [`${plugin} needs libx.so, which is not where it is looked for`],
    });
  });
  test('may not need what nobody has', () => {
    expect(found({ [plugin]: library('plugin.so', { needed: ['libx.so'] }) }).faults).toHaveLength(1);
  });

  describe('of a program that was there before', () => {
    const other = '/usr/local/openjdk21/lib/libx.so';
    const needing = library('plugin.so', { needed: ['libx.so'] });
    const missing = `${plugin} needs libx.so, which is not where it is looked for`;
    test.each<[string, Files]>([
      ['as it says', { [other]: library('libx.so') }],
      ['by its name alone', { [other]: elf({ needed: ['libc.so.7'] }) }],
      ['behind a link', { [other]: '->/opt/x', '/opt/x': library('libx.so') }],
      ['without a mark of a system', { [other]: elfFile({ ...amd64, osAbi: 0, soname: 'libx.so' }) }],
    ])('may need what that has, %s', (_what, files) => {
      expect(found({ [plugin]: needing, ...files }, [plugin], new Set([other]))).toMatchObject({
        faults: [],
        notes: [missing],
      });
    });
    test.each<[string, Files]>([
      ['has no more', {}],
      ['has by another name of its own', { [other]: library('libx.so.2') }],
      ['has as something else', { [other]: 'libx.so' }],
      ['has cut off', { [other]: library('libx.so').subarray(0, 200) }],
      [
        'has for another machine',
        { [other]: elfFile({ machine: 183, wide: true, little: true, soname: 'libx.so' }) },
      ],
      [
        'has for Linux',
        {
          [other]: elfFile({
            ...amd64,
            osAbi: 0,
            soname: 'libx.so',
            versionsNeeded: { 'libc.so.6': ['GLIBC_2.34'] },
          }),
        },
      ],
    ])('may not need what that %s', (_what, files) => {
      expect(found({ [plugin]: needing, ...files }, [plugin], new Set([other])).faults).toEqual([missing]);
    });
    test('may not need what a test of it has', () => {
      const data = '/usr/local/share/x/testdata/libx.so';
      const files = { [plugin]: needing, [data]: library('libx.so') };
      expect(found(files, [plugin], new Set([data])).faults).toEqual([missing]);
    });
    test('a program has no such excuse', () => {
      const files = { [bin]: needsX, '/usr/local/lib/q/libx.so.1': library('libx.so.1') };
      expect(found(files, [bin], new Set(['/usr/local/lib/q/libx.so.1'])).faults).toEqual([missingX]);
    });
  });
});

describe('a library that finds an older one than its programs do', () => {
  const own = '/usr/local/lib/gcc13';
  const [libstdcxx, libgcc] = [`${own}/libstdc++.so.6`, `${own}/libgcc_s.so.1`];
  const needing = { needed: ['libgcc_s.so.1'], versionsNeeded: { 'libgcc_s.so.1': ['GCC_4.5.0'] } };
  const gcc: Files = {
    [libstdcxx]: library('libstdc++.so.6', needing),
    [libgcc]: library('libgcc_s.so.1', { versionsDefined: ['libgcc_s.so.1', 'GCC_4.5.0'] }),
    '/lib/libgcc_s.so.1': library('libgcc_s.so.1', { versionsDefined: ['libgcc_s.so.1', 'GCC_3.0'] }),
  };
  const older = 'needs GCC_4.5.0 of libgcc_s.so.1, which /lib/libgcc_s.so.1 does not have';

  test('may need what the change has elsewhere', () => {
    expect(found(gcc, [libstdcxx, libgcc])).toMatchObject({ faults: [], notes: [`${libstdcxx} ${older}`] });
  });
  test('may not need what nobody has', () => {
    expect(found(gcc, [libstdcxx]).faults).toEqual([`${libstdcxx} ${older}`]);
    const without = { ...gcc, [libgcc]: library('libgcc_s.so.1', { versionsDefined: ['GCC_4.4.0'] }) };
    expect(found(without, [libstdcxx, libgcc]).faults).toEqual([`${libstdcxx} ${older}`]);
  });
  test('a program has no such excuse', () => {
    const files = { ...gcc, [bin]: program(needing) };
    expect(found(files, [bin, libgcc]).faults).toEqual([`${bin} ${older}`]);
  });
});

describe('programs of Linux', () => {
  const linux = { ...amd64, osAbi: 0 };
  const interpreter = '/lib64/ld-linux-x86-64.so.2';
  const app = elfFile({ ...linux, interpreter, needed: ['libc.so.6'] });
  const libc = elfFile({ ...linux, soname: 'libc.so.6' });

  test('their libraries are those of linux(4) first', () => {
    const files = {
      [bin]: app,
      [`/compat/linux${interpreter}`]: elfFile(linux),
      '/compat/linux/usr/lib64/libc.so.6': libc,
    };
    expect(found(files)).toMatchObject({ faults: [], notes: [] });
  });
  test('without a linker of theirs they do not start', () => {
    expect(found({ [bin]: app }).faults).toEqual([
      `${bin} needs ${interpreter} to start, which is not there`,
    ]);
  });
  test('what a package has for them elsewhere is left alone', () => {
    const files = {
      '/usr/local/lib/node_modules/x/linux.node': elfFile({ ...linux, needed: ['libc.so.6'] }),
    };
    expect(found(files)).toMatchObject({
      faults: [],
      notes: [expect.stringContaining('is for a system that the jail does not have')],
    });
  });
});

describe('a library that a package keeps for other systems', () => {
  const modules = '/usr/local/lib/node_modules/x/prebuilds';
  const linux = { ...amd64, osAbi: 0 };
  const interpreter = '/lib64/ld-linux-x86-64.so.2';
  const ofLinux: Files = {
    [`/compat/linux${interpreter}`]: elfFile(linux),
    '/compat/linux/usr/lib64/libc.so.6': elfFile({ ...linux, soname: 'libc.so.6' }),
  };
  const android = elfFile({
    ...linux,
    needed: ['liblog.so', 'libm.so', 'libc.so'],
    versionsNeeded: { 'libc.so': ['LIBC'] },
  });
  const musl = elfFile({ ...linux, needed: ['libc.musl-x86_64.so.1'] });
  const glibc = elfFile({ ...linux, needed: ['libstdc++.so.6', 'libc.so.6'] });
  test.each<[string, string, Buffer]>([
    ['Android', `${modules}/android-x64/node.napi.node`, android],
    ['musl', `${modules}/linux-x64/node.napi.musl.node`, musl],
    ['a Linux that has more', `${modules}/linux-x64/node.napi.glibc.node`, glibc],
  ])('of %s decides nothing', (_what, path, file) => {
    for (const files of [{ [path]: file }, { ...ofLinux, [path]: file }]) {
      const { faults, notes } = found(files, [path]);
      expect(faults).toEqual([]);
      expect(notes[0]).toContain(path);
    }
  });
  test.each([
    ['as Android, where libraries are looked for', '/usr/local/lib/libx.so.1', android],
    ['as Linux, in its own tree', '/compat/linux/usr/lib64/x/libx.so.1', glibc],
    [
      "as FreeBSD's, anywhere",
      `${modules}/freebsd-x64/node.napi.node`,
      library('x', { needed: ['liblog.so'] }),
    ],
    [
      'as FreeBSD by its versions of symbols, anywhere',
      `${modules}/freebsd-x64/node.napi.node`,
      elfFile({
        ...linux,
        needed: ['liblog.so', 'libc.so.7'],
        versionsNeeded: { 'libc.so.7': ['FBSD_1.0'] },
      }),
    ],
  ])('decides %s', (_what, path, file) => {
    const { faults } = found({ ...ofLinux, [path]: file }, [path]);
    expect(faults[0]).toContain(path);
  });
  test('counts where a program has it', () => {
    const path = '/usr/local/lib/x/libx.so';
    const app = elfFile({ ...linux, interpreter, needed: ['libx.so'], runpath: '/usr/local/lib/x' });
    const files = { ...ofLinux, [bin]: app, [path]: android };
    expect(found(files, [path]).faults).toEqual([]);
    expect(found(files, [bin, path]).faults[0]).toContain(`${bin} loads ${path}, which needs liblog.so`);
  });
});

test('a fault is told once, of the file that needs what is missing', () => {
  const files = {
    [bin]: program({ needed: ['libx.so.1'] }),
    '/usr/local/bin/y': program({ needed: ['libx.so.1'] }),
    '/lib/libx.so.1': library('libx.so.1', { needed: ['libq.so.1'] }),
  };
  expect(found(files).faults).toEqual([
    `${bin} loads /lib/libx.so.1, which needs libq.so.1, which is not where it is looked for`,
  ]);
  expect(found({ [bin]: needsX }).faults).toEqual([missingX]);
});
