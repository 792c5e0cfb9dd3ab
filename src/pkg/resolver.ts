import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { readInside } from '../host/inside-root.ts';

/** The first name server of resolv.conf(5) that is an address, if any. */
export function firstNameserver(text: string): string | undefined {
  return nameservers(text)[0];
}

/** Whether pkg, in the host's network, can resolve names by this resolv.conf(5) of a jail. */
export function usableResolvConf(text: string): boolean {
  return nameservers(text).some((address) => !isLoopback(address));
}

function nameservers(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const address = /^[ \t]*nameserver[ \t]+(\S+)/.exec(line)?.[1];
    return address !== undefined && isIP(address) !== 0 ? [address] : [];
  });
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');
// A resolver that is told to ask any address asks its own machine.
loopback.addAddress('0.0.0.0');
loopback.addAddress('::', 'ipv6');

function isLoopback(address: string): boolean {
  return loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

const largest = 64 * 1024;

/**
 * The host's name server, for a jail that has none of its own: pkg resolves names inside the chroot, and an
 * offline jail has no resolv.conf. One on the jail's own loopback is none, because pkg runs in the host's network,
 * where that address is the host's. No file of the jail is changed for it.
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
