import { usage } from '../error.ts';

/** Whether it is a name that jail(8) would accept and a file name can hold. */
export function isJailName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/.test(name) && !/^\d+$/.test(name);
}

/** Passes on what {@link isJailName}. Throws `usage`. */
export function jailName(name: string): string {
  if (isJailName(name)) return name;
  throw usage(
    `${JSON.stringify(name)} is no name of a jail`,
    'A name has letters, digits, "_", "." and "-", and is not a number.',
  );
}
