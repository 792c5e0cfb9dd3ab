import { posix } from 'node:path';
import { requirePlace } from '../host/inside-root.ts';
import { parentOf } from '../zfs/names.ts';

/**
 * Where the datasets of a jail's tree are mounted. A jail can put a link above a child's place while that is mounted; the
 * next mount follows it, and zfs(8) mounts a clone, and what gets a mount point, without being asked.
 */
export class Places {
  private readonly known: Map<string, string>;

  /** `dataset` is the jail's own, which is mounted at its root. */
  constructor(
    dataset: string,
    private readonly root: string,
    tree: Iterable<{ name: string; mountpoint: string }>,
  ) {
    this.known = new Map([...tree].map(({ name, mountpoint }) => [name, mountpoint]));
    this.known.set(dataset, root);
  }

  /**
   * Requires that no link leads out of the root on the way to a dataset's place: its own mount point, or else below its
   * parent's. Throws `root-unsafe`.
   */
  require(dataset: string, own: string | undefined): void {
    const place = own ?? this.inherited(dataset);
    this.known.set(dataset, place);
    requirePlace(this.root, place);
  }

  /** What is above the jail's own dataset is not known, and need not be. */
  private inherited(dataset: string): string {
    const above = this.known.get(parentOf(dataset));
    if (above === undefined) return this.known.get(dataset) ?? this.root;
    return above.startsWith('/') ? posix.join(above, posix.basename(dataset)) : above;
  }
}
