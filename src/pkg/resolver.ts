import { readFileSync } from 'node:fs';
import { readInside } from '../host/inside-root.ts';

/** The first name server of resolv.conf(5), if any. */
export function firstNameserver(text: string): string | undefined {
  return /^[ \t]*nameserver[ \t]+(\S+)/m.exec(text)?.[1];
}

const largest = 64 * 1024;

/**
 * The host's name server, for a jail that has none of its own: pkg resolves names inside the chroot, and an
 * offline jail has no resolv.conf. No file of the jail is changed for it.
 */
export function nameserverFor(root: string, hostResolvConf: string): string | undefined {
  const own = readInside(root, 'etc/resolv.conf', largest)?.toString('utf8');
  if (own !== undefined && firstNameserver(own) !== undefined) return undefined;
  try {
    return firstNameserver(readFileSync(hostResolvConf, 'utf8'));
  } catch {
    return undefined;
  }
}
