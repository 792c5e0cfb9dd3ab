import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Root } from './root.ts';

/** Finds a host's address the way a chrooted pkg does: with the jail's files or the NAMESERVER option. */
export async function addressOf(host: string, root: Root, nameserver: string): Promise<string | undefined> {
  const literal = host.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0) return literal;
  for (const line of linesOf(root, '/etc/hosts')) {
    const [address, ...names] = line.trim().split(/\s+/);
    if (address !== undefined && names.includes(host)) return address;
  }
  const servers = nameserver === '' ? configured(root) : [nameserver];
  const { Resolver } = await import('node:dns/promises');
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  try {
    resolver.setServers(servers);
    const [address] = await resolver.resolve4(host);
    return address;
  } catch {
    return undefined;
  }
}

function configured(root: Root): string[] {
  const servers = linesOf(root, '/etc/resolv.conf')
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1])
    .filter((server) => server !== undefined);
  // As resolver(3): without a configuration the name server is this machine.
  return servers.length > 0 ? servers : ['127.0.0.1'];
}

function linesOf(root: Root, path: string): string[] {
  try {
    return readFileSync(root.followed(path), 'utf8')
      .split('\n')
      .map((line) => line.replace(/#.*/, ''));
  } catch {
    return [];
  }
}
