import { refused } from '../error.ts';
import { RootWalk } from '../host/root-walk.ts';
import type { Run } from '../host/run.ts';
import {
  type Abi,
  hostKernel,
  type JailAbi,
  type Kernel,
  machineOf,
  readAbi,
  requireNotNewer,
} from '../jail/abi.ts';
import { halfUpdated, readUserland } from '../jail/userland.ts';
import type { Scripts } from '../pkg/command.ts';
import type { Context } from './context.ts';
import type { LeftOut } from './left-out.ts';
import { type ChangeRequest, isPackageVerb } from './request.ts';

/** How a jail is to be worked on, as far as its base, the host, and what was asked for decide that. */
export interface Approach extends Abi {
  /** The host's. */
  kernel: Kernel;
  scripts: Scripts;
  leftOut: readonly LeftOut[];
  /** What a person should know of it besides: a sentence each. */
  notes: readonly string[];
}

type Asked = Pick<ChangeRequest, 'verb' | 'abi' | 'rootdir' | 'scriptsOnHost' | 'options' | 'probes'>;

/**
 * Tells what a root's packages must be built for (what was named, else what its own files say) and what of them runs
 * where. Throws `root-incomplete`, `abi-unreadable`, `jail-newer-than-kernel`, `machine-mismatch`, `probes-impossible`.
 */
export async function approach(
  { config }: Context,
  run: Run,
  root: string,
  request: Asked,
): Promise<Approach> {
  const kernel = await hostKernel(run);
  const { abi, note } = request.abi ? { abi: request.abi, note: undefined } : ownAbi(root, kernel);
  const runs = [...kernel.machines, ...config.emulated];
  const running = whatRuns(request, { jail: machineOf(abi.abi), host: kernel.machine, runs });
  requireProbes(request, running.leftOut);
  if (running.scripts === 'in-jail' && request.verb !== 'verify') requireShell(root);
  return { ...abi, kernel, ...running, notes: [...(note === undefined ? [] : [note]), ...running.notes] };
}

/**
 * What a root's own files say that they were built for, and what a person should know of it. Throws `abi-unreadable`,
 * `jail-newer-than-kernel`.
 */
export function ownAbi(root: string, kernel: Kernel): { abi: JailAbi; note: string | undefined } {
  const abi = readAbi(root);
  const userland = readUserland(root);
  requireNotNewer(abi, userland, kernel);
  return { abi, note: halfUpdated(abi, userland) };
}

/**
 * What of a jail runs, and where: its own scripts and programs in it, where this host can run them; nothing of a root
 * that pkg only unpacks into, whose scripts would run on the host (docs/pkg-facts.md, 1 and 6). Pure. Throws
 * `machine-mismatch` where all that was asked for is to run something.
 */
export function whatRuns(
  { verb, rootdir, scriptsOnHost, options }: Asked,
  { jail, host, runs }: { jail: string; host: string; runs: readonly string[] },
): Pick<Approach, 'scripts' | 'leftOut' | 'notes'> {
  const left = (part: LeftOut['part'], why: string): LeftOut[] =>
    part === 'scripts' && !isPackageVerb(verb) ? [] : [{ part, why }];
  if (rootdir) {
    const probes = left('probes', 'as nothing of a root is run with --rootdir');
    if (scriptsOnHost) return { scripts: 'on-host', leftOut: probes, notes: ['scripts: run on the host'] };
    const scripts = left('scripts', 'as with --rootdir they would run on this host');
    return { scripts: 'skipped', leftOut: [...scripts, ...probes], notes: [] };
  }
  if (!runs.includes(jail)) {
    const why = `as this host (${host}) does not run programs for ${jail}`;
    if (verb === 'run') throw strange(jail, host);
    return { scripts: 'skipped', leftOut: [...left('scripts', why), ...left('probes', why)], notes: [] };
  }
  const asked = options.find(([key, value]) => key === 'RUN_SCRIPTS' && /^(no|false|off|0)$/i.test(value));
  if (!asked) return { scripts: 'in-jail', leftOut: [], notes: [] };
  return { scripts: 'skipped', leftOut: left('scripts', `as RUN_SCRIPTS=${asked[1]} asks`), notes: [] };
}

function strange(jail: string, host: string): Error {
  return refused(
    'machine-mismatch',
    `the jail is for ${jail}, and this host (${host}) does not run programs for that`,
    `Where it has an emulator, say so in its configuration: emulated = ["${jail}"]`,
  );
}

/** What a person asks to be verified is not left out silently. */
function requireProbes({ probes, verb }: Asked, leftOut: readonly LeftOut[]): void {
  const left = leftOut.find(({ part }) => part === 'probes');
  if (!left || probes.length === 0) return;
  throw refused(
    'probes-impossible',
    `--verify cannot be carried out, ${left.why}`,
    verb === 'verify' ? undefined : 'Without --verify the static check still looks at every program.',
  );
}

function requireShell(root: string): void {
  if (RootWalk.within(root, (walk) => walk.find('bin/sh'))) return;
  throw refused(
    'root-incomplete',
    `${root}/bin/sh is missing: pkg would skip every script and report success`,
    'For a thin jail, say in its fstab(5) what is mounted into the root; for a root that has none: --rootdir.',
  );
}
