import { posix } from 'node:path';
import type { PackageContent } from './content.ts';
import { type ElfNeeds, readElf } from './elf.ts';

/** The libraries that packages have where the dynamic linker looks, by file name. */
export function libraryOwners(packages: readonly PackageContent[]): Map<string, string> {
  const owners = new Map<string, string>();
  for (const pkg of packages) {
    for (const { path } of [...(pkg.files ?? []), ...(pkg.links ?? [])]) {
      if (isSearched(path)) owners.set(posix.basename(path), pkg.name);
    }
  }
  return owners;
}

/** Marks packages with the libraries that they need and provide; leaves out what could never be loaded. */
export function withLibraries(
  packages: readonly PackageContent[],
  report: (line: string) => void,
): PackageContent[] {
  const owners = libraryOwners(packages);
  return withInterpreters(packages).map((pkg) => {
    const required = new Set<string>();
    const provided = new Set<string>();
    const files = (pkg.files ?? []).filter((file) => {
      const elf = readElf(file.content);
      if (elf === undefined) return true;
      const missing = elf.needed.find((library) => !owners.has(library));
      if (missing !== undefined) {
        report(`${pkg.name}: left out ${file.path}, which needs ${missing}`);
        return false;
      }
      for (const library of elf.needed) if (owners.get(library) !== pkg.name) required.add(library);
      if (elf.soname !== undefined && isSearched(file.path)) provided.add(elf.soname);
      return true;
    });
    return { ...pkg, files, shlibsRequired: [...required].sort(), shlibsProvided: [...provided].sort() };
  });
}

/** All ELF files of a package. */
export function elfFiles(pkg: PackageContent): { path: string; elf: ElfNeeds }[] {
  return (pkg.files ?? []).flatMap(({ path, content }) => {
    const elf = readElf(content);
    return elf === undefined ? [] : [{ path, elf }];
  });
}

/** Puts the program interpreter where programs name it, beside the place where the distribution has it. */
function withInterpreters(packages: readonly PackageContent[]): PackageContent[] {
  const wanted = new Set(packages.flatMap(elfFiles).map(({ elf }) => elf.interpreter));
  return packages.map((pkg) => {
    const links = [...wanted].flatMap((path) => {
      const owned = (pkg.files ?? []).find(
        (file) => posix.basename(file.path) === posix.basename(path ?? ''),
      );
      return path === undefined || owned === undefined || owned.path === path
        ? []
        : [{ path, target: owned.path }];
    });
    const merged = (pkg.links ?? []).filter((link) => !/^\/usr\/lib(64)?\/ld-linux/.test(link.path));
    return { ...pkg, links: [...merged, ...links] };
  });
}

function isSearched(path: string): boolean {
  return /^\/usr\/lib\/([^/]+-linux-gnu\/)?[^/]+\.so(\.|$)/.test(path);
}
