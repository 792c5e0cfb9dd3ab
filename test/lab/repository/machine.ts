import { type JailAbi, readAbi } from '../../../src/jail/abi.ts';

/** How FreeBSD's packages name a machine and its system. */
export interface Machine {
  abi: string;
  arch: string;
  /** The FreeBSD_version that packages are marked with. */
  osversion: number;
}

const release14 = 1_401_000;

/** The machine that this program runs on, as packages for FreeBSD 14 name it. */
export function thisMachine(): Machine {
  if (process.arch === 'x64') return named('14', 'amd64', release14);
  if (process.arch === 'arm64') return named('14', 'aarch64', release14);
  throw new Error(`the lab has no repository for ${process.arch}: use an amd64 or an aarch64 machine`);
}

/** The machine and system that a root says it is made for. Throws `abi-unreadable`. */
export function machineOf(root: string): Machine {
  const { abi, machine, osversion }: JailAbi = readAbi(root);
  return named(abi.split(':')[1] ?? '', machine, osversion);
}

function named(major: string, machine: string, osversion: number): Machine {
  // The older of the two names has the width of a word in it.
  const older = { amd64: 'x86:64', aarch64: 'aarch64:64' }[machine] ?? machine;
  return { abi: `FreeBSD:${major}:${machine}`, arch: `freebsd:${major}:${older}`, osversion };
}
