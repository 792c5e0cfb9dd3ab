import { readElf } from '../elf/read-elf.ts';
import { refused } from '../error.ts';
import { RootWalk } from '../host/root-walk.ts';
import { type Run, succeeded } from '../host/run.ts';
import { releaseOf, type Userland } from './userland.ts';

/** What the packages of a jail must be built for. */
export interface Abi {
  /** As pkg writes it: FreeBSD:14:amd64. */
  abi: string;
  osversion: number;
}

/** A jail's own ABI. */
export interface JailAbi extends Abi {
  machine: string;
}

/** The host's kernel. */
export interface Kernel {
  osreldate: number;
  machine: string;
  /** All whose programs it runs: on amd64 those of i386 too. */
  machines: readonly string[];
}

/** Reads ABI and OSVERSION from the note of the jail's own uname or sh, as pkg does. Throws `abi-unreadable`. */
export function readAbi(root: string): JailAbi {
  for (const path of ['usr/bin/uname', 'bin/sh']) {
    const elf = RootWalk.within(root, (walk) =>
      walk.open(path, ({ read, stats }) => readElf(read, stats.size)),
    );
    if (elf === undefined || 'broken' in elf) continue;
    const { osversion, machine } = elf;
    if (osversion === undefined || machine === undefined) continue;
    return { abi: `FreeBSD:${Math.floor(osversion / 100_000)}:${machine}`, osversion, machine };
  }
  throw refused(
    'abi-unreadable',
    `neither ${root}/usr/bin/uname nor ${root}/bin/sh says for which FreeBSD it was built`,
    'Name them: --abi FreeBSD:14:amd64 --osversion 1401000',
  );
}

/** The kernel's version and machines. Throws `command-failed`, `kernel-unreadable`. */
export async function hostKernel(run: Run): Promise<Kernel> {
  // Of what a kernel does not know, -i leaves the line out.
  const names = ['kern.osreldate', 'hw.machine_arch', 'kern.supported_archs'];
  const asked = succeeded(await run(['sysctl', '-in', ...names]));
  const match = /^(\d+)\n(\S+)\n?(.*)\n?$/.exec(asked.stdout);
  if (!match) {
    throw refused('kernel-unreadable', `sysctl(8) printed ${JSON.stringify(asked.stdout)} for the kernel`);
  }
  const [, osreldate, machine = '', listed = ''] = match;
  const machines = new Set([machine, ...listed.split(' ').filter((name) => name !== '')]);
  return { osreldate: Number(osreldate), machine, machines: [...machines] };
}

/** The machine of an ABI: amd64 of FreeBSD:14:amd64. */
export function machineOf(abi: string): string {
  return abi.split(':').at(-1) ?? '';
}

/**
 * Refuses a jail whose base is newer than the kernel, by its programs' note or by its freebsd-version(1). Throws
 * `jail-newer-than-kernel`.
 */
export function requireNotNewer(jail: JailAbi, userland: Userland | undefined, kernel: Kernel): void {
  const newest = releaseOf(kernel.osreldate);
  const newer = [
    ...(releaseOf(jail.osversion) > newest ? [String(jail.osversion)] : []),
    ...((userland?.release ?? 0) > newest ? [userland?.version] : []),
  ];
  if (newer.length === 0) return;
  throw refused(
    'jail-newer-than-kernel',
    `the jail's base (${newer.join(', ')}) is newer than the host's kernel (${kernel.osreldate})`,
    'Update the host first.',
  );
}
