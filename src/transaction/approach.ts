import { refused } from '../error.ts';
import { RootWalk } from '../host/root-walk.ts';
import type { Run } from '../host/run.ts';
import { type Abi, hostKernel, machineOf, readAbi, requireNotNewer } from '../jail/abi.ts';
import { halfUpdated, readUserland } from '../jail/userland.ts';
import type { Scripts } from '../pkg/command.ts';
import type { Context } from './context.ts';
import type { LeftOut } from './left-out.ts';
import { type ChangeRequest, isPackageVerb } from './request.ts';

/** How a jail is to be worked on, as far as its base, the host, and what was asked for decide that. */
export interface Approach extends Abi {
  scripts: Scripts;
  leftOut: readonly LeftOut[];
  /** What a person should know of it besides: a sentence each. */
  notes: readonly string[];
}

type Asked = Pick<ChangeRequest, 'verb' | 'abi' | 'options' | 'probes'>;

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
  const machines = { jail: machineOf(abi.abi), host: kernel.machine, emulated: config.emulated };
  const running = whatRuns(request, machines);
  requireProbes(request, running.leftOut);
  if (running.scripts === 'in-jail' && request.verb !== 'verify') requireShell(root);
  return { ...abi, ...running, notes: note === undefined ? [] : [note] };
}

function ownAbi(root: string, kernel: Parameters<typeof requireNotNewer>[2]) {
  const abi = readAbi(root);
  const userland = readUserland(root);
  requireNotNewer(abi, userland, kernel);
  return { abi, note: halfUpdated(abi, userland) };
}

/**
 * What of a jail runs: its own scripts and programs, where this host can run them (docs/pkg-facts.md, 6). Pure. Throws
 * `machine-mismatch` where all that was asked for is to run something.
 */
export function whatRuns(
  { verb, options }: Asked,
  machines: { jail: string; host: string; emulated: readonly string[] },
): Pick<Approach, 'scripts' | 'leftOut'> {
  const left = (part: LeftOut['part'], why: string): LeftOut[] =>
    part === 'scripts' && !isPackageVerb(verb) ? [] : [{ part, why }];
  const { jail, host, emulated } = machines;
  if (jail !== host && !emulated.includes(jail)) {
    const why = `as this host (${host}) does not run programs for ${jail}`;
    if (verb === 'run') throw strange(jail, host);
    return { scripts: 'skipped', leftOut: [...left('scripts', why), ...left('probes', why)] };
  }
  const asked = options.find(([key, value]) => key === 'RUN_SCRIPTS' && /^(no|false|off|0)$/i.test(value));
  if (!asked) return { scripts: 'in-jail', leftOut: [] };
  return { scripts: 'skipped', leftOut: left('scripts', `as RUN_SCRIPTS=${asked[1]} asks`) };
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
    'For a thin jail, say in its fstab(5) what is mounted into the root.',
  );
}
