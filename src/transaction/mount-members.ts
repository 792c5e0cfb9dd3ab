import { JtxError } from '../error.ts';
import { requirePlace } from '../host/inside-root.ts';
import { listMounts, unmountUnlessBusy } from '../host/mounts.ts';
import type { Run } from '../host/run.ts';
import type { Member } from '../journal/rows.ts';
import { mountDataset } from '../zfs/dataset.ts';
import { mountsOf } from './unmount-order.ts';

/**
 * Mounted datasets are rolled back as well as unmounted ones; unmounting only makes sure that no cache and no open file can
 * show what has gone. So a busy one (somebody's shell stands there) is no obstacle, and neither is one that stays because
 * zfs(8) would not mount it again. Throws `command-failed`.
 */
export async function unmountWhatCanBe(run: Run, members: readonly Member[]): Promise<void> {
  const own = new Set(members.filter(({ mountpoint }) => mountpoint !== 'legacy').map(({ name }) => name));
  for (const { node } of mountsOf(own, await listMounts(run))) await unmountUnlessBusy(run, node);
}

/**
 * Mounts datasets of a root again that zfs(8) has mounted: parents first, so that what a jail has put in the way of their
 * children can be seen. Throws `root-unsafe`, `command-failed`.
 */
export async function mountAll(run: Run, root: string, members: readonly Member[]): Promise<void> {
  for (const { name, mountpoint } of members) {
    const obstacle = obstacleTo(root, mountpoint);
    if (!obstacle) await mountDataset(run, name);
    else if (await isMountedItself(run, name)) throw unmountable(name, obstacle);
  }
}

function obstacleTo(root: string, place: string): JtxError | undefined {
  try {
    requirePlace(root, place);
    return undefined;
  } catch (error) {
    if (error instanceof JtxError) return error;
    throw error;
  }
}

async function isMountedItself(run: Run, name: string): Promise<boolean> {
  return (await run(['zfs', 'get', '-H', '-o', 'value', 'canmount', name])).stdout.trim() === 'on';
}

/** The link is in the snapshot: every rollback brings it back. */
function unmountable(name: string, { code, message }: JtxError): JtxError {
  return new JtxError({
    code,
    outcome: 'stuck',
    message,
    hint: [
      `zfs set canmount=noauto ${name} && jtx recover    # leaves it unmounted`,
      'Then make a directory of the link, and:',
      `zfs set canmount=on ${name} && zfs mount ${name}`,
    ].join('\n'),
  });
}
