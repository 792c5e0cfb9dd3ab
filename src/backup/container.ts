import { type Run, succeeded } from '../host/run.ts';
import { destroyTree } from '../zfs/clone.ts';
import { getLines, parseLine } from '../zfs/lines.ts';
import { datasetName } from '../zfs/names.ts';

/**
 * The property of an empty dataset below which jtx receives what nobody has been promised yet. It is there before anything
 * comes, so whatever a crash leaves below is known for jtx's own.
 */
const receiving = 'jtx:receiving';

/** Makes one. Throws `command-failed`. */
export async function makeContainer(run: Run, name: string, id: string): Promise<void> {
  const options = ['canmount=off', 'mountpoint=none', `${receiving}=${id}`].flatMap((option) => [
    '-o',
    option,
  ]);
  succeeded(await run(['zfs', 'create', ...options, datasetName(name)], { changes: true }));
}

/** Destroys one, with all that is in it. */
export function destroyContainer(run: Run, name: string): Promise<void> {
  return destroyTree(run, name);
}

/** Those that a crash has left, by the id in their names, among all whose name a pattern with a group for it knows. Throws `command-failed`. */
export async function listContainers(run: Run, pattern: RegExp): Promise<{ name: string; id: string }[]> {
  const lines = await getLines(run, { tops: [], types: ['filesystem'], properties: [receiving] });
  return lines.flatMap((line) => {
    const { name = '', property, source, value: id = '' } = parseLine(line) ?? {};
    const isOne = property === receiving && source === 'local' && pattern.exec(name)?.[1] === id;
    return isOne ? [{ name, id }] : [];
  });
}
