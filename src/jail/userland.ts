import { RootWalk } from '../host/root-walk.ts';
import type { JailAbi } from './abi.ts';

/** What a base's freebsd-version(1) says. */
export interface Userland {
  /** As it stands there: 14.1-RELEASE-p5. */
  version: string;
  /**
   * Comparable with an OSVERSION without its last three digits: 14.1 is 1401. Undefined before a release, when a branch
   * has the name of the next one for weeks and the OSVERSION of the one before.
   */
  release: number | undefined;
}

const file = 'bin/freebsd-version';
// The real one has 3 KB.
const largest = 64 * 1024;

/**
 * Reads the version that a base's freebsd-version(1) would print: the script is a text of the jail, and is never run.
 * Undefined where it says none. Throws `root-unsafe`.
 */
export function readUserland(root: string): Userland | undefined {
  const text = RootWalk.within(root, (walk) =>
    walk.open(file, ({ read, stats }) =>
      stats.size > largest ? undefined : read(0, stats.size).toString('latin1'),
    ),
  );
  return text === undefined ? undefined : parseUserland(text);
}

/** Finds the line `USERLAND_VERSION="14.1-RELEASE-p5"` in freebsd-version(1). Pure. */
export function parseUserland(text: string): Userland | undefined {
  const [, version = '', major, minor] =
    /^USERLAND_VERSION="?((\d{1,2})\.(\d{1,2})-[A-Za-z0-9.-]{1,40})"?$/m.exec(text) ?? [];
  if (version === '') return undefined;
  const released = /-RELEASE(-p\d+)?$/.test(version);
  return { version, release: released ? Number(major) * 100 + Number(minor) : undefined };
}

/** The release of an OSVERSION, as {@link Userland} has it: 1401 of 1401000. */
export function releaseOf(osversion: number): number {
  return Math.floor(osversion / 1000);
}

/** What a person should know of a base whose parts are of two releases, as an update leaves it that was cut off. */
export function halfUpdated({ osversion }: JailAbi, userland: Userland | undefined): string | undefined {
  const release = releaseOf(osversion);
  if (userland?.release === undefined || userland.release === release) return undefined;
  const built = `${Math.floor(release / 100)}.${release % 100}`;
  return `the base is half updated: ${file} says ${userland.version}, its programs were built for ${built} (${osversion})`;
}
