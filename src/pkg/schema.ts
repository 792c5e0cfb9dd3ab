/** The releases of pkg with which another schema of the package database came, newest first (docs/pkg-facts.md, 12). */
const releases: readonly { release: readonly [major: number, minor: number]; schema: number }[] = [
  { release: [2, 8], schema: 42 },
  { release: [2, 7], schema: 39 },
  { release: [2, 6], schema: 38 },
  { release: [2, 4], schema: 37 },
  { release: [1, 18], schema: 36 },
];

/** The newest schema that is known here: no pkg that is known migrates a database that has it. */
export const newestSchema = Math.max(...releases.map(({ schema }) => schema));

/**
 * The schema that a pkg migrates a database to, by what it says of its version (`pkg -v`); of a pkg that is newer than
 * what is known here at least this one. Undefined where nothing is known. Pure.
 */
export function schemaWritten(version: string): number | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)\b/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  const [own, step] = [Number(major), Number(minor)];
  return releases.find(({ release: [first, second] }) => own > first || (own === first && step >= second))
    ?.schema;
}
