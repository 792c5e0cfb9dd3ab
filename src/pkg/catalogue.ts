import { lookInside } from '../host/inside-root.ts';

/** Whether a root has catalogues. Throws `root-unsafe`. */
export function hasCatalogue(root: string): boolean {
  return lookInside(root, 'var/db/pkg/repos')?.isDirectory() === true;
}

/**
 * Arguments that list for which ABIs the packages of the catalogues are, but for those that fit anyway: of a repository
 * with tens of thousands of packages nothing is printed as a rule.
 */
export function listStrangersArguments(abi: string): string[] {
  const anyMachine = abi.replace(/[^:]*$/, '*');
  return ['rquery', '-U', '-e', `%q != "${abi}" && %q != "${anyMachine}"`, '%q'];
}

/**
 * Whether catalogues have packages that are not for an ABI: they were made for another one, and pkg looks at that only
 * while it makes them (docs/pkg-facts.md, 6). Takes what {@link listStrangersArguments} printed. Pure.
 */
export function isForAnother(listed: string, abi: string): boolean {
  return listed.split('\n').some((pattern) => pattern !== '' && !fits(pattern, abi));
}

/** As pkg compares them: a `*` stands for anything, and letters for capitals too. */
function fits(pattern: string, abi: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\?]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`, 'i').test(abi);
}

/** Arguments that make the catalogues anew, whatever there is. */
export const renewArguments: readonly string[] = ['update', '-f'];
