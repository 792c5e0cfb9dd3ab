import { usage } from '../error.ts';

/** Passes a jail's name on that jail(8) would accept and a file name can hold. Throws `usage`. */
export function jailName(name: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/.test(name) && !/^\d+$/.test(name)) return name;
  throw usage(
    `${JSON.stringify(name)} is no name of a jail`,
    'A name has letters, digits, "_", "." and "-", and is not a number.',
  );
}
