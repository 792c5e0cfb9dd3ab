import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { readInside } from '../host/inside-root.ts';

/** The first name server of resolv.conf(5) that is an address, if any. */
export function firstNameserver(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => /^[ \t]*nameserver[ \t]+(\S+)/.exec(line)?.[1])
    .find((address) => address !== undefined && isIP(address) !== 0);
}

/** Whether names can be resolved by this resolv.conf(5). */
export function usableResolvConf(text: string): boolean {
  return firstNameserver(text) !== undefined;
}

const largest = 64 * 1024;

/**
 * The host's name server, for a jail that has none of its own: pkg resolves names inside the chroot, and an
 * offline jail has no resolv.conf. No file of the jail is changed for it.
 */
export function nameserverFor(root: string, hostResolvConf: string): string | undefined {
  const own = readInside(root, 'etc/resolv.conf', largest)?.toString('utf8');
  if (own !== undefined && usableResolvConf(own)) return undefined;
  try {
    return firstNameserver(readFileSync(hostResolvConf, 'utf8'));
  } catch {
    return undefined;
  }
}

/** What a jail's own hosts(5) says. Throws `root-unsafe`. */
export function hostsOf(root: string): string {
  return readInside(root, 'etc/hosts', largest)?.toString('utf8') ?? '';
}
