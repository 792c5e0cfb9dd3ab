import { refused } from '../error.ts';
import { type LibxoList, libxoField, parseLibxoList } from './libxo.ts';
import { complaint, type Finished, type Run, succeeded } from './run.ts';

/** A mounted file system. */
export interface Mount {
  /** What is mounted: a dataset's name for ZFS. */
  special: string;
  /** The directory. */
  node: string;
  fstype: string;
  /** Nothing can be written through it. */
  readonly?: true;
}

const mount: LibxoList = {
  program: 'mount',
  container: 'mount',
  list: 'mounted',
  what: 'mounts',
  unreadable: 'mounts-unreadable',
};

/** Reads `mount --libxo=json` (docs/freebsd-facts.md, devfs). Throws `mounts-unreadable`. */
export function parseMounts(text: string): Mount[] {
  return parseLibxoList(mount, text).map((entry) => ({
    special: string(entry, 'special'),
    node: string(entry, 'node'),
    fstype: string(entry, 'fstype'),
    ...(isReadOnly(libxoField(entry, 'opts')) ? { readonly: true } : {}),
  }));
}

function isReadOnly(options: unknown): boolean {
  return Array.isArray(options) && options.includes('read-only');
}

function string(value: unknown, name: string): string {
  const found = libxoField(value, name);
  return typeof found === 'string' ? found : '';
}

/** What is mounted on this host, in the order in which it was mounted. */
export async function listMounts(run: Run): Promise<Mount[]> {
  return parseMounts(succeeded(await run(['mount', '--libxo=json'])).stdout);
}

/**
 * Mounts a restricted devfs. The directory must have been checked: mount(8) follows a symlink
 * (docs/freebsd-facts.md, devfs). Throws `command-failed`.
 */
export async function mountDevfs(run: Run, directory: string, ruleset: number): Promise<void> {
  const command = ['mount', '-t', 'devfs', '-o', `ruleset=${ruleset}`, 'devfs', directory] as const;
  succeeded(await run(command, { changes: true }));
}

/**
 * Mounts a directory of the host read-only at another. The place must have been checked: mount(8) follows a symlink.
 * Throws `command-failed`.
 */
export async function mountBase(run: Run, special: string, directory: string): Promise<void> {
  succeeded(await run(['mount', '-t', 'nullfs', '-o', 'ro', special, directory], { changes: true }));
}

/** What a path lies on: the file system that is mounted nearest above it, or at it. Pure. */
export function mountAbove(path: string, mounts: readonly Mount[]): Mount | undefined {
  const above = mounts.filter(({ node }) => path === node || path.startsWith(`${node}/`));
  return above.reduce<Mount | undefined>(
    (nearest, mount) => (nearest && nearest.node.length > mount.node.length ? nearest : mount),
    undefined,
  );
}

/** Unmounts what lies on top at a directory; that nothing is mounted there is fine. Throws `command-failed`. */
export async function unmount(run: Run, directory: string): Promise<void> {
  const finished = await run(['umount', directory], { changes: true });
  if (!isGone(finished)) succeeded(finished);
}

/** The same, without force. False where it stays mounted. */
export async function unmountUnlessBusy(run: Run, directory: string): Promise<boolean> {
  return isGone(await run(['umount', directory], { changes: true }));
}

function isGone({ status, stderr }: Finished): boolean {
  return status === 0 || /not a file system root|not mounted/i.test(stderr);
}

/**
 * Makes sure that a devfs ruleset is loaded: one that is not shows the host's whole /dev without a word.
 * Throws `devfs-ruleset-missing`.
 */
export async function requireRuleset(run: Run, ruleset: number): Promise<void> {
  const shown = await run(['devfs', 'rule', 'showsets']);
  if (shown.status === 0 && shown.stdout.split('\n').some((line) => line.trim() === String(ruleset))) return;
  throw refused(
    'devfs-ruleset-missing',
    shown.status === 0 ? `devfs ruleset ${ruleset} is not loaded` : `devfs(8): ${complaint(shown)}`,
    'service devfs restart loads the rulesets of /etc/defaults/devfs.rules.',
  );
}
