import type { PackageContent } from './content.ts';
import { readElf } from './elf.ts';

const PRESENT = 'libc.so.6\0';
const ABSENT = 'libq.so.6\0';

/** A real program that needs a library which no package has; only the dynamic linker notices. */
export function packageWithMissingLibrary(
  software: readonly PackageContent[],
  version: string,
): PackageContent {
  const program = software
    .flatMap((pkg) => pkg.files ?? [])
    .find((file) => file.path.endsWith('/bin/pg_test_timing') && readElf(file.content) !== undefined);
  const glibc = software.find((pkg) => pkg.name === 'glibc');
  if (program === undefined || glibc === undefined) throw new Error('no small program in the server package');
  const content = Buffer.from(program.content);
  // The name is in the string table once; the versions of symbols name their library by the same bytes.
  for (let at = content.indexOf(PRESENT); at >= 0; at = content.indexOf(PRESENT, at))
    content.write(ABSENT, at);
  return {
    name: 'needslib',
    version,
    origin: 'test/needslib',
    comment: 'needslib test',
    desc: 'Test package needslib',
    files: [{ path: '/usr/local/bin/needslib', content, mode: 0o755 }],
    deps: new Map([['glibc', { origin: glibc.origin, version: glibc.version }]]),
    shlibsRequired: ['libq.so.6'],
  };
}
