/** A machine of elf(5) as pkg names it; width and byte order where one number serves several. */
export function machineName(machine: number, wide: boolean, little: boolean): string | undefined {
  switch (machine) {
    case 3:
      return 'i386';
    case 20:
      return 'powerpc';
    case 21:
      return little ? 'powerpc64le' : 'powerpc64';
    case 40:
      return 'armv7';
    case 62:
      return wide ? 'amd64' : undefined;
    case 183:
      return wide ? 'aarch64' : undefined;
    case 243:
      return wide ? 'riscv64' : undefined;
    default:
      return undefined;
  }
}
