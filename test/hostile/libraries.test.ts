import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { amd64, type ElfContent, elfFile } from '../elf/elf-file.ts';
import { deadline } from '../lab/deadline.ts';
import { jailForTests, openForTests } from '../lab/for-tests.ts';
import { Lab } from '../lab/open-lab.ts';
import { addRepository, ownPackage } from '../lab/own-repository.ts';
import { expectNothingLeft } from '../transaction/rows.ts';

const elf = (content: Partial<ElfContent>): Buffer =>
  elfFile({ ...amd64, osversion: 1401000, needed: [], ...content });
const hostLibrary = elf({ soname: 'libown.so.1' });
const user = ownPackage('user', {
  files: { '/usr/local/bin/user': elf({ needed: ['libown.so.1'], rpath: '/opt/lib' }) },
});

const numbered = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}${at}`);

/** A file in which its program headers say what they should not. */
function withHeaders(plant: (file: Buffer) => void): Buffer {
  const file = Buffer.alloc(1024 * 1024, 1);
  elf({ soname: 'x' }).copy(file);
  plant(file);
  return file;
}

describe('libraries', () => {
  const lab = openForTests(new Lab());
  const jail = jailForTests(lab, 'web');
  beforeAll(async () => {
    await lab.must('mkdir "$LAB/outside"');
    writeFileSync(join(lab.directory, 'outside/libown.so.1'), hostLibrary);
  });

  /** Nobody reads 4 GiB for a manifest. */
  const listing = (): Promise<string> =>
    lab.must('cd "$1" && find . -printf "%p %m %s %T@ %l\\n" | sort', jail.root);
  /** The last verification of a change. */
  const last = async (id: string | undefined): Promise<{ tier: string; passed: boolean; output: string }> =>
    JSON.parse(await lab.must('jtx show "$1" --json', id ?? '')).transaction.verifications.at(-1);

  it('one that is there is found', async () => {
    await addRepository(lab, jail, [user]);
    await lab.must('mkdir -p "$1/opt/lib"; cp "$LAB/outside/libown.so.1" "$1/opt/lib"', jail.root);
    const done = await jail.jtx('install', 'user');
    expect([done.status, done.state], done.stdout).toEqual([0, 'committed']);
  });

  it.each([
    ['a FIFO', 'mkdir -p "$1/opt/lib"; mkfifo "$1/opt/lib/libown.so.1"'],
    ['a device', 'mkdir -p "$1/opt/lib"; mknod "$1/opt/lib/libown.so.1" c 1 5'],
    ['a directory', 'mkdir -p "$1/opt/lib/libown.so.1"'],
    ['4 GiB of nothing', 'mkdir -p "$1/opt/lib"; truncate -s 4G "$1/opt/lib/libown.so.1"'],
    ['a link to itself', 'mkdir -p "$1/opt/lib"; ln -s libown.so.1 "$1/opt/lib/libown.so.1"'],
    [
      'two links in a circle',
      'mkdir -p "$1/opt/lib"; ln -s a "$1/opt/lib/libown.so.1"; ln -s /opt/lib/libown.so.1 "$1/opt/lib/a"',
    ],
    [
      'a link to one of the host',
      'mkdir -p "$1/opt/lib"; ln -s "$LAB/outside/libown.so.1" "$1/opt/lib/libown.so.1"',
    ],
    [
      'a link to it by ..',
      'mkdir -p "$1/opt/lib"; ln -s "../../../../../../../..$LAB/outside/libown.so.1" "$1/opt/lib/libown.so.1"',
    ],
    ['in a directory that is a link', 'mkdir "$1/opt"; ln -s "$LAB/outside" "$1/opt/lib"'],
    [
      'below one that is a link',
      'mkdir "$LAB/outside/lib" 2>/dev/null; cp "$LAB/outside/libown.so.1" "$LAB/outside/lib"; ln -s "../../../../../..$LAB/outside" "$1/opt"',
    ],
  ])('in place of one: %s', async (_what, plant) => {
    await addRepository(lab, jail, [user]);
    await lab.must(plant, jail.root);
    const before = await listing();
    const started = performance.now();
    const verdict = await jail.jtx('install', 'user');
    expect(performance.now() - started).toBeLessThan(deadline(30_000));
    expect([verdict.status, verdict.code], verdict.stdout).toEqual([4, 'verification-failed']);
    expect(await last(verdict.id)).toMatchObject({
      tier: 'static',
      output: expect.stringContaining('/usr/local/bin/user of user needs libown.so.1, '),
    });
    expect(await listing()).toBe(before);
    await expectNothingLeft(lab, jail, false);
  });

  it.each<[string, Buffer, string]>([
    [
      'more libraries than could be looked for, in more directories',
      elf({ needed: numbered(2500, 'lib'), rpath: numbered(2000, '/a').join(':') }),
      'there is no end to what these files lead to',
    ],
    [
      '65,535 program headers',
      withHeaders((file) => file.writeUInt16LE(0xffff, 56)),
      'has 65535 program headers',
    ],
    [
      'a table that lies behind its end',
      withHeaders((file) => file.writeBigUInt64LE(2n ** 63n, 32)),
      'it ends at byte',
    ],
    [
      'a dynamic section of the whole file',
      withHeaders((file) => {
        file.writeUInt32LE(2, 64);
        file.writeBigUInt64LE(0n, 64 + 8);
        file.writeBigUInt64LE(BigInt(file.length), 64 + 32);
      }),
      'its dynamic section has 1048576 bytes',
    ],
    [
      'versions without end',
      elf({ soname: 'x', versionsDefined: numbered(10_001, 'X_') }),
      'defines more versions than there are',
    ],
  ])('a file with %s', async (_what, file, says) => {
    await addRepository(lab, jail, [ownPackage('bomb', { files: { '/usr/local/lib/libbomb.so': file } })]);
    const before = await jail.manifest();
    const started = performance.now();
    const verdict = await jail.jtx('install', 'bomb');
    expect(performance.now() - started).toBeLessThan(deadline(45_000));
    expect([verdict.status, verdict.code], verdict.stdout).toEqual([4, 'verification-failed']);
    expect((await last(verdict.id)).output).toContain(says);
    expect(await jail.manifest()).toBe(before);
  });
});
