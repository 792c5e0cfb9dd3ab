import { RootWalk } from '../host/root-walk.ts';
import { complaint, type Finished, type Run } from '../host/run.ts';
import { type PkgSettings, pkgCommand } from './command.ts';

/** Reads `pkg check -sq`: `hello-1.0: checksum mismatch for PATH`. */
export function parseSums(output: string): string[] {
  return output.split('\n').filter((line) => /: (checksum mismatch for|missing file) /.test(line));
}

/** Reads `pkg check -dnq -a`: package, tab, what it misses. */
export function parseMissing(output: string): { name: string; missing: string }[] {
  return output.split('\n').flatMap((line) => {
    const [name, missing] = line.split('\t');
    return name !== undefined && missing !== undefined && missing !== '' ? [{ name, missing }] : [];
  });
}

/**
 * Lets pkg check what changed: sums of the packages that are there now, and dependencies that they miss or
 * that something which has gone leaves missing. The output decides: `check -d` always exits with 0, and -n
 * keeps it from installing what it misses (docs/pkg-facts.md, 7). Gives what is wrong.
 */
export async function checkChanged(
  run: Run,
  settings: PkgSettings,
  environment: Readonly<Record<string, string>>,
  present: readonly string[],
  gone: readonly string[],
): Promise<string[]> {
  const findings: string[] = [];
  for (const [flags, ...rest] of looks(present, gone)) {
    const verb = ['check', flags, ...rest];
    const checked = await run(pkgCommand(settings, verb), { changes: true, lasting: true, environment });
    const wrong = parseSums(checked.stdout + checked.stderr);
    const missing = missed(checked.stdout, settings.root);
    findings.push(...wrong);
    for (const { name, missing: word } of missing)
      if (concerns(name, present) || concerns(word, gone))
        findings.push(`${name} needs ${word}, which is not there`);
    const explained = wrong.length > 0 || missing.length > 0;
    if (checked.hung || (checked.status !== 0 && !explained)) findings.push(failed(flags, checked));
  }
  return findings;
}

/** What pkg is asked for: of packages that nothing has gone from beside, all at once; it starts slowly. */
function looks(present: readonly string[], gone: readonly string[]): [string, ...string[]][] {
  if (gone.length === 0) return [['-dsnq', '--', ...present]];
  const dependencies: [string, ...string[]] = ['-dnq', '-a'];
  return present.length === 0 ? [dependencies] : [['-sq', '--', ...present], dependencies];
}

/**
 * What packages miss, but for libraries of 32 bits in a jail that has none: they are for what runs elsewhere, and pkg
 * passes them over too unless the base itself is made of packages (docs/pkg-facts.md, 7).
 */
function missed(output: string, root: string): { name: string; missing: string }[] {
  const all = parseMissing(output);
  const narrow = ({ missing }: { missing: string }): boolean => missing.endsWith(':32');
  return all.some(narrow) && !hasNarrowLinker(root) ? all.filter((one) => !narrow(one)) : all;
}

function hasNarrowLinker(root: string): boolean {
  return RootWalk.within(root, (walk) => walk.find('/libexec/ld-elf32.so.1')) !== undefined;
}

function failed(flags: string, finished: Finished): string {
  return `pkg check ${flags} ended with status ${finished.status}: ${complaint(finished)}`;
}

/** Whether pkg's word for a package, with or without its version, is one of these. */
function concerns(word: string, names: readonly string[]): boolean {
  // No version has a dash in it, and none is without a digit.
  const bare = word.replace(/-[^-]*\d[^-]*$/, '');
  return names.includes(word) || names.includes(bare);
}
