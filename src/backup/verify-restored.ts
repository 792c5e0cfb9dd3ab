import { join } from 'node:path';
import { JtxError } from '../error.ts';
import { lookInside } from '../host/inside-root.ts';
import { mountDevfs, requireRuleset } from '../host/mounts.ts';
import { runCommand } from '../host/run.ts';
import { readAbi } from '../jail/abi.ts';
import { throwAwayName, withThrowAwayJail } from '../jail/throw-away.ts';
import { checkChanged } from '../pkg/check.ts';
import { type PkgSettings, pkgEnvironment, resolvePkg } from '../pkg/command.ts';
import { type InstalledPackage, readOwners, readPackages } from '../pkg/database.ts';
import type { Context } from '../transaction/context.ts';
import { makeScratch, scratchPath } from '../transaction/scratch.ts';
import { parseProbes, runProbe } from '../verify/probe.ts';
import { checkStatically } from '../verify/static/static-tier.ts';
import { unproved } from './unproved.ts';

/**
 * Looks whether what was restored is a jail that works, cheapest tier first: its packages can be read, pkg checks them,
 * their files could run, and the jail's own probes pass in it. What pkg and the files say is told and no more: the jail
 * itself has it too. Gives what was looked at, in words. Throws `package-database-unreadable`, `backup-unproved`.
 */
export async function verifyRestored(
  context: Context,
  jail: string,
  root: string,
  id: string,
): Promise<string[]> {
  const packages = await readPackages(root);
  const looked =
    packages.length === 0
      ? []
      : [...(await check(context, root, id, packages)), ...(await read(context, root, packages))];
  return [...looked, ...(await probe(context, jail, root, id))];
}

async function check(
  context: Context,
  root: string,
  id: string,
  packages: readonly InstalledPackage[],
): Promise<string[]> {
  const names = packages.map(({ name }) => name);
  const said = `pkg check of ${names.length} package${names.length === 1 ? '' : 's'}`;
  try {
    const { abi, osversion } = readAbi(root);
    const pkg = resolvePkg(context.config.pkg, context.environment['PATH'] ?? '');
    const scratch = scratchPath(id);
    makeScratch(root, scratch, { pkgConfig: undefined, repoConfDir: undefined });
    const settings: PkgSettings = {
      pkg,
      root,
      scratch,
      abi,
      osversion,
      rootdir: false,
      scripts: 'in-jail',
      options: [],
      repositories: false,
    };
    const findings = await checkChanged(runCommand, settings, pkgEnvironment(context.environment), names, []);
    return [told(said, findings)];
  } catch (error) {
    // A host that keeps backups need not be one that can run the jail.
    if (error instanceof JtxError) return [`no ${said}: ${error.message}`];
    throw error;
  }
}

async function read(
  context: Context,
  root: string,
  packages: readonly InstalledPackage[],
): Promise<string[]> {
  try {
    const owners = await readOwners(root);
    const checked = checkStatically({
      root,
      system: readAbi(root),
      names: packages.map(({ name }) => name),
      before: packages,
      after: packages,
      owners,
      ownersBefore: owners,
      accepted: context.config.staticAccept,
    });
    if (checked === undefined) return [];
    return [told(checked.subject, checked.passed ? [] : checked.output.split('\n'))];
  } catch (error) {
    // A thin jail's base is no part of its backup.
    if (error instanceof JtxError) return [`no static check: ${error.message}`];
    throw error;
  }
}

function told(what: string, [first, ...more]: readonly string[]): string {
  if (first === undefined) return what;
  return `${what} finds: ${first}${more.length === 0 ? '' : `, and ${more.length} more`}`;
}

async function probe(context: Context, jail: string, root: string, id: string): Promise<string[]> {
  const { probeDeadline, devfsRuleset, backup } = context.config;
  const wanted = parseProbes(backup.jails.get(jail)?.verify ?? [], []);
  if (wanted.length === 0) return [];
  const dev = lookInside(root, 'dev');
  if (dev?.isDirectory()) {
    await requireRuleset(runCommand, devfsRuleset);
    await mountDevfs(runCommand, join(root, 'dev'), devfsRuleset);
  }
  const jailHere = { name: throwAwayName(id), root, hostname: jail };
  return withThrowAwayJail(runCommand, jailHere, async (exec) => {
    const passed: string[] = [];
    for (const one of wanted) {
      const { subject, passed: well, output } = await runProbe(exec, one, probeDeadline);
      if (!well) throw unproved(`${subject} failed: ${output.trim().split('\n')[0] ?? ''}`);
      passed.push(subject);
    }
    return passed;
  });
}
