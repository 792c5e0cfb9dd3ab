import { join } from 'node:path';
import { JtxError } from '../error.ts';
import { lookInside } from '../host/inside-root.ts';
import { mountDevfs } from '../host/mounts.ts';
import { runCommand } from '../host/run.ts';
import { readAbi } from '../jail/abi.ts';
import { throwAwayName, withThrowAwayJail } from '../jail/throw-away.ts';
import { checkChanged } from '../pkg/check.ts';
import { pkgEnvironment, resolvePkg } from '../pkg/command.ts';
import { readPackages } from '../pkg/database.ts';
import type { Context } from '../transaction/context.ts';
import { makeScratch, scratchPath } from '../transaction/scratch.ts';
import { parseProbes, runProbe } from '../verify/probe.ts';

/**
 * Looks whether what was restored is a jail that works, cheapest tier first: its packages can be read, pkg checks them,
 * and the jail's own probes pass in it. What pkg finds is told and no more: the jail itself has it too. Gives what was
 * looked at, in words. Throws `package-database-unreadable`, `backup-unproved`.
 */
export async function verifyRestored(
  context: Context,
  jail: string,
  root: string,
  id: string,
): Promise<string[]> {
  return [...(await check(context, root, id)), ...(await probe(context, jail, root, id))];
}

async function check(context: Context, root: string, id: string): Promise<string[]> {
  const names = (await readPackages(root)).map(({ name }) => name);
  if (names.length === 0) return [];
  const said = `pkg check of ${names.length} package${names.length === 1 ? '' : 's'}`;
  try {
    const { abi, osversion } = readAbi(root);
    const pkg = resolvePkg(context.config.pkg, context.environment['PATH'] ?? '');
    const scratch = scratchPath(id);
    makeScratch(root, scratch, { pkgConfig: undefined, repoConfDir: undefined });
    const settings = { pkg, root, scratch, abi, osversion, options: [], repositories: false };
    const findings = await checkChanged(runCommand, settings, pkgEnvironment(context.environment), names, []);
    const [first, ...more] = findings;
    if (first === undefined) return [said];
    return [`${said} finds, as in the jail: ${first}${more.length === 0 ? '' : `, and ${more.length} more`}`];
  } catch (error) {
    // A host that keeps backups need not be one that can run the jail.
    if (error instanceof JtxError) return [`no ${said}: ${error.message}`];
    throw error;
  }
}

async function probe(context: Context, jail: string, root: string, id: string): Promise<string[]> {
  const { probeDeadline, devfsRuleset, backup } = context.config;
  const wanted = parseProbes(backup.jails.get(jail)?.verify ?? [], []);
  if (wanted.length === 0) return [];
  const dev = lookInside(root, 'dev');
  if (dev?.isDirectory()) await mountDevfs(runCommand, join(root, 'dev'), devfsRuleset);
  const jailHere = { name: throwAwayName(id), root, hostname: jail };
  return withThrowAwayJail(runCommand, jailHere, async (exec) => {
    const passed: string[] = [];
    for (const one of wanted) {
      const { subject, passed: well, output } = await runProbe(exec, one, probeDeadline);
      if (!well) throw failed(`${subject} failed: ${output.trim().split('\n')[0] ?? ''}`);
      passed.push(subject);
    }
    return passed;
  });
}

function failed(message: string): JtxError {
  return new JtxError({ code: 'backup-unproved', outcome: 'refused', message });
}
