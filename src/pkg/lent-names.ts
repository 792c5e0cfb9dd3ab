import type { LookupAddress } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Finds the addresses of hosts in the place of a pkg that cannot. */
export interface Names {
  /** All addresses of a host, in the order in which they are to be tried. Rejects where there is none. */
  addressesOf(name: string): Promise<LookupAddress[]>;
  /** Gives up what is still asked for. */
  close(): void;
}

// Well below the time for which pkg waits for a connection: the host is asked after it.
const patience = { timeout: 3000, tries: 2 };

/**
 * Names as a jail would resolve them if it had the name server: its own hosts(5) first. What neither knows the host may
 * know, from a hosts(5) of its own.
 */
export function lendNames(nameserver: string, hosts: string): Names {
  const resolver = new Resolver(patience);
  const asksServer = useServer(resolver, nameserver);
  const known = new Map<string, Promise<LookupAddress[]>>();
  const find = async (name: string): Promise<LookupAddress[]> => {
    const listed = listedAddresses(hosts, name);
    if (listed.length > 0) return listed;
    const answered = asksServer ? await askServer(resolver, name) : [];
    return answered.length > 0 ? answered : lookup(name, { all: true, verbatim: true });
  };
  return {
    addressesOf(name) {
      // A name server that leaves questions unanswered would take its time for every package.
      const found = known.get(name) ?? find(name);
      known.set(name, found);
      found.catch(() => known.delete(name));
      return found;
    },
    close: () => resolver.cancel(),
  };
}

/** Whether it can be asked: a person may name one by what is no address. */
function useServer(resolver: Resolver, nameserver: string): boolean {
  try {
    resolver.setServers([nameserver]);
    return true;
  } catch {
    return false;
  }
}

async function askServer(resolver: Resolver, name: string): Promise<LookupAddress[]> {
  const families = [
    resolver.resolve4(name).then((addresses) => addresses.map((address) => ({ address, family: 4 }))),
    resolver.resolve6(name).then((addresses) => addresses.map((address) => ({ address, family: 6 }))),
  ];
  const answers = await Promise.allSettled(families);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
}

/** The addresses that a hosts(5) lists for a name. */
export function listedAddresses(hosts: string, name: string): LookupAddress[] {
  const wanted = name.toLowerCase();
  return hosts.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/);
    const family = isIP(address);
    return family !== 0 && names.includes(wanted) ? [{ address, family }] : [];
  });
}
