import { posix } from 'node:path';
import { requirePlace } from '../host/inside-root.ts';
import { parentOf } from '../zfs/names.ts';

/**
 * Where the datasets of a jail's tree are mounted. A jail can put a link above a child's place while that is mounted; the
 * next mount follows it, and zfs(8) mounts a clone, and what gets a mount point, without being asked.
 */
export class Places {
  private readonly known: Map<string, string>;

  constructor(
    private readonly root: string,
    tree: Iterable<{ name: string; mountpoint: string }>,
  ) {
    this.known = new Map([...tree].map(({ name, mountpoint }) => [name, mountpoint]));
  }

  /**
   * Requires that no link leads out of the root on the way to a dataset's place: its own mount point, or else below its
   * parent's. Throws `root-unsafe`.
   */
  require(dataset: string, own: string | undefined): void {
    const above = this.known.get(parentOf(dataset)) ?? '';
    const place = own ?? posix.join(above, posix.basename(dataset));
    this.known.set(dataset, place);
    requirePlace(this.root, place);
  }
}
