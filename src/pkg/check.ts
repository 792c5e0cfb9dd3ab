import type { Run } from '../host/run.ts';
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
  const options = { changes: true, lasting: true, environment };
  const findings: string[] = [];
  if (present.length > 0) {
    const summed = await run(pkgCommand(settings, ['check', '-sq', '--', ...present]), options);
    const wrong = parseSums(summed.stdout + summed.stderr);
    findings.push(...wrong);
    if (summed.status !== 0 && wrong.length === 0)
      findings.push(`pkg check -s ended with status ${summed.status}`);
  }
  const checked = await run(pkgCommand(settings, ['check', '-dnq', '-a']), options);
  for (const { name, missing } of parseMissing(checked.stdout)) {
    if (!concerns(name, present) && !concerns(missing, gone)) continue;
    findings.push(`${name} needs ${missing}, which is not there`);
  }
  if (checked.status !== 0) findings.push(`pkg check -d ended with status ${checked.status}`);
  return findings;
}

/** Whether pkg's word for a package, with or without its version, is one of these. */
function concerns(word: string, names: readonly string[]): boolean {
  return names.some((name) => word === name || word.startsWith(`${name}-`));
}
