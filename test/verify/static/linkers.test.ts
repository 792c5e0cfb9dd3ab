import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readElf } from '../../../src/elf/read-elf.ts';
import { RootWalk } from '../../../src/host/root-walk.ts';
import { JailFiles } from '../../../src/verify/static/jail-files.ts';
import { linkersOf } from '../../../src/verify/static/linkers.ts';
import { amd64, elfFile } from '../../elf/elf-file.ts';
import { temporaryDirectory } from '../../host/temporary.ts';

const listedIn = '/usr/local/libdata/ldconfig';

function rootWith(files: Readonly<Record<string, Buffer | string>>): string {
  const root = temporaryDirectory();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** Where libraries are looked for in a root, for a file that does not say for which system it is. */
function directoriesIn(root: string): readonly string[] | undefined {
  const file = elfFile({ ...amd64, osAbi: 0, needed: ['x'] });
  const elf = readElf((offset, length) => file.subarray(offset, offset + length), file.length);
  if (elf === undefined || 'broken' in elf) throw new Error('it is no ELF file');
  return RootWalk.within(root, (walk) =>
    linkersOf({ machine: 'amd64', osversion: 1401000 }, new JailFiles(walk)).for(elf),
  )?.directories;
}

test.each(['/var/run/ld-elf.so.hints', '/etc/ld.so.cache', '/compat/linux/etc/ld.so.cache'])(
  '%s with a tebibyte of holes is none',
  (path) => {
    const interpreter = { '/lib64/ld-linux-x86-64.so.2': elfFile({ ...amd64, osAbi: 0 }) };
    const root = rootWith({ ...interpreter, [path]: '' });
    const without = directoriesIn(root);
    expect(without).toEqual(expect.arrayContaining(['/usr/local/lib', '/lib64']));
    truncateSync(join(root, path), 1024 ** 4);
    expect(directoriesIn(root)).toEqual(without);
  },
);

test('of what packages ask ldconfig to know, files and their lengths have an end', () => {
  const names = Array.from({ length: 1100 }, (_, at) => `${10_000 + at}`);
  const lists = names.map((name): [string, string] => [`${listedIn}/${name}`, `/opt/${name}\n`]);
  const long = `/opt/long${'\n'.repeat(5000)}`;
  const found = directoriesIn(rootWith({ ...Object.fromEntries(lists), [`${listedIn}/0`]: long }));
  expect(found?.filter((directory) => directory.startsWith('/opt/'))).toEqual(
    names.slice(0, 999).map((name) => `/opt/${name}`),
  );
});
