/** The errno(2) with which a system call failed, by its name, such as `ENOENT`; undefined for an error of another kind. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
