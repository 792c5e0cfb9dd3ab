/** How FreeBSD's packages name a machine. */
export interface Machine {
  abi: string;
  arch: string;
}

/** The machine that this program runs on, as packages for FreeBSD 14 name it. */
export function thisMachine(): Machine {
  if (process.arch === 'x64') return { abi: 'FreeBSD:14:amd64', arch: 'freebsd:14:x86:64' };
  if (process.arch === 'arm64') return { abi: 'FreeBSD:14:aarch64', arch: 'freebsd:14:aarch64:64' };
  throw new Error(`the lab has no repository for ${process.arch}: use an amd64 or an aarch64 machine`);
}

/** The FreeBSD_version that packages are marked with. */
export const OS_VERSION = '1401000';
