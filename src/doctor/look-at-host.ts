import { JtxError } from '../error.ts';
import { listMounts } from '../host/mounts.ts';
import { runCommand } from '../host/run.ts';
import { hostKernel } from '../jail/abi.ts';
import { datasetOf } from '../jail/dataset.ts';
import { everyJail, type FoundJail, findAmong, listKnown, ownNames } from '../jail/find.ts';
import { exposures } from '../journal/private.ts';
import { resolvePkg } from '../pkg/command.ts';
import type { Context } from '../transaction/context.ts';
import { preflight } from '../transaction/preflight.ts';
import { type ChangeRequest, plainChange } from '../transaction/request.ts';
import { findSubject } from '../transaction/subject.ts';
import { listInventory } from '../zfs/inventory.ts';
import { poolOf } from '../zfs/names.ts';
import type { Finding } from './finding.ts';
import { differences, leftJails, leftMounts, type Place } from './leftovers.ts';
import { requireEvery } from './tools.ts';

/** What a look at a host came to. */
export interface Diagnosis {
  /** What jtx works with, in words: the kernel, zfs(8), pkg(8). */
  tools: string[];
  /** The jails that were looked at. */
  jails: string[];
  findings: Finding[];
}

/**
 * Looks at everything that jtx counts on, and changes nothing. What is wrong is a finding, with what mends it; nothing
 * but a bug is thrown.
 */
export async function lookAtHost(context: Context): Promise<Diagnosis> {
  const findings: Finding[] = [];
  const note = async <T>(about: string, look: () => Promise<T> | T): Promise<T | undefined> => {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof JtxError)) throw error;
      findings.push(toldBy(about, error));
      return undefined;
    }
  };
  const tools = await namesOfTools(context, note);
  findings.push(...exposures(context.config.journal).map((exposed) => ({ about: 'journal', ...exposed })));
  findings.push(...context.journal.unsettled().map(unfinished));
  const known = await note('host', () => listKnown(runCommand, context.config));
  const names = known ? ownNames(known, context.config, everyJail(known)) : [];
  const mounts = (await note('host', () => listMounts(runCommand))) ?? [];
  const places: Place[] = [];
  for (const name of names) {
    const jail = known && (await note(name, () => findAmong(known, context.config, name)));
    if (jail?.broken) findings.push(toldBy(name, jail.broken));
    const place =
      jail && (await note(name, async () => placeOf(jail, await datasetOf(runCommand, jail, mounts))));
    if (!jail || !place) continue;
    places.push(place);
    const approach = await note(name, async () =>
      preflight(context, runCommand, await findSubject(runCommand, jail), {
        ...anyChange,
        jail: name,
      }),
    );
    findings.push(...(approach?.notes ?? []).map((says) => halfUpdatedBase(jail, says)));
  }
  findings.push(...leftMounts(places, mounts));
  findings.push(...leftJails(known?.running ?? [], context.journal.unsettled()));
  const pools = [...new Set(places.map(({ dataset }) => poolOf(dataset)))];
  const stored = await note('host', () => listInventory(runCommand, pools));
  const rowOf = context.journal.transaction.bind(context.journal);
  const counted = names.flatMap((jail) => context.journal.history({ jail, limit: remembered }));
  if (stored) findings.push(...differences(stored, rowOf, places, counted));
  return { tools, jails: names, findings };
}

/** What doctor asks of a jail is that an ordinary change of it would not be refused. */
const anyChange: Omit<ChangeRequest, 'jail'> = { ...plainChange, verb: 'install', words: [] };

/** How many transactions of a jail are held against its pool. */
const remembered = 1000;

type Note = <T>(about: string, look: () => Promise<T> | T) => Promise<T | undefined>;

async function namesOfTools({ config, environment }: Context, note: Note): Promise<string[]> {
  const kernel = await note('host', () => hostKernel(runCommand));
  const pkg = await note('host', async () => {
    const program = resolvePkg(config.pkg, environment['PATH'] ?? '');
    return (await firstLine([program, '-v'])) ?? unknown;
  });
  const zfs = await note('host', async () => (await firstLine(['zfs', 'version'])) ?? `zfs ${unknown}`);
  await note('host', () => requireEvery(environment['PATH'] ?? ''));
  return [
    ...(kernel ? [`kernel ${kernel.osreldate} ${kernel.machine}`] : []),
    ...(zfs === undefined ? [] : [zfs]),
    ...(pkg === undefined ? [] : [`pkg ${pkg}`]),
    `node ${process.versions.node}`,
  ];
}

// An old zfs(8) does not know the question.
const unknown = 'of an unknown version';

async function firstLine(command: readonly [string, ...string[]]): Promise<string | undefined> {
  const asked = await runCommand(command);
  const [first = ''] = asked.stdout.trim().split('\n');
  return asked.status === 0 && first !== '' ? first : undefined;
}

function placeOf({ name, root, running, bases }: FoundJail, dataset: string): Place {
  return { jail: name, root, dataset, running: running !== undefined, bases: bases.map(({ path }) => path) };
}

function toldBy(about: string, { message, hint }: JtxError): Finding {
  return { about, says: message, mend: hint };
}

function halfUpdatedBase({ name, root }: FoundJail, says: string): Finding {
  return { about: name, says, mend: `freebsd-update -b ${root} install` };
}

function unfinished({ jail, id, state }: { jail: string; id: string; state: string }): Finding {
  const says = state === 'stuck' ? `${id} is stuck and needs a person` : `${id} is not finished`;
  return {
    about: jail,
    says,
    mend: state === 'stuck' ? `jtx show ${id}, then jtx recover [--leave ${id}]` : 'jtx recover',
  };
}
